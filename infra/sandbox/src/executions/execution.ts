import type { GraphNode } from '../engine/plan-graph.js';
import type { PlanInstance, PlanTemplate } from '../engine/plan-template.js';
import type { RunObserver, RunResult, StepEnd } from '../engine/run-plan.js';
import type { JobChange, NewDag, NewJob, RunChange, RunState } from '../scheduler/run-records.js';
import type { ExecutionDocument, ExecutionIdentity } from './execution-document.js';

interface JobProgress {
  readonly startedOn: Date | null;
  readonly completedOn: Date | null;
  /** Absent while the job runs. */
  readonly end?: StepEnd;
}

const NOT_STARTED: JobProgress = { startedOn: null, completedOn: null };

/** One run that is under way: where each of its jobs stands, and what of it is not in the database yet. */
export class Execution implements RunObserver {
  readonly startedOn = new Date();
  private completedOn: Date | null = null;
  private result: RunResult | undefined;
  private readonly instance: PlanInstance;
  private readonly progress = new Map<string, JobProgress>();
  private readonly unwritten = new Set<GraphNode>();

  constructor(
    readonly identity: ExecutionIdentity,
    private readonly template: PlanTemplate,
  ) {
    this.instance = template.instantiate();
  }

  started(node: GraphNode): void {
    this.note(node, { startedOn: new Date(), completedOn: null });
  }

  ended(node: GraphNode, end: StepEnd): void {
    this.note(node, { startedOn: this.progress.get(node.id)?.startedOn ?? null, completedOn: new Date(), end });
  }

  conclude(result: RunResult): void {
    this.result = result;
    this.completedOn = new Date();
  }

  get durationMs(): number {
    return (this.completedOn ?? new Date()).getTime() - this.startedOn.getTime();
  }

  /** The run as it is entered in the database before its first job starts. */
  entry(): { readonly dag: NewDag; readonly jobs: readonly NewJob[] } {
    const { dagId, schema, workflow, version, planner } = this.identity;
    const origin = JSON.stringify({ schema, workflow, version });
    return {
      dag: {
        id: dagId,
        name: workflow,
        planner,
        state: 'active',
        startedOn: this.startedOn,
        serializedDag: `${origin.slice(0, -1)},"nodes":${this.instance.nodesJson}}`,
      },
      jobs: this.template.graph.nodes.map((node) => ({
        id: this.idOf(node.id),
        name: node.query.query_str,
        level: node.level,
        dependencies: node.dependencies.map((id) => this.idOf(id)),
        data: jobData(node),
      })),
    };
  }

  /** Whether any job has changed since the last {@link takeChange}. */
  hasChanged(): boolean {
    return this.unwritten.size > 0;
  }

  /** What the database does not know yet. Asking counts as telling it, until `giveBack`. */
  takeChange(): { readonly rows: RunChange; giveBack(): void } {
    const nodes = [...this.unwritten];
    this.unwritten.clear();
    return {
      rows: {
        dag: { id: this.identity.dagId, state: this.state(), completedOn: this.completedOn, error: null },
        jobs: nodes.map((node) => this.jobChange(node)),
      },
      giveBack: () => nodes.forEach((node) => this.unwritten.add(node)),
    };
  }

  document(): ExecutionDocument {
    const { dagId, workflow, version, planner } = this.identity;
    return {
      dag_id: dagId,
      workflow,
      version,
      planner,
      state: this.state(),
      started_on: this.startedOn.toISOString(),
      completed_on: this.completedOn?.toISOString() ?? null,
      error: this.result?.state === 'failed' ? this.result.error : null,
      output: this.result?.state === 'completed' ? this.result.output : null,
      jobs: this.template.graph.nodes.map((node) => ({
        id: this.idOf(node.id),
        name: node.query.query_str,
        task_id: node.id,
        state: stateOf(this.progress.get(node.id)),
        job_level: node.level,
        ...errorOf(this.progress.get(node.id)?.end),
      })),
    };
  }

  private state(): RunState {
    return this.result?.state ?? 'active';
  }

  private note(node: GraphNode, progress: JobProgress): void {
    this.progress.set(node.id, progress);
    this.unwritten.add(node);
  }

  private jobChange(node: GraphNode): JobChange {
    const { startedOn, completedOn, end } = this.progress.get(node.id) ?? NOT_STARTED;
    return {
      id: this.idOf(node.id),
      state: end?.state ?? 'active',
      startedOn,
      completedOn,
      output: recordedOutput(end),
    };
  }

  private idOf(taskId: string): string {
    return this.instance.ids.get(taskId) ?? taskId;
  }
}

function stateOf(progress: JobProgress | undefined): RunState {
  if (progress === undefined) return 'created';
  return progress.end?.state ?? 'active';
}

/** What stands in the job's output column: what it put out, or why it failed. */
function recordedOutput(end: StepEnd | undefined): unknown {
  if (end?.state === 'completed') return end.output;
  return end?.state === 'failed' ? { error: end.error } : null;
}

function errorOf(end: StepEnd | undefined): { error?: { code: string; message: string } } {
  return end?.state === 'failed' ? { error: end.error } : {};
}

function jobData({ query, rank }: GraphNode): string {
  const { method, endpoint = null, params = null } = query.definition;
  return JSON.stringify({ task_id: query.task_id, rank, node_type: query.node_type, method, endpoint, params });
}
