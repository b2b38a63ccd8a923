import { randomBytes } from 'node:crypto';
import { migrate } from '@m3/event-store';
import { useTestDatabase } from '@m3/testing';
import pg from 'pg';
import {
  CannotOpenError,
  localKeyProvider,
  SecretStore,
  secretStores,
  secretsMigrations,
  type KeyProvider,
} from './index.js';

let pool: pg.Pool;
// Hooks run in this order: the pool ends before the database goes.
afterAll(() => pool.end());
const database = useTestDatabase({
  name: 'secrets',
  prepare: async (url) => {
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    await migrate(pool, secretsMigrations);
    await pool.end();
  },
});
beforeAll(() => {
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
});

const under = (key: KeyProvider) => new SecretStore(pool, key, 'target_database');
const newKey = () => localKeyProvider(randomBytes(32).toString('base64'));
const canary = 'postgresql://deploy:canary-7f3a@db.example.com:5432/m3';

describe('a secret in the database', () => {
  it('is opened for its owner by any process that has the key', async () => {
    const key = newKey();
    const ref = await under(key).put('tgt_1', canary);
    expect(await under(key).get(ref, 'tgt_1')).toBe(canary);
  });

  it('is opened for nobody else, not even with the key', async () => {
    const key = newKey();
    const ref = await under(key).put('tgt_1', canary);
    await expect(under(key).get(ref, 'tgt_2')).rejects.toThrow(CannotOpenError);
  });

  it('is opened for nothing but what it is for', async () => {
    const { target_database, external_gate } = secretStores(pool, newKey());
    const database = await target_database.put('tgt_1', canary);
    const signing = await external_gate.put('tgt_1', 'whsec_canary');
    expect(await external_gate.get(signing, 'tgt_1')).toBe('whsec_canary');
    await expect(external_gate.get(database, 'tgt_1')).rejects.toThrow(CannotOpenError);
    await expect(target_database.get(signing, 'tgt_1')).rejects.toThrow(CannotOpenError);
  });

  it('stays closed when its row is given to another owner', async () => {
    const key = newKey();
    const ref = await under(key).put('tgt_1', canary);
    await pool.query(`update secrets.secret set owner_id = 'tgt_2' where ref = $1`, [ref]);
    await expect(under(key).get(ref, 'tgt_2')).rejects.toThrow(CannotOpenError);
  });

  it('stays closed to a process with another key, whose error says nothing of the value', async () => {
    const ref = await under(newKey()).put('tgt_1', canary);
    const error: unknown = await under(newKey())
      .get(ref, 'tgt_1')
      .catch((fault: unknown) => fault);
    expect(error).toBeInstanceOf(CannotOpenError);
    expect(String(error)).not.toContain('canary');
  });

  it('stays closed when it was altered', async () => {
    const key = newKey();
    const ref = await under(key).put('tgt_1', canary);
    await pool.query(
      'update secrets.secret set sealed = set_byte(sealed, 40, 255 - get_byte(sealed, 40)) where ref = $1',
      [ref],
    );
    await expect(under(key).get(ref, 'tgt_1')).rejects.toThrow(CannotOpenError);
  });

  it('cannot be read from the table', async () => {
    await under(newKey()).put('tgt_1', canary);
    const { rows } = await pool.query<{ row: string }>(
      `select ref || owner_id || key_id || encode(wrapped_key, 'escape') || encode(sealed, 'escape') as row
         from secrets.secret`,
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const { row } of rows) expect(row).not.toContain('canary');
  });
});
