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
  const rotation = new RotateSecrets(
    store,
    (goOn) => rotateKeys(pool, keys, { batch: 10, goOn }),
    () => new Date(0),
  );
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

it('a rotation ends when its time is over, and the next one goes on where it was', async () => {
  const store = new PostgresEventStore(pool, new EventRegistry(eventCatalogue));
  const next = localKeyProvider(randomBytes(32).toString('base64'), [current, old]);
  const secrets = new SecretStore(pool, keys, 'target_database');
  for (let each = 3; each < 9; each += 1) await secrets.put(`tgt_${each}`, 'secret');
  let seconds = 0;
  const clock = () => new Date(1000 * seconds++);
  const rotation = new RotateSecrets(store, (goOn) => rotateKeys(pool, next, { batch: 2, goOn }), clock);

  const first = await rotation.rotate(context);
  expect(first.remaining).toBeGreaterThan(0);
  expect(first.current).toBeGreaterThan(0);
  expect(await rotation.rotate(context)).toMatchObject({ remaining: 0, unopenable: [] });
});

it('the service may change the key of a secret, and nothing else of it', async () => {
  await expect(pool.query(`update secrets.secret set owner_id = 'tgt_9'`)).rejects.toThrow('permission denied');
  await expect(pool.query('delete from secrets.secret')).rejects.toThrow('permission denied');
});
