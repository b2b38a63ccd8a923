import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { Faults } from '../faults.js';
import type { JsonObject } from '../engine/json.js';
import { createMockExecutor } from '../engine/mock-executors.js';
import type { PlanTemplate } from '../engine/plan-template.js';
import { runPlan, type Executor } from '../engine/run-plan.js';
import { RunRecords } from '../scheduler/run-records.js';
import { MetricsBook } from '../target/version-metrics.js';
import { Execution } from './execution.js';
import type { ExecutionDocument, ExecutionIdentity } from './execution-document.js';
import { readExecution } from './execution-history.js';
import { ExecutorSlots } from './executor-slots.js';
import { withFaults } from './faulty-executor.js';
import { RunProgress } from './run-progress.js';

const EXECUTOR_SLOTS = 256;

export interface ExecutionData {
  readonly input: JsonObject;
  readonly metadata: JsonObject;
}

/** An execution that was entered in the database and is under way. */
export interface RunningExecution {
  document(): ExecutionDocument;
  /** Resolves when it has ended and its end is in the database, or could not be written for half a minute. */
  readonly ended: Promise<void>;
}

/** Starts executions, keeps those under way, and finds those of the past. */
export class Executions {
  readonly slots = new ExecutorSlots(EXECUTOR_SLOTS);
  readonly metrics = new MetricsBook();
  private readonly running = new Map<string, RunningExecution & { readonly identity: ExecutionIdentity }>();
  private readonly records: RunRecords;
  private readonly abandoned = new AbortController();
  private readonly execute: Executor;

  constructor(
    private readonly pool: Pool,
    private readonly faults: Faults,
    /** Told of a run whose end could not be written: its row stays `active`. */
    private readonly onUnwritten: (identity: ExecutionIdentity) => void,
  ) {
    this.records = new RunRecords(pool);
    this.execute = createMockExecutor(this.abandoned.signal);
  }

  /** Enters the run in the database, then runs it; answers when it was entered. */
  async start(identity: ExecutionIdentity, template: PlanTemplate, data: ExecutionData): Promise<RunningExecution> {
    const execution = new Execution(identity, template);
    const { dag, jobs } = execution.entry();
    await this.records.enter(dag, jobs);
    const ended = this.run(execution, template, data).finally(() => this.running.delete(identity.dagId));
    const running = { identity, ended, document: () => execution.document() };
    this.running.set(identity.dagId, running);
    return running;
  }

  /** Enters a run that is to be planned yet. */
  async accept(identity: ExecutionIdentity): Promise<void> {
    const { dagId, schema, workflow, version, planner } = identity;
    const serializedDag = JSON.stringify({ schema, workflow, version, nodes: [] });
    await this.records.enter(
      { id: dagId, name: workflow, planner, state: 'created', startedOn: null, serializedDag },
      [],
    );
  }

  /** Ends a run that could not be planned: failed, without jobs. */
  async refuse(identity: ExecutionIdentity, error: { readonly code: string; readonly message: string }): Promise<void> {
    await this.records.change({
      dag: { id: identity.dagId, state: 'failed', completedOn: new Date(), error },
      jobs: [],
    });
  }

  /** The run that is under way, if the schema may see it: one without a schema is seen from every schema. */
  underWay(dagId: string, schema: string): RunningExecution | undefined {
    const running = this.running.get(dagId);
    return running !== undefined && (running.identity.schema ?? schema) === schema ? running : undefined;
  }

  /** From the database; `undefined` when the schema has no such run. */
  past(schema: string, dagId: string): Promise<ExecutionDocument | undefined> {
    return readExecution(this.pool, schema, dagId);
  }

  /** Runs under way by version. */
  draining(schema: string): readonly { readonly version: string; readonly running: number }[] {
    const counts = new Map<string, number>();
    for (const { identity } of this.running.values()) {
      if (identity.schema !== schema || identity.version === null) continue;
      counts.set(identity.version, (counts.get(identity.version) ?? 0) + 1);
    }
    return [...counts].map(([version, running]) => ({ version, running }));
  }

  /** Waits for the runs under way, at most this long; the rest stay `active` in the database, as after a crash. */
  async close(graceMs: number): Promise<void> {
    const all = Promise.allSettled([...this.running.values()].map(({ ended }) => ended));
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([all, new Promise((resolve) => (timer = setTimeout(resolve, graceMs)))]);
    clearTimeout(timer);
    this.abandoned.abort();
    await all;
  }

  private async run(execution: Execution, template: PlanTemplate, data: ExecutionData): Promise<void> {
    const { signal } = this.abandoned;
    const progress = new RunProgress(this.records, execution);
    const execute = withFaults(this.execute, this.faults, { fails: this.faults.nextExecutionFails(), signal });
    const result = await runPlan({
      graph: template.graph,
      ...data,
      execute: (call) => this.slots.run(() => execute(call)),
      observer: execution,
    });
    if (signal.aborted) return progress.stop();
    execution.conclude(result);
    this.count(execution, result.state === 'failed');
    await progress.finish(signal).catch(() => this.onUnwritten(execution.identity));
  }

  private count({ identity, durationMs }: Execution, failed: boolean): void {
    if (identity.schema === null || identity.version === null) return;
    this.metrics.record(identity.schema, identity.version, { failed, durationMs });
  }
}

/** An id for a run that is about to start. */
export function newDagId(): string {
  return randomUUID();
}
