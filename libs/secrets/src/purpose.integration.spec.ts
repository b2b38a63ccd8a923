import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@m3/event-store';
import { useTestDatabase } from '@m3/testing';
import pg from 'pg';
import { localKeyProvider, SecretStore, secretsMigrations } from './index.js';

/** The update of a database in which services could still read the whole table. */

const role = `reader_${randomBytes(6).toString('hex')}`;
const key = localKeyProvider(randomBytes(32).toString('base64'));
let earlier: string;
let pool: pg.Pool;
// Hooks run in this order: the role and the connections go before the database does.
afterAll(async () => {
  await pool.query(`drop owned by ${role}`);
  await pool.query(`drop role ${role}`);
  await pool.end();
  await rm(earlier, { recursive: true });
});
const database = useTestDatabase();
beforeAll(async () => {
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  earlier = await mkdtemp(join(tmpdir(), 'm3-secrets-'));
  for (const name of ['000001_secret.sql', '000002_key_rotation.sql'])
    await cp(join(secretsMigrations.folder, name), join(earlier, name));
  await migrate(pool, { ...secretsMigrations, folder: earlier });
  await pool.query(`create role ${role}`);
  await pool.query(`grant usage on schema secrets to ${role}`);
  await pool.query(`grant select, insert, update (key_id) on secrets.secret to ${role}`);
});

/** Runs a statement with the rights of the role. */
async function asReader(statement: string): Promise<number | null> {
  const client = await pool.connect();
  try {
    await client.query(`set role ${role}`);
    return (await client.query(statement)).rowCount;
  } finally {
    await client.query('reset role');
    client.release();
  }
}

it('keeps what was sealed as database URLs of targets, and takes back what services were allowed', async () => {
  const store = new SecretStore(pool, key, 'target_database');
  const insert = `insert into secrets.secret (ref, owner_id, key_id, wrapped_key, sealed)
    values ('sec_old', 'tgt_1', 'key', '\\x01', '\\x02')`;
  await pool.query(insert);
  expect(await asReader('select * from secrets.secret')).toBe(1);

  await migrate(pool, secretsMigrations);
  const { rows } = await pool.query<object>(`select key_id from secrets.open_target_database('sec_old', 'tgt_1')`);
  expect(rows).toEqual([{ key_id: 'key' }]);
  const refused = [
    'select ref from secrets.secret',
    insert,
    `update secrets.secret set key_id = 'other'`,
    `select * from secrets.open_target_database('sec_old', 'tgt_1')`,
    `select * from secrets.open_external_gate('sec_old', 'tgt_1')`,
  ];
  for (const statement of refused) await expect(asReader(statement)).rejects.toThrow('permission denied');

  const ref = await store.put('tgt_1', 'sealed by this release');
  expect(await store.get(ref, 'tgt_1')).toBe('sealed by this release');
});
