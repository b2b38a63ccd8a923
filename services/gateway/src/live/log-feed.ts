import { setTimeout as pause } from 'node:timers/promises';
import type { RecordedEvent } from '@m3/contracts';
import { tailLog, type EventStore } from '@m3/event-store';

export interface LogFeedOptions {
  readonly store: Pick<EventStore, 'readLog' | 'lastSeq'>;
  /** Told about faults; the feed starts again by itself. */
  readonly onError?: (error: unknown) => void;
  /** Latest events kept in memory for those who follow closely; default 500. */
  readonly keep?: number;
  /** Default 50 ms. */
  readonly pollMs?: number;
}

const BATCH = 500;
const RETRY_MS = 500;

/**
 * One tail of the log for everybody in this process. Followers pull: each has its own position, reads from memory while it
 * is close behind, from the store when it is not, and so can neither hold up the others nor fill memory.
 */
export class LogFeed {
  private readonly stopping = new AbortController();
  private readonly waiting = new Set<() => void>();
  private latest: RecordedEvent[] = [];
  private headSeq = 0;
  private endFound = false;
  private running: Promise<void> | null = null;

  constructor(private readonly options: LogFeedOptions) {}

  /** The last `seq` that was seen. Followers have everything up to here within reach. */
  get head(): number {
    return this.headSeq;
  }

  /** Resolves when the feed has looked for the end of the log. If it could not, it goes on trying. */
  async start(): Promise<void> {
    if (this.running) return;
    await this.findEnd().catch((error: unknown) => this.options.onError?.(error));
    this.running = this.run();
  }

  /** Ends the feed and everybody who follows it. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake();
    await this.running;
  }

  /** Events after a point, for ever, in batches that are never empty; ends with the signal or with the feed. */
  async *follow(afterSeq: number, signal: AbortSignal): AsyncGenerator<readonly RecordedEvent[], void, undefined> {
    const over = AbortSignal.any([signal, this.stopping.signal]);
    for (let from = afterSeq; !over.aborted;) {
      const batch = await this.next(from, over);
      const last = batch.at(-1)?.seq;
      if (last == null) continue;
      from = last;
      yield batch;
    }
  }

  private async next(from: number, over: AbortSignal): Promise<readonly RecordedEvent[]> {
    if (from >= this.headSeq) {
      await this.news(over);
      return [];
    }
    const oldest = this.latest[0]?.seq ?? Infinity;
    if (from + 1 < oldest) return this.options.store.readLog({ afterSeq: from, limit: BATCH });
    const start = from + 1 - oldest;
    return this.latest.slice(start, start + BATCH);
  }

  private async news(over: AbortSignal): Promise<void> {
    if (over.aborted) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.waiting.delete(done);
        over.removeEventListener('abort', done);
        resolve();
      };
      this.waiting.add(done);
      over.addEventListener('abort', done);
    });
  }

  private wake(): void {
    for (const resolve of [...this.waiting]) resolve();
  }

  private async findEnd(): Promise<void> {
    this.headSeq = await this.options.store.lastSeq();
    this.endFound = true;
    this.wake();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.tail(signal).catch((error: unknown) => this.options.onError?.(error));
      await pause(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async tail(signal: AbortSignal): Promise<void> {
    const { store, pollMs = 50, keep = 500 } = this.options;
    if (!this.endFound) await this.findEnd();
    for await (const batch of tailLog(store, { afterSeq: this.headSeq, signal, pollMs, limit: BATCH })) {
      this.latest = [...this.latest, ...batch].slice(-keep);
      this.headSeq = batch.at(-1)?.seq ?? this.headSeq;
      this.wake();
    }
  }
}
