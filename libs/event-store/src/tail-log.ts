import { setTimeout as pause } from 'node:timers/promises';
import type { RecordedEvent } from '@m3/contracts';
import { LogGapError } from './errors.js';
import type { EventStore } from './event-store.js';

export interface LogSubscription {
  /** Exclusive: where the reader stands. */
  readonly afterSeq: number;
  /** Only these event types; absent: all. */
  readonly types?: readonly string[];
  /** Ends the subscription. */
  readonly signal: AbortSignal;
  /** How long to wait at the end of the log; default 20 ms. */
  readonly pollMs?: number;
  /** Events in one batch at most; default 500. */
  readonly limit?: number;
}

/**
 * Sealed events from a point on, for ever, in batches that are never empty: none skipped, none repeated. A batch ends where
 * a reader may store its checkpoint (the last `seq`). Faults of the store throw; start again from the checkpoint.
 * @throws LogGapError
 */
export async function* tailLog(
  store: Pick<EventStore, 'readLog'>,
  { afterSeq, types, signal, pollMs = 20, limit = 500 }: LogSubscription,
): AsyncGenerator<readonly RecordedEvent[], void, undefined> {
  for (let from = afterSeq; !signal.aborted;) {
    const events = await readNext(store, from, limit, types);
    if (events.length > 0) yield events;
    from = events.at(-1)?.seq ?? from;
    // A batch that is not full ends where the log did.
    if (events.length < limit) await pauseUnlessAborted(pollMs, signal);
  }
}

async function readNext(
  store: Pick<EventStore, 'readLog'>,
  afterSeq: number,
  limit: number,
  types: readonly string[] | undefined,
): Promise<readonly RecordedEvent[]> {
  if (types !== undefined) return store.readLog({ afterSeq, limit, types });
  const events = await store.readLog({ afterSeq, limit });
  assertDense(events, afterSeq);
  return events;
}

function assertDense(events: readonly RecordedEvent[], afterSeq: number): void {
  events.forEach(({ seq }, index) => {
    if (seq !== afterSeq + index + 1) throw new LogGapError(afterSeq + index + 1, seq);
  });
}

async function pauseUnlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => undefined);
}
