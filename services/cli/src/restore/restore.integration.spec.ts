import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleDigest, type Bundle } from '@m3/artifacts';
import { fenceByHand, newId, sha256 } from '@m3/contracts';
import { ObjectStorage } from '@m3/object-storage';
import { snapshotText, TargetEnvironments, type TargetEnvironment } from '@m3/target-environment';
import { createTestBucket, useTestDatabase, type TestBucket } from '@m3/testing';
import { run } from '../program.js';
import { worldOf } from '../terminal.spec.js';

/** Restores without the log: from the storage or a file, straight into the target's database. */

const environments = new TargetEnvironments({ allow: ['127.0.0.0/8'] });
// Hooks run in this order: connections end before the database goes.
afterAll(async () => {
  await environments.close();
  await storage.close();
});
const database = useTestDatabase();
let bucket: TestBucket;
let storage: ObjectStorage;
let made = 0;
beforeAll(async () => {
  bucket = await createTestBucket();
  storage = new ObjectStorage(bucket);
});

async function activate(target: TargetEnvironment, version: string, fence: number): Promise<void> {
  const agents = [{ name: 'reviewer', system_message: `You review ${version}.` }, { name: `only-in-${version}` }];
  const bundle: Bundle = { workflows: [], agents, processors: [], tests: [] };
  await target.deploy({ project: 'invoices', version, bundle, bundleDigest: bundleDigest(bundle), fence });
  const { active } = await target.releaseState();
  await target.activate({ version, expectedVersion: active?.version ?? null, fence });
}

/** A target that was backed up with v1.0.0, and then got v1.1.0. */
async function backedUp() {
  const schema = `target_${++made}`;
  await environments.initialise({ databaseUrl: database.url, schema });
  const target = environments.open({ gatewayUrl: 'http://gateway.invalid', databaseUrl: database.url, schema });
  await activate(target, 'v1.0.0', 10);
  const text = snapshotText(await target.snapshot());
  const key = `${newId('target')}/backup-staging-20260319-142345-${newId('backup')}.json`;
  await storage.put(bucket.bucket, key, text);
  await activate(target, 'v1.1.0', 20);
  return { schema, target, text, digest: sha256(text), key, uri: `s3://${bucket.bucket}/${key}` };
}

async function restore(schema: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { surroundings, printed } = worldOf();
  const settings = {
    ...{ M3_TARGET_DATABASE_URL: database.url, S3_ENDPOINT: bucket.endpoint, S3_REGION: bucket.region },
    ...{ S3_ACCESS_KEY_ID: bucket.accessKeyId, S3_SECRET_ACCESS_KEY: bucket.secretAccessKey, ...env },
  };
  const exitCode = await run(['backup', 'restore', '--schema', schema, ...args], { ...surroundings, env: settings });
  return { exitCode, ...printed };
}

/** Above everything that publishes have done under the fence 20. */
const byHand = fenceByHand(20);

describe('m3-publish backup restore', () => {
  it('shows what would change, and changes nothing, with --dry-run', async () => {
    const { schema, target, uri, digest } = await backedUp();
    const before = snapshotText(await target.snapshot());
    const { exitCode, stdout } = await restore(schema, ['--from', uri, '--digest', digest, '--dry-run']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('active: v1.1.0 → v1.0.0\nroutes: v1.1.0 100 % → v1.0.0 100 %');
    expect(stdout).toContain('+ agent only-in-v1.0.0');
    expect(stdout).toContain('- agent only-in-v1.1.0');
    expect(stdout).toContain('~ agent reviewer');
    expect(snapshotText(await target.snapshot())).toBe(before);
    expect((await target.releaseState()).fence).toBe(20);
  });

  it('puts the target back byte for byte, above the fence of every publish so far, any number of times', async () => {
    const { schema, target, uri, digest, text } = await backedUp();
    for (const outcome of ['first', 'again']) {
      const restored = await restore(schema, ['--from', uri, '--digest', digest, '--json']);
      expect([outcome, restored.exitCode]).toEqual([outcome, 0]);
      expect(JSON.parse(restored.stdout)).toMatchObject({ dry_run: false, plan: { fence: byHand } });
      expect(snapshotText(await target.snapshot())).toBe(text);
    }
    const late = { version: 'v1.1.0', expectedVersion: 'v1.0.0', fence: 21 };
    expect(await target.activate(late)).toEqual({ outcome: 'fenced', current: byHand });
    expect(await target.activate({ ...late, fence: byHand + 1 })).toMatchObject({ outcome: 'activated' });
  });

  it('takes a file', async () => {
    const { schema, target, digest, text } = await backedUp();
    const folder = await mkdtemp(join(tmpdir(), 'm3-restore-'));
    await writeFile(join(folder, 'kept.json'), text);
    expect(await restore(schema, ['--from', join(folder, 'kept.json'), '--digest', digest])).toMatchObject({
      exitCode: 0,
    });
    expect(snapshotText(await target.snapshot())).toBe(text);
  });

  it.each<[string, string, (its: Awaited<ReturnType<typeof backedUp>>) => Promise<readonly string[]>]>([
    [
      'was altered',
      'digest_mismatch',
      async ({ uri, key, text, digest }) => {
        await storage.put(bucket.bucket, key, text.replace('v1.0.0', 'v6.6.6'));
        return ['--from', uri, '--digest', digest];
      },
    ],
    ['has no digest to compare', 'digest_unknown', async ({ uri }) => ['--from', uri]],
    ['is gone', 'object_missing', async ({ uri, digest }) => ['--from', `${uri}x`, '--digest', digest]],
    ['is no file', 'backup_unreadable', async ({ digest }) => ['--from', '/nowhere/kept.json', '--digest', digest]],
    ['is named while there is no log', 'unknown_backup', async () => ['--from', 'backup-staging-20260319-142345']],
    [
      'is no snapshot',
      'invalid_snapshot',
      async ({ uri, key }) => {
        await storage.put(bucket.bucket, key, '{}');
        return ['--from', uri, '--digest', sha256('{}')];
      },
    ],
    [
      'is of another schema',
      'backup_of_another_schema',
      async () => {
        const other = await backedUp();
        return ['--from', other.uri, '--digest', other.digest];
      },
    ],
  ])('refuses a backup that %s, and leaves the target alone', async (_case, code, prepare) => {
    const its = await backedUp();
    const before = snapshotText(await its.target.snapshot());
    const { exitCode, stderr } = await restore(its.schema, [...(await prepare(its)), '--json']);
    expect(exitCode).not.toBe(0);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code, remedy: expect.any(String) } });
    expect(snapshotText(await its.target.snapshot())).toBe(before);
  });

  it.each([
    ['S3_ENDPOINT', 'http://127.0.0.1:9', 'storage_unreachable'],
    ['S3_ENDPOINT', '', 'setting_missing'],
    ['DATABASE_URL', 'postgresql://u:hush@127.0.0.1:9/d', 'log_unreachable'],
    ['M3_TARGET_DATABASE_URL', 'postgresql://u:hush@127.0.0.1:9/d', 'target_connection_refused'],
    ['M3_TARGET_DATABASE_URL', '', 'target_unknown'],
  ])('says what is wrong when %s is "%s", without repeating secrets', async (name, value, code) => {
    const { schema, uri, digest } = await backedUp();
    const args = ['--from', uri, '--digest', digest, '--target', 'staging', '--json'];
    const { exitCode, stderr } = await restore(schema, args, { [name]: value });
    expect(exitCode).not.toBe(0);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code } });
    expect(stderr).not.toContain('hush');
  });
});
