import { randomBytes } from 'node:crypto';
import { EventRegistry, eventCatalogue, type SecretsRotation } from '@m3/contracts';
import { prepareDatabase, roleOf } from '@m3/database';
import { PostgresEventStore, type AppendContext } from '@m3/event-store';
import { localKeyProvider, rotateKeys, SecretStore } from '@m3/secrets';
import { createTestDatabase, type TestDatabase } from '@m3/testing';
import pg from 'pg';
import { RotateSecrets } from './rotate-secrets.js';

const context: AppendContext = {
  actor: { kind: 'user', id: 'ann' },
  ...{ correlationId: 'test', causationId: null, occurredAt: '2026-03-19T14:23:45.000Z' },
};
const old = randomBytes(32).toString('base64');
const current = randomBytes(32).toString('base64');
const keys = localKeyProvider(current, [old]);
let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await createTestDatabase({
    name: 'targets',
    prepare: async (url) => {
      await prepareDatabase(url, () => 'secret');
    },
  });
  // With the rights of the service, no more.
  const url = new URL(database.url);
  url.username = roleOf('targets');
  url.password = 'secret';
  pool = new pg.Pool({ connectionString: url.href, max: 5 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

it('a rotation is on record with counts and key ids, once for what it did, and never with a key', async () => {
  const store = new PostgresEventStore(pool, new EventRegistry(eventCatalogue));
  const before = new SecretStore(pool, localKeyProvider(old), 'target_database');
  const ref = await before.put('tgt_1', 'first');
  await before.put('tgt_2', 'second');
  const rotation = new RotateSecrets(store, () => rotateKeys(pool, keys, { batch: 10, goOn: () => true }));
  const done: SecretsRotation = {
    ...{ key_id: keys.keyId, current: 2, remaining: 0, unopenable: [] },
    rewrapped: [{ key_id: localKeyProvider(old).keyId, count: 2 }],
  };

  expect(await rotation.rotate(context)).toEqual(done);
  expect(await rotation.rotate(context)).toMatchObject({ rewrapped: [], current: 2 });
  const history = await store.readStream('target-secrets');
  expect(history.map(({ type, data, metadata }) => ({ type, data, by: metadata.actor.id }))).toEqual([
    { type: 'SecretsRotated', data: done, by: 'ann' },
  ]);
  for (const key of [old, current]) expect(JSON.stringify(history)).not.toContain(key);
  expect(await new SecretStore(pool, localKeyProvider(current), 'target_database').get(ref, 'tgt_1')).toBe('first');
});

it('the service may change the key of a secret, and nothing else of it', async () => {
  await expect(pool.query(`update secrets.secret set owner_id = 'tgt_9'`)).rejects.toThrow('permission denied');
  await expect(pool.query('delete from secrets.secret')).rejects.toThrow('permission denied');
});
