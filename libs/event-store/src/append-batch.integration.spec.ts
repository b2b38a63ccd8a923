import { eventually } from '@m3/testing';
import fc from 'fast-check';
import { createPool } from './create-pool.js';
import { EventStoreUnavailableError } from './errors.js';
import { appended } from './event-store.contract.spec.js';
import { openFaultyNetwork, type FaultyNetwork } from './faulty-network.spec.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { context, paid, placed, sampleRegistry } from './sample-events.spec.js';
import { slowWriter } from './slow-writer.spec.js';
import { createThrowawayLog, type ServiceLogin, type ThrowawayLog } from './throwaway-log.spec.js';

let log: ThrowawayLog;
let service: ServiceLogin;
let store: PostgresEventStore;

beforeEach(async () => {
  log = await createThrowawayLog();
  service = await log.roleOwning('order');
  store = new PostgresEventStore(service.pool, sampleRegistry);
});

afterEach(async () => {
  await log.drop();
});

const append = (stream: string, number: number, on = store) =>
  on.append([{ stream, expectedVersion: 0, events: [placed(number)] }], context);

describe('appends that arrive together', () => {
  it('share a transaction, and so a wait for the disk', async () => {
    await Promise.all(Array.from({ length: 60 }, (_, n) => append(`order-${n}`, n)));

    const { rows } = await log.owner.query<{ transactions: number }>(
      'SELECT count(DISTINCT transaction_id)::int AS transactions FROM event_store.event',
    );
    expect(rows[0]?.transactions).toBe(1);
  });

  it('go through even if the database cannot take one of them', async () => {
    await log.owner.query(`
      CREATE FUNCTION event_store.choke() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'choked'; END $$;
      CREATE TRIGGER choke BEFORE INSERT ON event_store.event FOR EACH ROW
        WHEN (NEW.data ->> 'number' = '13') EXECUTE FUNCTION event_store.choke()`);

    const results = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => append(`order-${n}`, n)));

    const failed = results.flatMap((result, n) => (result.status === 'rejected' ? [n] : []));
    expect(failed).toEqual([13]);
    expect(results[13]).toMatchObject({ reason: { message: expect.stringContaining('choked') } });
  });

  it('never deadlock, whatever streams they touch from whatever process, and are all or nothing', async () => {
    const processes = Array.from({ length: 4 }, () => new PostgresEventStore(service.pool, sampleRegistry));
    const streams = fc.uniqueArray(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 5 });
    const plan = fc.record({ process: fc.nat(3), streams, onlyRead: fc.nat(2) });
    let run = 0;

    await fc.assert(
      fc.asyncProperty(fc.array(plan, { minLength: 10, maxLength: 60 }), async (plans) => {
        const prefix = `order-${run++}`;
        const written = plans.map(async ({ process, streams: touched, onlyRead }) => {
          const through = processes[process] ?? store;
          const names = touched.map((n) => `${prefix}-${n}`);
          const writes = await Promise.all(
            names.map(async (stream, index) => ({
              stream,
              expectedVersion: (await through.readStream(stream)).length,
              events: index > 0 && index <= onlyRead ? [] : [placed(index)],
            })),
          );
          const result = await through.append(writes, context);
          return result.outcome === 'appended' ? result.events.length : 0;
        });
        const count = (await Promise.all(written)).reduce((sum, events) => sum + events, 0);
        const kept = await Promise.all(Array.from({ length: 8 }, (_, n) => store.readStream(`${prefix}-${n}`)));
        expect(kept.flat()).toHaveLength(count);
        for (const events of kept)
          expect(events.map((event) => event.streamVersion)).toEqual(events.map((_, i) => i + 1));
      }),
      { numRuns: 8, seed: 20_260_102, endOnFailure: true },
    );
  });
});

describe('an append in the database', () => {
  it('is refused in a transaction that has written before: stream order could turn round', async () => {
    const client = await log.owner.connect();
    await client.query('BEGIN; CREATE TEMPORARY TABLE written (id int)');

    await expect(slowWriter(client, ['order-1'], 0, 0)).rejects.toMatchObject({ code: '25001' });
    client.release(true);
  });

  it('is refused where it could see versions older than its locks', async () => {
    const client = await log.owner.connect();
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');

    await expect(slowWriter(client, ['order-1'], 0, 0)).rejects.toThrow('read committed');
    client.release(true);
  });

  it('is refused twice for one stream in a batch', async () => {
    await expect(slowWriter(log.owner, ['order-1', 'order-1'], 0, 0)).rejects.toThrow('may occur once');
  });

  it('waits for a transaction that holds its stream, and then conflicts', async () => {
    const holder = await log.owner.connect();
    await holder.query('BEGIN');
    await slowWriter(holder, ['order-1'], 0, 0);
    const waiting = append('order-1', 2);
    await eventually('it waits', async () => {
      const { rowCount } = await log.owner.query(`SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event = 'advisory'`);
      return rowCount === 1;
    });
    await holder.query('COMMIT');
    holder.release();

    expect(await waiting).toMatchObject({ outcome: 'conflict', conflict: { actualVersion: 1 } });
  });

  it('gives positions in the order of the events', async () => {
    const events = appended(
      await store.append(
        [
          { stream: 'order-b', expectedVersion: 0, events: [placed(1), paid(1), placed(2)] },
          { stream: 'order-a', expectedVersion: 0, events: [placed(3), paid(2)] },
        ],
        context,
      ),
    );

    const positions = events.map((event) => event.position);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
  });
});

describe('over a network that fails', () => {
  let network: FaultyNetwork;
  let remote: PostgresEventStore;
  let pool: ReturnType<typeof createPool>;

  beforeEach(async () => {
    network = await openFaultyNetwork(service.url);
    pool = createPool({ connectionString: network.url, applicationName: 'spec', max: 4, statementTimeoutMs: 300 });
    remote = new PostgresEventStore(pool, sampleRegistry);
    await append('order-0', 0, remote);
  });

  afterEach(async () => {
    await pool.end();
    await network.close().catch(() => undefined);
  });

  it('an append whose answer is lost is repeated, and happens once', async () => {
    network.loseNextAnswer();

    const results = await Promise.all([append('order-1', 1, remote), append('order-0', 2, remote)]);

    const [event] = appended(results[0]);
    expect(event).toMatchObject({ stream: 'order-1', streamVersion: 1, position: expect.any(Number) });
    expect((await store.readStream('order-1')).map(({ eventId }) => eventId)).toEqual([event?.eventId]);
    expect(results[1]).toMatchObject({ outcome: 'conflict', conflict: { actualVersion: 1 } });
  });

  it('appends and reads fail as unavailable when the server cannot be reached', async () => {
    await network.close();

    const failure = { code: 'event_store_unavailable' };
    await expect(append('order-1', 1, remote)).rejects.toMatchObject(failure);
    await expect(remote.readStream('order-0')).rejects.toBeInstanceOf(EventStoreUnavailableError);
    await expect(remote.readLog({ afterSeq: 0, limit: 1 })).rejects.toMatchObject(failure);
    await expect(remote.lastSeq()).rejects.toMatchObject(failure);
  });

  it('says nothing of passwords', async () => {
    await network.close();

    const error: unknown = await append('order-1', 1, remote).catch((reason: unknown) => reason);

    const told = JSON.stringify(error, Object.getOwnPropertyNames(error)) + String((error as Error).cause);
    expect(told).not.toContain('secret');
  });
});

describe('a log restored from a dump', () => {
  it('is refused until it is adopted, and then goes on in order', async () => {
    await append('order-1', 1);
    await log.owner.query(`INSERT INTO event_store.event
      (transaction_id, stream, stream_version, type, schema_version, event_id, data, metadata, recorded_at, digest)
      SELECT '900000000000', 'order-2', 1, type, 1, gen_random_uuid(), data, metadata, recorded_at, digest
      FROM event_store.event`);

    await expect(append('order-3', 3)).rejects.toThrow('adopt_restored_log');
    await expect(log.owner.query('SELECT event_store.seal_next(10)')).rejects.toThrow('adopt_restored_log');

    await log.owner.query('SELECT event_store.adopt_restored_log(), event_store.adopt_restored_log()');
    await append('order-3', 3);
    const events = await eventually(
      'all are sealed',
      async () => {
        await log.owner.query('SELECT event_store.seal_next(10)');
        return store.readLog({ afterSeq: 0, limit: 10 });
      },
      { until: (found) => found.length === 3 },
    );
    expect(events.map((event) => event.stream)).toEqual(['order-1', 'order-2', 'order-3']);
  });
});
