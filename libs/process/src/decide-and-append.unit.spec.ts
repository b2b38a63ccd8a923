import { accept, reject, type Decision, type Refusal } from '@m3/decider';
import { MemoryEventStore, type EventStore } from '@m3/event-store';
import { context, counter, counterEvents, counterRegistry, type CounterEvent } from './counter.fixture.spec.js';
import { decideAndAppend, eventsIn, StreamStates } from './index.js';

const stream = 'counter-1';
const replica = (store: EventStore) =>
  new StreamStates<number, CounterEvent>(store, { ...counter, accepts: eventsIn<CounterEvent>(counterEvents) });
const counted = (by: string): CounterEvent => ({ type: 'Counted', data: { by } });

function decide(
  store: EventStore,
  states: StreamStates<number, CounterEvent>,
  choose: (count: number) => Decision<CounterEvent, Refusal>,
) {
  return decideAndAppend({ store, states, stream, decide: choose, context });
}

describe('decideAndAppend', () => {
  it('decides again on what another writer left', async () => {
    const store = new MemoryEventStore(counterRegistry());
    const [ours, theirs] = [replica(store), replica(store)];
    await decide(store, ours, () => accept(counted('ours')));
    await decide(store, theirs, () => accept(counted('theirs')));
    const seen: number[] = [];

    const decided = await decide(store, ours, (count) => {
      seen.push(count);
      return accept(counted('ours'));
    });

    expect(seen).toEqual([1, 2]);
    expect(decided).toMatchObject({ outcome: 'accepted', state: 3 });
  });

  it('lets all of ten replicas that race count, once each', async () => {
    const store = new MemoryEventStore(counterRegistry());
    const names = Array.from({ length: 10 }, (_, index) => `replica ${index}`);
    await Promise.all(names.map((by) => decide(store, replica(store), () => accept(counted(by)))));

    const events = await store.readStream(stream);
    expect(events.map(({ data }) => data).sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))).toEqual(
      names.map((by) => ({ by })),
    );
  });

  it('refuses, and does nothing, only on a state that is fresh', async () => {
    const store = new MemoryEventStore(counterRegistry());
    const [ours, theirs] = [replica(store), replica(store)];
    await decide(store, ours, () => accept(counted('ours')));
    await decide(store, theirs, () => accept(counted('theirs')));

    const refusal = (count: number) => (count < 2 ? reject('too_early', 'it is too early') : accept(counted('now')));
    expect(await decide(store, ours, refusal)).toMatchObject({ outcome: 'accepted', state: 3 });
    const nothing = (count: number) => (count < 3 ? accept<CounterEvent>() : accept(counted('more')));
    expect(await decide(store, theirs, nothing)).toMatchObject({ outcome: 'accepted', state: 4 });
  });

  it('answers a refusal as a value, with the state it was decided on', async () => {
    const store = new MemoryEventStore(counterRegistry());
    const states = replica(store);
    expect(await decide(store, states, () => reject('never', 'never'))).toMatchObject({
      outcome: 'rejected',
      rejection: { code: 'never' },
      state: 0,
    });
    expect(await store.readStream(stream)).toEqual([]);
  });

  it('gives up on a stream that somebody appends to without end', async () => {
    const store = new MemoryEventStore(counterRegistry());
    const busy: EventStore = {
      append: async (writes, cause) => {
        const [write] = writes;
        const actual = (await store.readStream(stream)).length;
        await store.append([{ stream, expectedVersion: actual, events: [counted('other')] }], cause);
        return store.append(write ? [write] : [], cause);
      },
      readStream: (name, after) => store.readStream(name, after),
      readLog: (read) => store.readLog(read),
      readHeads: (read) => store.readHeads(read),
      lastSeq: () => store.lastSeq(),
    };
    await expect(decide(busy, replica(busy), () => accept(counted('ours')))).rejects.toThrow(
      'counter-1: 20 version conflicts in a row',
    );
  });
});
