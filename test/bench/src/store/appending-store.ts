import { performance } from 'node:perf_hooks';

/** A store as a writer sees it: one event at a time, with the version that the stream is expected to have. */
export interface AppendingStore {
  readonly name: string;
  /** Appends one event to a stream that has `version` events; rejects when it has not. */
  append(stream: string, version: number): Promise<void>;
  close(): Promise<void>;
}

export interface Load {
  readonly writers: number;
  /** A writer then begins a new stream; about as long as a publish's. */
  readonly eventsPerStream: number;
  readonly durationMs: number;
  /** Part of the streams' names; one that this store has not seen. */
  readonly round: string;
}

/** Events per second that the writers, each with streams of its own, get into the store. */
export async function appendsPerSecond(store: AppendingStore, load: Load): Promise<number> {
  const begin = performance.now();
  const counts = await Promise.all(
    Array.from({ length: load.writers }, (_, writer) => write(store, load, writer, begin + load.durationMs)),
  );
  const events = counts.reduce((sum, count) => sum + count, 0);
  return events / ((performance.now() - begin) / 1000);
}

async function write(store: AppendingStore, load: Load, writer: number, end: number): Promise<number> {
  let events = 0;
  for (; performance.now() < end; events += 1) {
    const stream = `publish-${load.round}.${writer}.${Math.floor(events / load.eventsPerStream)}`;
    await store.append(stream, events % load.eventsPerStream);
  }
  return events;
}
