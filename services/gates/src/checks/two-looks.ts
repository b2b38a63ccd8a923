import { setTimeout as sleep } from 'node:timers/promises';
import type { OutsideFault } from '@m3/target-access';
import type { Verdict } from '../domain/check.js';

/** Long enough for a database that restarts, or a gateway that is replaced, to be back. */
const pauseMs = 3_000;

/** A question to something outside, which is asked once more when it gets no answer. */
export interface Look<Answer> {
  readonly answer: Promise<Answer>;
  /** Why there was a second look, once the answer is settled; null: there was none. */
  readonly before: () => OutsideFault | null;
}

export interface Looking {
  /** What an error says of the other side; null: it is a fault of our own. */
  readonly describe: (error: unknown) => OutsideFault | null;
  /** Milliseconds until nobody waits for the answer any more. */
  readonly remainingMs: () => number;
}

/** Asks; and once more where there was no answer, or a fault that may pass, and as much time is left as the first took. */
export function look<Answer>(ask: () => Promise<Answer>, { describe, remainingMs }: Looking): Look<Answer> {
  let before: OutsideFault | null = null;
  const started = performance.now();
  const again = async (error: unknown) => {
    const fault = describe(error);
    const took = performance.now() - started;
    if (!fault?.retryable || remainingMs() < took + pauseMs) throw error;
    before = fault;
    await sleep(pauseMs);
    return ask();
  };
  return { answer: ask().catch(again), before: () => before };
}

/** A verdict that came of a second look says so, and why there was one. */
export function afterLooks(verdict: Verdict, { before }: Pick<Look<unknown>, 'before'>, at: Date): Verdict {
  const fault = before();
  if (fault === null) return verdict;
  const text = `${fault.reason} (${fault.code}); it is asked once more`.slice(0, 2000);
  return {
    ...verdict,
    message: `${verdict.message} (at the second look)`,
    log: [{ at: at.toISOString(), level: 'warning', text }, ...(verdict.log ?? [])],
    metrics: { ...verdict.metrics, looks: 2 },
  };
}
