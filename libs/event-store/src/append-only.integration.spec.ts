import type { Pool } from 'pg';
import { CategoryNotOwnedError } from './errors.js';
import { appended } from './event-store.contract.spec.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { provisionRole } from './provision-role.js';
import { context, counted, placed, sampleRegistry } from './sample-events.spec.js';
import { createThrowawayLog, type ServiceLogin, type ThrowawayLog } from './throwaway-log.spec.js';

let log: ThrowawayLog;
let service: ServiceLogin;

beforeAll(async () => {
  log = await createThrowawayLog();
  service = await log.roleOwning('order');
  const store = new PostgresEventStore(service.pool, sampleRegistry);
  await store.append([{ stream: 'order-1', expectedVersion: 0, events: [placed(1)] }], context);
  await log.owner.query('SELECT event_store.seal_next(10)');
  await log.owner.query('INSERT INTO event_store.restoration VALUES (0)');
});

afterAll(async () => {
  await log.drop();
});

const changes = [
  `UPDATE event_store.event SET type = 'Forged'`,
  `UPDATE event_store.event SET type = 'Forged' WHERE false`,
  'DELETE FROM event_store.event',
  'TRUNCATE event_store.event',
  'UPDATE event_store.seal SET seq = seq + 1',
  'DELETE FROM event_store.seal',
  'TRUNCATE event_store.seal',
  'DELETE FROM event_store.restoration',
  `MERGE INTO event_store.event e USING (SELECT 1) x ON true WHEN MATCHED THEN DELETE`,
];

describe('the log is append-only', () => {
  it.each(changes)('for its owner and superuser, by trigger: %s', async (sql) => {
    await expect(log.owner.query(sql)).rejects.toMatchObject({
      code: '42501',
      message: expect.stringMatching(/append-only: (UPDATE|DELETE|TRUNCATE) is refused/),
    });
  });

  it('even when triggers are switched off by session_replication_role', async () => {
    const client = await log.owner.connect();
    try {
      await client.query('SET session_replication_role = replica');
      await expect(client.query('DELETE FROM event_store.event')).rejects.toThrow('append-only');
    } finally {
      client.release(true);
    }
  });

  it.each([
    ...changes,
    `INSERT INTO event_store.seal VALUES (99, 99, 'Forged')`,
    `INSERT INTO event_store.event (transaction_id, stream, stream_version, type, schema_version, event_id, data, metadata, recorded_at, digest)
       VALUES ('1', 'order-1', 2, 'Forged', 1, gen_random_uuid(), '{}', '{}', now(), sha256(''))`,
    `INSERT INTO event_store.category_owner VALUES (session_user, 'stock')`,
    'INSERT INTO event_store.restoration VALUES (1)',
    'SELECT event_store.adopt_restored_log()',
    'DROP TRIGGER append_only ON event_store.event',
    'ALTER TABLE event_store.event DISABLE TRIGGER ALL',
    'CREATE TABLE event_store.mine (id int)',
    'SET session_replication_role = replica',
    'SET ROLE postgres',
  ])('for a service, by privilege: %s', async (sql) => {
    await expect(service.pool.query(sql)).rejects.toMatchObject({
      code: '42501',
      message: expect.stringMatching(/permission denied|must be owner/),
    });
  });
});

describe('categories', () => {
  const storeOf = (pool: Pool): PostgresEventStore => new PostgresEventStore(pool, sampleRegistry);

  it('belong to roles: a service appends to its own only, and its neighbours in the batch are not touched', async () => {
    const store = storeOf(service.pool);

    const [mine, theirs] = await Promise.allSettled([
      store.append([{ stream: 'order-2', expectedVersion: 0, events: [placed(2)] }], context),
      store.append([{ stream: 'stock-2', expectedVersion: 0, events: [counted(2)] }], context),
    ]);

    expect(mine).toMatchObject({ status: 'fulfilled', value: { outcome: 'appended' } });
    expect(theirs).toMatchObject({ status: 'rejected', reason: { code: 'category_not_owned', stream: 'stock-2' } });
    expect(await store.readStream('stock-2')).toEqual([]);
  });

  it('of others may be read, and checked in an append', async () => {
    const other = await log.roleOwning('stock');
    await storeOf(other.pool).append([{ stream: 'stock-3', expectedVersion: 0, events: [counted(3)] }], context);
    const store = storeOf(service.pool);

    const result = await store.append(
      [
        { stream: 'stock-3', expectedVersion: 1, events: [] },
        { stream: 'order-3', expectedVersion: 0, events: [placed(3)] },
      ],
      context,
    );

    expect(appended(result)).toHaveLength(1);
    expect(await store.readStream('stock-3')).toHaveLength(1);
  });

  it('can be several for a role, shared by roles, and taken away again', async () => {
    const both = await log.roleOwning('order', 'stock');
    const store = storeOf(both.pool);
    const append = (version: number) =>
      store.append([{ stream: 'stock-4', expectedVersion: version, events: [counted(4)] }], context);
    expect(await append(0)).toMatchObject({ outcome: 'appended' });

    await provisionRole(log.owner, { ...both, categories: ['order'] });

    await expect(append(1)).rejects.toBeInstanceOf(CategoryNotOwnedError);
  });

  it('do not bind the owner', async () => {
    const result = await storeOf(log.owner).append(
      [{ stream: 'stock-5', expectedVersion: 0, events: [counted(5)] }],
      context,
    );

    expect(appended(result)).toHaveLength(1);
  });
});
