import type { RecordedEvent } from '@m3/contracts';
import { LogGapError } from './errors.js';
import { appended } from './event-store.contract.spec.js';
import { MemoryEventStore } from './memory-event-store.js';
import { context, paid, placed, sampleRegistry } from './sample-events.spec.js';
import { tailLog } from './tail-log.js';

async function storeWith(count: number): Promise<MemoryEventStore> {
  const store = new MemoryEventStore(sampleRegistry);
  const events = Array.from({ length: count }, (_, n) => (n % 2 === 0 ? placed(n) : paid(n)));
  appended(await store.append([{ stream: 'order-1', expectedVersion: 0, events }], context));
  return store;
}

describe('tailing the log', () => {
  it('gives batches from a checkpoint on, then what is appended later, until it is ended', async () => {
    const store = await storeWith(5);
    const done = new AbortController();
    const batches: (number | null)[][] = [];

    for await (const batch of tailLog(store, { afterSeq: 1, limit: 3, pollMs: 1, signal: done.signal })) {
      batches.push(batch.map((event) => event.seq));
      if (batches.length === 2) {
        await store.append([{ stream: 'order-1', expectedVersion: 5, events: [placed(5)] }], context);
      }
      if (batches.length === 3) done.abort();
    }

    expect(batches).toEqual([[2, 3, 4], [5], [6]]);
  });

  it('gives only the types asked for', async () => {
    const done = new AbortController();
    const seen: (number | null)[] = [];

    for await (const batch of tailLog(await storeWith(6), { afterSeq: 0, types: ['OrderPaid'], signal: done.signal })) {
      seen.push(...batch.map((event) => event.seq));
      done.abort();
    }

    expect(seen).toEqual([2, 4, 6]);
  });

  it('ends at once while it waits', async () => {
    const done = new AbortController();
    const log = tailLog(await storeWith(0), { afterSeq: 0, pollMs: 60_000, signal: done.signal });
    const next = log.next();

    setImmediate(() => done.abort());

    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('waits after a batch that was not full', async () => {
    const store = await storeWith(5);
    const done = new AbortController();
    let reads = 0;
    const counting: Pick<MemoryEventStore, 'readLog'> = {
      readLog: (read) => {
        reads += 1;
        if (reads === 2) setImmediate(() => done.abort());
        return store.readLog(read);
      },
    };
    const options = { afterSeq: 0, limit: 3, pollMs: 60_000, signal: done.signal };
    const seen: number[] = [];

    for await (const batch of tailLog(counting, options)) seen.push(batch.length);

    expect({ seen, reads }).toEqual({ seen: [3, 2], reads: 2 });
  });

  it('never passes over a gap', async () => {
    const [first, , third] = await (await storeWith(3)).readLog({ afterSeq: 0, limit: 3 });
    const holed = { readLog: () => Promise.resolve([first, third].filter((event): event is RecordedEvent => !!event)) };

    const next = tailLog(holed, { afterSeq: 0, signal: new AbortController().signal }).next();

    await expect(next).rejects.toEqual(new LogGapError(2, 3));
  });
});
