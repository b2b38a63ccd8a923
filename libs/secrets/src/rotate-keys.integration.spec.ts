import { randomBytes } from 'node:crypto';
import { migrate } from '@m3/event-store';
import { useTestDatabase } from '@m3/testing';
import pg from 'pg';
import { CannotOpenError, localKeyProvider, rotateKeys, SecretStore, secretsMigrations } from './index.js';

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
  pool = new pg.Pool({ connectionString: database.url, max: 8 });
});
beforeEach(() => pool.query('truncate secrets.secret'));

const newKey = () => randomBytes(32).toString('base64');
const toTheEnd = { batch: 10, goOn: () => true };

async function sealed(key: string, count: number): Promise<readonly string[]> {
  const store = new SecretStore(pool, localKeyProvider(key), 'target_database');
  return Promise.all(Array.from({ length: count }, (_, n) => store.put('tgt_1', `secret ${n}`)));
}

describe('a rotation', () => {
  const old = newKey();
  const current = newKey();
  const keys = localKeyProvider(current, [old]);
  const onlyCurrent = localKeyProvider(current);

  it('puts every secret under the current key, which then opens them alone', async () => {
    const refs = await sealed(old, 25);
    const oldId = localKeyProvider(old).keyId;
    expect(await rotateKeys(pool, keys, toTheEnd)).toEqual({
      ...{ key_id: keys.keyId, current: 25, remaining: 0, unopenable: [] },
      rewrapped: [{ key_id: oldId, count: 25 }],
    });
    expect(await new SecretStore(pool, onlyCurrent, 'target_database').get(refs[24] ?? '', 'tgt_1')).toBe('secret 24');
    await expect(
      new SecretStore(pool, localKeyProvider(old), 'target_database').get(refs[0] ?? '', 'tgt_1'),
    ).rejects.toThrow(CannotOpenError);
  });

  it('done again does nothing', async () => {
    await sealed(old, 3);
    await rotateKeys(pool, keys, toTheEnd);
    expect(await rotateKeys(pool, keys, toTheEnd)).toMatchObject({ rewrapped: [], current: 3, remaining: 0 });
  });

  it('that was stopped goes on where it was', async () => {
    await sealed(old, 25);
    let batches = 0;
    const stopped = await rotateKeys(pool, keys, { batch: 10, goOn: () => batches++ < 1 });
    expect(stopped).toMatchObject({ current: 10, remaining: 15, rewrapped: [{ count: 10 }] });
    expect(await rotateKeys(pool, keys, toTheEnd)).toMatchObject({
      current: 25,
      remaining: 0,
      rewrapped: [{ count: 15 }],
    });
  });

  it('by several processes at once puts each secret under it once', async () => {
    await sealed(old, 60);
    const runs = await Promise.all([1, 2, 3].map(() => rotateKeys(pool, keys, toTheEnd)));
    const counts = runs.flatMap(({ rewrapped }) => rewrapped.map(({ count }) => count));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(60);
  });

  it('never keeps a reader from a secret', async () => {
    const refs = await sealed(old, 40);
    const readAll = async () => {
      // A store of its own for each round: nothing is remembered.
      const store = new SecretStore(pool, keys, 'target_database');
      const values = await Promise.all(refs.map((ref) => store.get(ref, 'tgt_1')));
      expect(values).toEqual(refs.map((_, n) => `secret ${n}`));
    };
    const reading: Promise<void>[] = [];
    const readWithEachBatch = () => reading.push(readAll()) > 0;
    await rotateKeys(pool, keys, { batch: 1, goOn: readWithEachBatch });
    await Promise.all(reading);
    expect(reading.length).toBeGreaterThan(40);
  });

  it('leaves alone what is under a key that is not there, or was altered, and says so', async () => {
    const lost = newKey();
    await sealed(lost, 2);
    const [altered = ''] = await sealed(old, 3);
    await pool.query(
      'update secrets.secret set wrapped_key = set_byte(wrapped_key, 40, 255 - get_byte(wrapped_key, 40)) where ref = $1',
      [altered],
    );
    expect(await rotateKeys(pool, keys, toTheEnd)).toMatchObject({
      ...{ current: 2, remaining: 1 },
      unopenable: [{ key_id: localKeyProvider(lost).keyId, count: 2 }],
    });
  });
});
