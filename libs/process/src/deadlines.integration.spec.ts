import type { RecordedEvent } from '@m3/contracts';
import { MemoryEventStore, migrate } from '@m3/event-store';
import { useTestDatabase } from '@m3/testing';
import pg from 'pg';
import { context, counterEvents, counterRegistry, type CounterEvent } from './counter.fixture.spec.js';
import {
  Deadlines,
  eventsIn,
  processMigrations,
  untilNews,
  type DeadlineChange,
  type LookAgain,
  type News,
} from './index.js';

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
  let onDue = async (key: string): Promise<LookAgain | null> => {
    due.push(key);
    return null;
  };
  const replica = () =>
    new Deadlines({
      pool,
      store,
      service,
      types: counterEvents.map(({ type }) => type),
      change,
      onDue: (key) => onDue(key),
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
    awaitNews: (key: string, of: string, deadline_at = untilNews) =>
      record(`counter-${key}`, { type: 'Awaited', data: { deadline_at, wakes_on: [of, 'other'] } }),
    tell: (of: string) => record('counter-teller', { type: 'Told', data: { of } }),
    settle: (key: string) => record(`counter-${key}`, { type: 'Settled', data: {} }),
    advance: (seconds: number) => void (now += seconds * 1000),
    whenDue: (act: (key: string) => Promise<LookAgain | null>) => void (onDue = act),
  };
}

const isCounterEvent = eventsIn<CounterEvent>(counterEvents);

function change({ stream, type, data }: RecordedEvent): DeadlineChange | News | null {
  const key = stream.slice('counter-'.length);
  const event = { type, data };
  if (!isCounterEvent(event) || event.type === 'Counted') return null;
  if (event.type === 'Settled') return { key, dueAt: null };
  if (event.type === 'Told') return { wakes: [event.data.of] };
  return { key, dueAt: event.data.deadline_at, wakesOn: event.data.wakes_on ?? [] };
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
      return null;
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
    whenDue((key) => {
      due.push(key);
      return Promise.resolve({ lookAgainAt: due.length === 1 ? at(600) : null });
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
    whenDue(async (key) => {
      due.push(key);
      if (due.length > 1) return null;
      await awaiting('a', at(90));
      await replica().tick();
      return { lookAgainAt: at(600) };
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
    const deadlines = replica();
    for (let look = 1; look <= 3; look += 1) await deadlines.tick();
    await pool.query('truncate process.deadline, process.checkpoint');

    advance(60);
    await deadlines.tick();
    expect(due).toEqual(['a']);
  });
});

describe('news', () => {
  it('bring forward what waits for them, whether it was taken in before or comes with them', async () => {
    const { due, replica, awaitNews, tell } = process();
    const deadlines = replica();
    await awaitNews('before', 'rain', at(60));
    await deadlines.tick();
    await awaitNews('with', 'rain');
    await awaitNews('elsewhere', 'snow');
    await tell('rain');
    await deadlines.tick();

    expect([...due].sort()).toEqual(['before', 'with']);
  });

  it('say nothing to those who began to wait after them, and nothing to those who no longer wait', async () => {
    const { due, replica, awaitNews, settle, tell } = process();
    const deadlines = replica();
    await awaitNews('settled', 'rain');
    await deadlines.tick();
    await tell('rain');
    await settle('settled');
    await awaitNews('after', 'rain');
    await deadlines.tick();

    expect(due).toEqual([]);
  });

  it('that changed nothing leave the deadline as it was', async () => {
    const { due, replica, advance, awaitNews, tell, whenDue } = process();
    const deadlines = replica();
    await awaitNews('a', 'rain', at(60));
    whenDue(async (key) => {
      due.push(key);
      return { lookAgainAt: at(60) };
    });
    await tell('rain');
    await deadlines.tick();
    advance(59);
    await deadlines.tick();
    expect(due).toEqual(['a']);
    advance(1);
    await deadlines.tick();
    expect(due).toEqual(['a', 'a']);
  });

  it('that come while somebody acts are acted on too', async () => {
    const { due, replica, awaitNews, tell, whenDue } = process();
    const [one, other] = [replica(), replica()];
    await awaitNews('a', 'rain');
    await tell('rain');
    whenDue(async (key) => {
      due.push(key);
      if (due.length > 1) return { lookAgainAt: untilNews };
      await tell('rain');
      await other.tick();
      return { lookAgainAt: untilNews };
    });
    await one.tick();

    expect(due).toEqual(['a', 'a']);
  });

  it('that nobody has acted on are told of again', async () => {
    const { due, errors, replica, advance, awaitNews, tell, whenDue } = process();
    await awaitNews('a', 'rain');
    await tell('rain');
    whenDue(async () => {
      throw new Error('killed');
    });
    await replica().tick();
    whenDue(async (key) => {
      due.push(key);
      return null;
    });
    advance(5);
    await replica().tick();

    expect(errors).toHaveLength(1);
    expect(due).toEqual(['a']);
  });
});
