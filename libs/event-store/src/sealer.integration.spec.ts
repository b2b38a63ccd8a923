import type { RecordedEvent } from '@m3/contracts';
import { eventually } from '@m3/testing';
import { appended } from './event-store.contract.spec.js';
import { openFaultyNetwork } from './faulty-network.spec.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { context, placed, sampleRegistry } from './sample-events.spec.js';
import { sealStatus } from './seal-status.js';
import { Sealer, type SealerOptions } from './sealer.js';
import { createThrowawayLog, type ServiceLogin, type ThrowawayLog } from './throwaway-log.spec.js';
import { slowWriter } from './slow-writer.spec.js';

let log: ThrowawayLog;
let service: ServiceLogin;
let store: PostgresEventStore;
let sealers: Sealer[];

const startSealer = (options: Partial<SealerOptions> = {}): Sealer => {
  const sealer = new Sealer({ connectionString: service.url, standbyMs: 50, ...options });
  sealer.start();
  sealers.push(sealer);
  return sealer;
};

beforeEach(async () => {
  log = await createThrowawayLog();
  service = await log.roleOwning('order');
  store = new PostgresEventStore(service.pool, sampleRegistry);
  sealers = [];
});

afterEach(async () => {
  await Promise.all(sealers.map((sealer) => sealer.stop()));
  await log.drop();
});

async function appendOne(stream: string, version: number): Promise<RecordedEvent | undefined> {
  return appended(await store.append([{ stream, expectedVersion: version, events: [placed(version)] }], context))[0];
}

describe('what is sealed', () => {
  it('waits for an older transaction that is still open, wherever it wrote', async () => {
    await log.owner.query('CREATE TABLE elsewhere (id int)');
    const open = await log.owner.connect();
    await open.query('BEGIN; INSERT INTO elsewhere VALUES (1)');
    await appendOne('order-1', 0);

    const whileOpen = await log.owner.query<{ stamped: number }>('SELECT stamped FROM event_store.seal_next(10)');
    const status = await sealStatus(log.owner);
    await open.query('COMMIT');
    open.release();

    expect(whileOpen.rows).toEqual([{ stamped: 0 }]);
    expect(status).toMatchObject({ lastSeq: 0, unsealed: 1 });
    await eventually('sealed', async () => {
      await log.owner.query('SELECT event_store.seal_next(10)');
      return (await store.lastSeq()) === 1;
    });
  });

  it('leaves no gap where appends were rolled back or refused', async () => {
    await appendOne('order-1', 0);
    const client = await log.owner.connect();
    await client.query('BEGIN');
    await slowWriter(client, ['order-2'], 0, 0);
    await client.query('ROLLBACK');
    client.release();
    await store.append([{ stream: 'order-1', expectedVersion: 0, events: [placed(9)] }], context);
    await appendOne('order-3', 0);
    startSealer();

    const events = await eventually('both are sealed', () => store.readLog({ afterSeq: 0, limit: 10 }), {
      until: (found) => found.length === 2,
    });

    expect(events.map((event) => [event.seq, event.stream])).toEqual([
      [1, 'order-1'],
      [2, 'order-3'],
    ]);
    expect((events[1]?.position ?? 0) - (events[0]?.position ?? 0)).toBeGreaterThan(1);
  });

  it('comes back the same when the stamps were lost', async () => {
    for (let n = 0; n < 30; n++) await appendOne(`order-${n % 7}`, Math.floor(n / 7));
    const stamp = async (batch: number): Promise<number> => {
      const sql = 'SELECT stamped FROM event_store.seal_next($1)';
      return (await log.owner.query<{ stamped: number }>(sql, [batch])).rows[0]?.stamped ?? 0;
    };
    const seals = async (batch: number): Promise<readonly object[]> => {
      while ((await stamp(batch)) > 0);
      return (await log.owner.query<object>('SELECT * FROM event_store.seal ORDER BY seq')).rows;
    };
    const before = await eventually('all sealed', () => seals(3), { until: (rows) => rows.length === 30 });
    await log.owner.query(`ALTER TABLE event_store.seal DISABLE TRIGGER append_only; TRUNCATE event_store.seal;
      ALTER TABLE event_store.seal ENABLE ALWAYS TRIGGER append_only`);

    expect(await eventually('all sealed', () => seals(11), { until: (rows) => rows.length === 30 })).toEqual(before);
  });

  it('does not wait for the sealer to look: the first append after a quiet time wakes it', async () => {
    startSealer({ idlePollMs: 30_000 });
    await appendOne('order-1', 0);
    await eventually('the first is sealed', async () => (await store.lastSeq()) === 1);
    await eventually('the sealer sleeps', () => idleFor(1_000));

    await appendOne('order-1', 1);

    await eventually('the second is sealed', async () => (await store.lastSeq()) === 2);
  });

  /** Longer than a sealer stays busy after the last event. */
  async function idleFor(ms: number): Promise<boolean> {
    const { rows } = await log.owner.query<{ quiet: boolean }>(
      `SELECT clock_timestamp() - max(recorded_at) > make_interval(secs => $1) AS quiet FROM event_store.event`,
      [ms / 1000],
    );
    return rows[0]?.quiet ?? false;
  }
});

describe('sealers', () => {
  const leaderPid = async (): Promise<number | null> => {
    const { rows } = await log.owner.query<{ pid: number }>(
      `SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
       WHERE l.locktype = 'advisory' AND l.classid = 7301 AND l.objid = 2 AND l.granted`,
    );
    return rows[0]?.pid ?? null;
  };

  it('have one leader; another takes over when its connection is killed, and the log goes on', async () => {
    const [first, second, third] = [startSealer(), startSealer(), startSealer()];
    const leaders = () => [first, second, third].filter((sealer) => sealer.isLeader);
    const [deposed] = await eventually('there is a leader', leaders, { until: (found) => found.length === 1 });
    let version = 0;

    for (let kill = 0; kill < 3; kill++) {
      const pid = await eventually('a session leads', leaderPid);
      await log.owner.query('SELECT pg_terminate_backend($1)', [pid]);
      await appendOne('order-1', version++);
      await eventually('a new leader has sealed it', async () => (await store.lastSeq()) === version);
      expect(await leaderPid()).not.toBe(pid);
    }

    await eventually('one leads', () => leaders().length === 1);
    expect(deposed).toBeDefined();
  });

  it('hand over when they are stopped', async () => {
    const first = startSealer();
    await eventually('the first leads', () => first.isLeader);
    const second = startSealer();

    await first.stop();

    await eventually('the second leads', () => second.isLeader);
    expect(first.isLeader).toBe(false);
    await appendOne('order-1', 0);
    await eventually('it seals', async () => (await store.lastSeq()) === 1);
  });

  it('lose the lead to another when their process hangs or their host is gone', async () => {
    const network = await openFaultyNetwork(service.url);
    const hanging = startSealer({ connectionString: network.url });
    await eventually('it leads', () => hanging.isLeader);
    const next = startSealer();

    network.freeze();
    await appendOne('order-1', 0);

    await eventually('the other has sealed it', async () => (await store.lastSeq()) === 1);
    expect(next.isLeader).toBe(true);
    await network.close();
  });

  it('connect again when the server comes back', async () => {
    const faults: Error[] = [];
    const network = await openFaultyNetwork(service.url);
    const sealer = startSealer({ connectionString: network.url, onError: (error) => faults.push(error) });
    await eventually('it leads', () => sealer.isLeader);

    await log.owner.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'sealer' AND datname = current_database()`);

    await eventually('it has noticed', () => faults.length > 0);
    await eventually('it leads again', () => sealer.isLeader);
    await sealer.stop();
    await network.close();
  });
});
