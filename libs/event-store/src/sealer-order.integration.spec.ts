import type { RecordedEvent } from '@m3/contracts';
import { eventually } from '@m3/testing';
import { allEnded, anomalies, observeLateCommits } from './late-commits.spec.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { context, paid, placed, sampleRegistry } from './sample-events.spec.js';
import { Sealer } from './sealer.js';
import { slowWriter } from './slow-writer.spec.js';
import { tailLog } from './tail-log.js';
import { createThrowawayLog, type ThrowawayLog } from './throwaway-log.spec.js';

/** Sealers as one would write them first. `$rows` chooses what they stamp, after the position stamped last. */
const brokenSealer = (rows: string): string => `
  CREATE OR REPLACE FUNCTION event_store.seal_next(batch integer, OUT stamped integer, OUT waiting boolean)
  LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM pg_advisory_xact_lock(7301, 1);
    WITH last AS (SELECT coalesce(max(seq), 0) AS seq, coalesce(max(position), 0) AS position FROM event_store.seal)
    INSERT INTO event_store.seal (seq, position, type)
    SELECT last.seq + row_number() OVER (ORDER BY e.position), e.position, e.type
    FROM last, event_store.event e WHERE e.position > last.position AND ${rows};
    GET DIAGNOSTICS stamped = ROW_COUNT;
  END $$`;

let log: ThrowawayLog;
let store: PostgresEventStore;
let sealers: Sealer[];

beforeEach(async () => {
  log = await createThrowawayLog();
  const service = await log.roleOwning('order');
  store = new PostgresEventStore(service.pool, sampleRegistry);
  sealers = [1, 2].map(() => new Sealer({ connectionString: service.url }));
});

afterEach(async () => {
  await Promise.all(sealers.map((sealer) => sealer.stop()));
  await log.drop();
});

describe('the order of the log under many writers, some of whom commit late', () => {
  it('lets no reader skip, repeat or reorder an event', async () => {
    sealers.forEach((sealer) => sealer.start());

    const { appended, readers } = await observeLateCommits(log.owner, store);

    expect(appended).toBe(12 * (14 * 3 + 13 * 2 + 13) + 6 * 8 * 2);
    for (const events of readers) {
      expect(anomalies(events, appended)).toEqual([]);
      expect(new Set(events.map((event) => event.eventId)).size).toBe(appended);
    }
  });

  it('is the same for readers who want few types', async () => {
    sealers.forEach((sealer) => sealer.start());
    const done = new AbortController();
    const seen: RecordedEvent[] = [];
    const reading = (async () => {
      for await (const batch of tailLog(store, {
        afterSeq: 0,
        types: ['OrderPaid'],
        signal: done.signal,
        pollMs: 3,
        limit: 3,
      })) {
        seen.push(...batch);
        if (seen.length >= 40) done.abort();
      }
    })();
    await Promise.all([
      slowWriter(log.owner, ['order-slow'], 0, 150),
      ...Array.from({ length: 40 }, (_, n) =>
        store.append([{ stream: `order-${n}`, expectedVersion: 0, events: [placed(n), paid(n)] }], context),
      ),
    ]);
    await reading;

    const all = await store.readLog({ afterSeq: 0, limit: 1000 });
    expect(seen).toEqual(all.filter((event) => event.type === 'OrderPaid'));
  });
});

describe('a transaction that commits after one with later positions', () => {
  /** Answers the streams in sealed order, after sealing while the late transaction was open and again when it had ended. */
  async function sealAroundLateCommit(): Promise<string[]> {
    const [gate, late] = [await log.owner.connect(), await log.owner.connect()];
    await gate.query(`SELECT pg_advisory_lock(1)`);
    await gate.query(WAIT_AT_GATE);
    const first = store.append([{ stream: 'order-a', expectedVersion: 0, events: [placed(1), placed(2)] }], context);
    await eventually('the first has drawn an id and a position', () => waitsForLock(log));
    await late.query('BEGIN');
    await slowWriter(late, ['order-b'], 0, 0);
    await gate.query(`SELECT pg_advisory_unlock(1)`);
    await first;
    await eventually('the first is sealed', () => seal(2));
    await late.query('COMMIT');
    gate.release();
    late.release();
    await eventually('the late one can be sealed', () => allEnded(log.owner));
    await seal(3);
    return (await store.readLog({ afterSeq: 0, limit: 10 })).map((event) => event.stream);
  }

  async function seal(expected: number): Promise<boolean> {
    await log.owner.query('SELECT event_store.seal_next(10)');
    return (await store.lastSeq()) === expected;
  }

  it('is sealed after it', async () => {
    expect(await sealAroundLateCommit()).toEqual(['order-a', 'order-a', 'order-b']);
  });

  it.each([
    ['a checkpoint on the serial number', 'true'],
    ['a cursor on the serial number below xmin', 'e.transaction_id < pg_snapshot_xmin(pg_current_snapshot())'],
  ])('would be lost by %s', async (_, rows) => {
    await log.owner.query(brokenSealer(rows));

    expect(await sealAroundLateCommit()).toEqual(['order-a', 'order-a']);
  });
});

/** Each event of order-a waits, after it has got its position, until nobody holds the gate. */
const WAIT_AT_GATE = `
  CREATE FUNCTION event_store.gate() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NEW; END $$;
  CREATE TRIGGER gate BEFORE INSERT ON event_store.event FOR EACH ROW
    WHEN (NEW.stream = 'order-a') EXECUTE FUNCTION event_store.gate()`;

async function waitsForLock({ owner }: ThrowawayLog): Promise<boolean> {
  const { rowCount } = await owner.query(`SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
    WHERE d.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted`);
  return rowCount === 1;
}
