import { LRUCache } from 'lru-cache';
import type { BusLog } from './bus-log.js';
import type { DeadLetter, DeadLetters } from './dead-letters.js';
import { Busy, describeFault, isFinal, isOutage, type Fault } from './errors.js';
import type { Lane } from './lane.js';
import type { MessagingMetrics, Source } from './metrics.js';

/**
 * What became of one delivery. `retry`: bring it again after that time. `wait`: the same, but nothing was wrong with the
 * message, so it need not go back to where it came from.
 */
export type Outcome =
  | { readonly kind: 'handled' }
  | { readonly kind: 'dead-lettered' }
  | { readonly kind: 'retry' | 'wait'; readonly afterMs: number };

/** One message on its way to one handler. */
export interface Task {
  /** Identity of the message within this service: the same in each redelivery. */
  readonly key: string;
  readonly pattern: string;
  readonly lane: Lane;
  readonly source: Source;
  /** @param tried whether it was tried in this process before */
  run(tried: boolean): Promise<unknown>;
  /** The message as a dead letter, should it come to that. */
  letter(fault: Fault, attempts: number): DeadLetter;
}

export interface RetryPolicy {
  /** Failed attempts after which a message becomes a dead letter. */
  readonly maxAttempts: number;
  /** Pause after the first, second … failed attempt; the last one is repeated. */
  readonly delaysMs: readonly number[];
}

export const defaultRetryPolicy: RetryPolicy = {
  maxAttempts: 8,
  delaysMs: [50, 200, 1_000, 5_000, 15_000, 30_000, 60_000],
};

interface Trouble {
  failures: number;
  busy: number;
  /** Milliseconds since the epoch before which it is not tried again. */
  notBefore: number;
}

export const HANDLED: Outcome = { kind: 'handled' };
const DEAD_LETTERED: Outcome = { kind: 'dead-lettered' };
const FIRST_BUSY_DELAY_MS = 250;
const MAX_BUSY_DELAY_MS = 2_000;

/**
 * Runs handlers, for the bus and for catch-up alike: a message that is being handled is joined, one that was handled is
 * skipped, one that failed waits for its turn, one that cannot be handled becomes a dead letter. Never rejects.
 */
export class Handling {
  private readonly inFlight = new Map<string, Promise<Outcome>>();
  private readonly done = new LRUCache<string, true>({ max: 20_000 });
  private readonly troubles = new LRUCache<string, Trouble>({ max: 5_000 });
  private justHandled: string[] = [];

  constructor(
    private readonly deadLetters: DeadLetters,
    private readonly policy: RetryPolicy,
    private readonly metrics: MessagingMetrics,
    private readonly log: BusLog,
  ) {}

  handle(task: Task): Promise<Outcome> | Outcome {
    const running = this.inFlight.get(task.key);
    if (running) return running;
    if (this.done.has(task.key)) return HANDLED;
    const wait = (this.troubles.get(task.key)?.notBefore ?? 0) - performance.now();
    if (wait > 0) return { kind: 'retry', afterMs: wait };
    const attempt = this.attempt(task);
    this.inFlight.set(task.key, attempt);
    return attempt;
  }

  /** How many messages are being handled or wait for a place. */
  get running(): number {
    return this.inFlight.size;
  }

  isDone(key: string): boolean {
    return this.done.has(key);
  }

  /** Messages that another replica of this service has handled. */
  markDone(keys: Iterable<string>): void {
    for (const key of keys) this.done.set(key, true);
  }

  /** The keys handled since the last call, for the other replicas. */
  takeJustHandled(): readonly string[] {
    const keys = this.justHandled;
    this.justHandled = [];
    return keys;
  }

  private async attempt(task: Task): Promise<Outcome> {
    await task.lane.enter();
    const startedAt = performance.now();
    try {
      await task.run(this.troubles.has(task.key));
      this.finish(task.key);
      this.metrics.handled(task.pattern, task.source, performance.now() - startedAt);
      return HANDLED;
    } catch (error) {
      return await this.afterFault(task, error);
    } finally {
      this.inFlight.delete(task.key);
      task.lane.leave();
    }
  }

  private finish(key: string): void {
    this.done.set(key, true);
    this.troubles.delete(key);
    this.justHandled.push(key);
  }

  private afterFault(task: Task, error: unknown): Promise<Outcome> | Outcome {
    const trouble = this.troubles.get(task.key) ?? { failures: 0, busy: 0, notBefore: 0 };
    this.troubles.set(task.key, trouble);
    if (error instanceof Busy || isOutage(error)) {
      return postpone(trouble, 'wait', Math.min(FIRST_BUSY_DELAY_MS * 2 ** trouble.busy++, MAX_BUSY_DELAY_MS));
    }
    trouble.failures++;
    const fault = describeFault(error);
    const { key, pattern, source } = task;
    if (isFinal(error) || trouble.failures >= this.policy.maxAttempts) return this.giveUp(task, fault, trouble);
    this.metrics.failed(pattern, source);
    this.log.warn({ key, pattern, source, attempt: trouble.failures, err: error }, 'handling a message failed');
    return postpone(trouble, 'retry', this.delayAfter(trouble.failures));
  }

  private async giveUp(task: Task, fault: Fault, trouble: Trouble): Promise<Outcome> {
    const { key, pattern } = task;
    try {
      await this.deadLetters.record(task.letter(fault, trouble.failures));
    } catch (error) {
      this.log.error(
        { key, pattern, code: fault.code, err: error },
        'a dead letter could not be recorded; trying again',
      );
      return postpone(trouble, 'retry', this.delayAfter(trouble.failures));
    }
    this.finish(key);
    this.metrics.deadLettered(pattern, fault.code);
    this.log.error({ key, pattern, attempts: trouble.failures, ...fault }, 'a message became a dead letter');
    return DEAD_LETTERED;
  }

  private delayAfter(failures: number): number {
    const { delaysMs } = this.policy;
    return delaysMs[Math.min(failures, delaysMs.length) - 1] ?? 1_000;
  }
}

function postpone(trouble: Trouble, kind: 'retry' | 'wait', afterMs: number): Outcome {
  trouble.notBefore = performance.now() + afterMs;
  return { kind, afterMs };
}
