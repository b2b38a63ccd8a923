import type { RecordedEvent } from '@m3/contracts';
import { MemoryEventStore, migrate } from '@m3/event-store';
import { useTestDatabase } from '@m3/testing';
import pg from 'pg';
import { context, counterEvents, counterRegistry, type CounterEvent } from './counter.fixture.spec.js';
import { Deadlines, processMigrations, type DeadlineChange, type LookAgain } from './index.js';

let pool: pg.Pool;
// Hooks run in this order: the pool ends before the database goes.
afterAll(() => pool.end());
const database = useTestDatabase({
  name: 'process',
  prepare: async (url) => {
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    await migrate(pool, processMigrations);
    await pool.end();
  },
});
beforeAll(() => {
  pool = new pg.Pool({ connectionString: database.url, max: 8 });
});

let services = 0;

/** A log, a clock that the test moves, and as many replicas of one service as it wants. */
function process() {
  const store = new MemoryEventStore(counterRegistry());
  const service = `service_${++services}`;
  const due: string[] = [];
  const errors: unknown[] = [];
  let now = Date.parse('2026-01-01T00:00:00Z');
  let onDue = async (key: string, _lookAgain: LookAgain): Promise<void> => void due.push(key);
  const replica = () =>
    new Deadlines({
      pool,
      store,
      service,
      types: counterEvents.map(({ type }) => type),
      change,
      onDue: (key, lookAgain) => onDue(key, lookAgain),
      clock: () => new Date(now),
      onError: (error) => void errors.push(error),
    });
  const record = async (stream: string, event: CounterEvent) => {
    const expectedVersion = (await store.readStream(stream)).length;
    await store.append([{ stream, expectedVersion, events: [event] }], context);
  };
  return {
    due,
    errors,
    replica,
    await: (key: string, deadline_at: string) => record(`counter-${key}`, { type: 'Awaited', data: { deadline_at } }),
    settle: (key: string) => record(`counter-${key}`, { type: 'Settled', data: {} }),
    advance: (seconds: number) => void (now += seconds * 1000),
    whenDue: (act: (key: string, lookAgain: LookAgain) => Promise<void>) => void (onDue = act),
  };
}

function change({ stream, type, data }: RecordedEvent): DeadlineChange | null {
  const key = stream.slice('counter-'.length);
  if (type === 'Settled') return { key, dueAt: null };
  return 'deadline_at' in data && typeof data.deadline_at === 'string' ? { key, dueAt: data.deadline_at } : null;
}

const at = (seconds: number) => new Date(Date.parse('2026-01-01T00:00:00Z') + seconds * 1000).toISOString();

describe('deadlines', () => {
  it('are told of when they have passed, and not before', async () => {
    const { due, replica, advance, await: awaiting } = process();
    const deadlines = replica();
    await awaiting('a', at(60));

    advance(59);
    await deadlines.tick();
    expect(due).toEqual([]);
    advance(1);
    await deadlines.tick();
    expect(due).toEqual(['a']);
  });

  it('that were settled or moved in time are not told of', async () => {
    const { due, replica, advance, settle, await: awaiting } = process();
    const deadlines = replica();
    await awaiting('settled', at(60));
    await awaiting('moved', at(60));
    await deadlines.tick();
    await settle('settled');
    await awaiting('moved', at(120));

    advance(60);
    await deadlines.tick();
    expect(due).toEqual([]);
    advance(60);
    await deadlines.tick();
    expect(due).toEqual(['moved']);
  });

  it('that were set and settled between two looks leave nothing behind', async () => {
    const { due, replica, advance, settle, await: awaiting } = process();
    await awaiting('a', at(60));
    await settle('a');
    const deadlines = replica();
    advance(61);
    await deadlines.tick();
    expect(due).toEqual([]);
  });

  it('are told of by one of two replicas that look at the same moment', async () => {
    const { due, errors, replica, advance, await: awaiting } = process();
    const keys = Array.from({ length: 250 }, (_, index) => `key.${index}`);
    for (const key of keys) await awaiting(key, at(60));
    const replicas = [replica(), replica()];

    advance(60);
    for (let round = 0; round < 3; round += 1) await Promise.all(replicas.map((each) => each.tick()));

    expect([...due].sort()).toEqual([...keys].sort());
    expect(errors).toEqual([]);
  });

  it('are told of again until the log says that they are over', async () => {
    const { due, errors, replica, advance, settle, whenDue, await: awaiting } = process();
    const deadlines = replica();
    await awaiting('a', at(60));
    let calls = 0;
    whenDue(async (key) => {
      calls += 1;
      if (calls === 1) throw new Error('the log does not answer');
      due.push(key);
      await settle(key);
    });

    advance(60);
    await deadlines.tick();
    expect(errors).toHaveLength(1);
    advance(5);
    await deadlines.tick();
    advance(5);
    await deadlines.tick();
    expect(due).toEqual(['a']);
  });

  it('are told of next when their owner says, and not again when it says never', async () => {
    const { due, replica, advance, whenDue, await: awaiting } = process();
    const deadlines = replica();
    await awaiting('a', at(60));
    whenDue(async (key, lookAgain) => {
      due.push(key);
      await lookAgain(due.length === 1 ? at(600) : null);
    });

    advance(60);
    await deadlines.tick();
    advance(539);
    await deadlines.tick();
    expect(due).toEqual(['a']);
    advance(1);
    await deadlines.tick();
    advance(3_600);
    await deadlines.tick();
    expect(due).toEqual(['a', 'a']);
  });

  it('that the log has moved meanwhile stay where it put them, whatever their owner says', async () => {
    const { due, replica, advance, whenDue, await: awaiting } = process();
    await awaiting('a', at(60));
    whenDue(async (key, lookAgain) => {
      due.push(key);
      if (due.length > 1) return;
      await awaiting('a', at(90));
      await replica().tick();
      await lookAgain(at(600));
    });

    advance(60);
    await replica().tick();
    advance(30);
    await replica().tick();
    expect(due).toEqual(['a', 'a']);
  });

  it('come back from the log when their table was lost', async () => {
    const { due, replica, advance, await: awaiting } = process();
    await awaiting('a', at(60));
    await replica().tick();
    await pool.query('truncate process.deadline, process.checkpoint');

    advance(60);
    await replica().tick();
    expect(due).toEqual(['a']);
  });
});
