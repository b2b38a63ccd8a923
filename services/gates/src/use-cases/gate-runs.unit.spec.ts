import { EventRegistry, eventCatalogue, newId } from '@m3/contracts';
import { MemoryEventStore, type AppendContext, type EventStore } from '@m3/event-store';
import { eventually } from '@m3/testing';
import { checkResult, failed, passed } from '../domain/check.js';
import { ask, conclude, startRun, type RunIds } from '../domain/gate-run.js';
import type { DecideRun } from '../domain/gate-run.quiet.js';
import { GateRuns } from './gate-runs.js';

const now = '2026-03-19T14:00:00.000Z';
const context: AppendContext = {
  ...{ actor: { kind: 'service', id: 'gates' }, correlationId: 'test', causationId: null, occurredAt: now },
};
const longMs = 600_000;

function stand(quietMs: number, store: EventStore = new MemoryEventStore(new EventRegistry(eventCatalogue))) {
  const ids: RunIds = { gate_run_id: newId('gateRun'), publish_id: newId('publish') };
  const runs = new GateRuns(store, quietMs);
  const judged = { gates: ['a', 'b'], not_run: [], override: null, deadline_at: now };
  const start: DecideRun = (state) => startRun(ids, judged, state, now);
  const done =
    (name: string, verdict = passed('well')): DecideRun =>
    (state) =>
      conclude(ids, checkResult(name, verdict, 5, now), state, now);
  const asked: DecideRun = (state) =>
    ask(ids, 'b', { token_digest: `sha256:${'a'.repeat(64)}`, deadline_at: now }, state);
  return {
    ...{ store, start, done, asked },
    begin: (by = runs) => by.begin(ids.gate_run_id, context, start),
    record: (decide: DecideRun, by = runs) => by.record(ids.gate_run_id, context, decide),
    types: async () => (await store.readStream(`gaterun-${ids.gate_run_id}`)).map(({ type }) => type),
    last: async () => (await store.readStream(`gaterun-${ids.gate_run_id}`)).at(-1),
  };
}

describe('a run of gates that has just begun', () => {
  it('leaves only its end when it is over within a moment', async () => {
    const { begin, record, done, types, last } = stand(longMs);
    await begin();
    await record(done('a', failed('broken')));
    expect(await types()).toEqual([]);
    await record(done('b'));
    expect(await types()).toEqual(['GatesCompleted']);
    expect(await last()).toMatchObject({ data: { outcome: 'failed', gates: [{ name: 'a' }, { name: 'b' }] } });
  });

  it('is recorded when the moment has passed, and from then on as it goes', async () => {
    const { begin, record, done, types } = stand(1);
    await begin();
    await eventually('the run is recorded', async () => (await types()).length > 0);
    await record(done('a'));
    expect(await types()).toEqual(['GatesStarted', 'GateCompleted']);
    await record(done('b'));
    expect(await types()).toEqual(['GatesStarted', 'GateCompleted', 'GateCompleted', 'GatesCompleted']);
  });

  it('is recorded before an external gate hears of it', async () => {
    const { begin, record, done, asked, types } = stand(longMs);
    await begin();
    await record(done('a'));
    await record(asked);
    expect(await types()).toEqual(['GatesStarted', 'GateCompleted', 'GateAsked']);
  });

  it('counts what another replica has recorded', async () => {
    const { store, begin, record, done, types } = stand(longMs);
    const other = new GateRuns(store, longMs);
    await begin();
    await begin(other);
    await record(done('a'));
    await record(done('b'));
    await record(done('a'), other);
    await record(done('b'), other);
    expect(await types()).toEqual(['GatesCompleted']);
  });

  it('records everything with the next result when the log could not be written', async () => {
    const inner = new MemoryEventStore(new EventRegistry(eventCatalogue));
    let broken = true;
    const store: EventStore = {
      append: (writes, cause) => (broken ? Promise.reject(new Error('the log is down')) : inner.append(writes, cause)),
      readStream: (stream, after) => inner.readStream(stream, after),
      readLog: (read) => inner.readLog(read),
      readHeads: (read) => inner.readHeads(read),
      lastSeq: () => inner.lastSeq(),
    };
    const { begin, record, done, asked, types } = stand(longMs, store);
    await begin();
    await record(done('a'));
    await expect(record(asked)).rejects.toThrow('the log is down');
    broken = false;
    await record(done('b'));
    expect(await types()).toEqual(['GatesStarted', 'GateCompleted', 'GateAsked', 'GateCompleted', 'GatesCompleted']);
  });
});
