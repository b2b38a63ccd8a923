import type { NodeOf, QueryNode } from '@m3/artifacts';
import { createRegexMatcher } from './bounded-regex.js';
import type { JsonObject } from './json.js';
import { routerOf, type GraphNode, type PlanGraph } from './plan-graph.js';
import { PlanProgress, type Settlement, type Verdict } from './plan-progress.js';
import { route } from './routing.js';
import { RunData } from './run-data.js';

/** A node whose work is done by an executor, not by the engine itself. */
export type CallableNode = NodeOf<'EXECUTOR_ENDPOINT'> | NodeOf<'PYTHON_FUNCTION'> | NodeOf<'LLM'>;

export interface ExecutorCall {
  readonly node: CallableNode;
  readonly input: JsonObject;
  /** What the dependencies put out, merged. */
  readonly upstream: JsonObject;
}

/** Does a node's work. Throws {@link ExecutorError} when it cannot. */
export type Executor = (call: ExecutorCall) => JsonObject | Promise<JsonObject>;

export class ExecutorError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'ExecutorError';
  }
}

export interface StepError {
  readonly code: string;
  readonly message: string;
}

/** How a node ended. `cancelled`: its path was not taken, or the run failed before its turn came. */
export type StepEnd =
  | { readonly state: 'completed'; readonly output: JsonObject }
  | { readonly state: 'failed'; readonly error: StepError }
  | { readonly state: 'cancelled' };

export interface RunObserver {
  started(node: GraphNode): void;
  /** Called exactly once for each node. */
  ended(node: GraphNode, end: StepEnd): void;
}

export type RunResult =
  | { readonly state: 'completed'; readonly output: JsonObject }
  | { readonly state: 'failed'; readonly error: StepError };

export interface RunRequest {
  readonly graph: PlanGraph;
  readonly input: JsonObject;
  readonly metadata: JsonObject;
  readonly execute: Executor;
  readonly observer: RunObserver;
}

/**
 * Runs a plan: each node once its dependencies have settled, side by side where they allow it. The first node that fails
 * fails the run: what runs already is waited for, what has not started is cancelled.
 */
export function runPlan(request: RunRequest): Promise<RunResult> {
  return new PlanRun(request).result();
}

type StepWork =
  | { readonly kind: 'ended'; readonly output: JsonObject; readonly settlement: Settlement }
  | { readonly kind: 'failed'; readonly error: StepError };

class PlanRun {
  private readonly progress: PlanProgress;
  private readonly data: RunData;
  private readonly matches = createRegexMatcher();
  private readonly queue: Verdict[] = [];
  private running = 0;
  private failure: StepError | undefined;
  private finish: (result: RunResult) => void = () => undefined;

  constructor(private readonly request: RunRequest) {
    this.progress = new PlanProgress(request.graph);
    this.data = new RunData(request.input, request.metadata);
  }

  result(): Promise<RunResult> {
    return new Promise((resolve) => {
      this.finish = resolve;
      this.queue.push(...this.progress.begin());
      this.advance();
    });
  }

  private advance(): void {
    // Carrying out a verdict may append others to the queue; the loop reaches them too.
    for (const verdict of this.queue) this.carryOut(verdict);
    this.queue.length = 0;
    if (this.running > 0) return;
    for (const node of this.progress.undecided()) this.request.observer.ended(node, { state: 'cancelled' });
    this.finish(
      this.failure === undefined
        ? { state: 'completed', output: this.data.outputOf(this.request.graph.last.map((node) => node.id)) }
        : { state: 'failed', error: this.failure },
    );
  }

  private carryOut({ node, next }: Verdict): void {
    if (next === 'skip' || this.failure !== undefined) return this.request.observer.ended(node, { state: 'cancelled' });
    this.request.observer.started(node);
    if (next === 'fail') {
      const message = `"${node.query.query_str}" joins more paths than were taken`;
      return this.conclude(node, { kind: 'failed', error: { code: 'merge_incomplete', message } });
    }
    const work = this.work(node);
    if (!(work instanceof Promise)) return this.conclude(node, work);
    this.running += 1;
    void work.then((done) => {
      this.running -= 1;
      this.conclude(node, done);
      this.advance();
    });
  }

  private conclude(node: GraphNode, work: StepWork): void {
    if (work.kind === 'failed') {
      this.failure ??= work.error;
      return this.request.observer.ended(node, { state: 'failed', error: work.error });
    }
    this.data.add(node, work.output);
    this.request.observer.ended(node, { state: 'completed', output: work.output });
    this.queue.push(...this.progress.settle(node.id, work.settlement));
  }

  private work(node: GraphNode): StepWork | Promise<StepWork> {
    const upstream = this.data.outputOf(node.dependencies);
    const { query } = node;
    if (!isCallable(query)) return this.control(query, upstream);
    return attempt(() => this.request.execute({ node: query, input: this.request.input, upstream }));
  }

  private control(node: QueryNode, upstream: JsonObject): StepWork {
    const router = routerOf(node);
    if (router === undefined) return { kind: 'ended', output: upstream, settlement: { kind: 'completed' } };
    try {
      const { targets, account } = route(router, this.data.root(), this.matches);
      return { kind: 'ended', output: { ...upstream, ...account }, settlement: { kind: 'completed', targets } };
    } catch {
      return failed('routing_failed', `"${node.query_str}" cannot be decided over this input`);
    }
  }
}

function isCallable(node: QueryNode): node is CallableNode {
  const { method } = node.definition;
  return method === 'EXECUTOR_ENDPOINT' || method === 'LLM' || method === 'PYTHON_FUNCTION';
}

async function attempt(execute: () => JsonObject | Promise<JsonObject>): Promise<StepWork> {
  try {
    return { kind: 'ended', output: await execute(), settlement: { kind: 'completed' } };
  } catch (error) {
    if (error instanceof ExecutorError) return failed(error.code, error.message);
    return failed('executor_failed', 'the executor ended with an unexpected error');
  }
}

function failed(code: string, message: string): StepWork {
  return { kind: 'failed', error: { code, message } };
}
