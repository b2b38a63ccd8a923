import { bundleDigest, type Bundle } from '@m3/artifacts';
import { migrate } from '@m3/event-store';
import { useTestDatabase } from '@m3/testing';
import pg from 'pg';
import { BundleMissingError, bundlesMigrations, BundleStore } from './index.js';

let pool: pg.Pool;
// Hooks run in this order: the pool ends before the database goes.
afterAll(() => pool.end());
const database = useTestDatabase({
  name: 'bundles',
  prepare: async (url) => {
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    await migrate(pool, bundlesMigrations);
    await pool.end();
  },
});
beforeAll(() => {
  pool = new pg.Pool({ connectionString: database.url, max: 4 });
});

const bundle = (name: string): Bundle => ({
  workflows: [],
  agents: [{ name, system_message: 'You review invoices — with care.' }],
  processors: [],
  tests: [],
});

describe('the bundle store', () => {
  it('gives a bundle back by the digest of its canonical JSON', async () => {
    const { digest, bytes } = await new BundleStore(pool).put(bundle('reviewer'));

    expect(digest).toBe(bundleDigest(bundle('reviewer')));
    expect(bytes).toBeGreaterThan(50);
    expect(await new BundleStore(pool).get(digest)).toMatchObject(bundle('reviewer'));
  });

  it('keeps one copy however often and by how many a bundle is stored', async () => {
    const stores = Array.from({ length: 4 }, () => new BundleStore(pool));
    const stored = await Promise.all(stores.map((store) => store.put(bundle('clerk'))));

    expect(new Set(stored.map(({ digest }) => digest)).size).toBe(1);
    const { rows } = await pool.query('select from bundles.bundle where digest = $1', [stored[0]?.digest]);
    expect(rows).toHaveLength(1);
  });

  it('gives nothing back that is not what the digest says', async () => {
    const { digest } = await new BundleStore(pool).put(bundle('altered'));
    await pool.query(`update bundles.bundle set content = replace(content, 'care', 'haste') where digest = $1`, [
      digest,
    ]);

    await expect(new BundleStore(pool).get(digest)).rejects.toThrow(BundleMissingError);
    await expect(new BundleStore(pool).get(digest)).rejects.toThrow('was altered');
  });

  it('says so when there is no such bundle', async () => {
    await expect(new BundleStore(pool).get(`sha256:${'0'.repeat(64)}`)).rejects.toThrow(BundleMissingError);
  });
});
