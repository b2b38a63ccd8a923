import type { Bundle } from '@m3/artifacts';
import { bundleDigest } from '@m3/artifacts';
import { EventRegistry, eventCatalogue, newId, sha256, type EventData, type PublishSubject } from '@m3/contracts';
import { MemoryEventStore } from '@m3/event-store';
import { freePort } from '@m3/local-servers';
import { Busy, EffectLease, MemorySessionLocks } from '@m3/messaging';
import type { ObjectStorage } from '@m3/object-storage';
import { snapshotText, TargetEnvironments, type TargetEnvironment } from '@m3/target-environment';
import { createTestDatabase, type TestDatabase } from '@m3/testing';
import { BackupStorage } from '../adapters/s3/backup-storage.js';
import { storageAt, useObjectServer } from '../object-server.fixture.spec.js';
import { KeepBackups } from './keep-backups.js';

const server = useObjectServer();
const environments = new TargetEnvironments({ allow: ['127.0.0.0/8'] });
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await environments.close();
  await database.drop();
});

const bundle = (version: string): Bundle => ({
  workflows: [],
  agents: [{ name: 'reviewer', system_message: `You review ${version}.` }],
  processors: [],
  tests: [],
});

async function activate(target: TargetEnvironment, version: string, fence: number): Promise<void> {
  const contents = {
    project: 'invoice-pipeline',
    bundle: bundle(version),
    bundleDigest: bundleDigest(bundle(version)),
  };
  await target.deploy({ ...contents, version, fence });
  const { active } = await target.releaseState();
  await target.activate({ version, expectedVersion: active?.version ?? null, fence });
}

let targets = 0;
const requestedAt = '2026-03-19T14:23:45.000Z';

/** A target with one version active, and a service that keeps its backups. */
async function keeping({ storage = server.storage() }: { readonly storage?: ObjectStorage } = {}) {
  const schema = `target_${++targets}`;
  await environments.initialise({ databaseUrl: database.url, schema });
  const gateway = `http://127.0.0.1:${await freePort()}`;
  const target = environments.open({ gatewayUrl: gateway, databaseUrl: database.url, schema });
  await activate(target, 'v1.0.0', 10);
  const store = new MemoryEventStore(new EventRegistry(eventCatalogue));
  let now = Date.parse(requestedAt);
  const backups = new KeepBackups({
    store,
    targets: { open: async () => target },
    storage: new BackupStorage(storage, 'm3-backups'),
    lease: new EffectLease(new MemorySessionLocks()),
    clock: () => new Date(now),
  });
  const secret_ref = newId('secret');
  const subject: PublishSubject = {
    publish_id: newId('publish'),
    project: 'invoice-pipeline',
    version: 'v1.1.0',
    bundle_digest: bundleDigest(bundle('v1.1.0')),
    target_id: newId('target'),
    target_name: 'Production',
    environment: 'production',
    address: { gateway_url: gateway, schema, database: { host: '127.0.0.1', port: 5432, name: 'm3' }, secret_ref },
  };
  const backup_id = newId('backup');
  const ended = async () => (await store.readStream(`backup-${backup_id}`)).map(({ type, data }) => ({ type, data }));
  const request: EventData<'BackupRequested'> = {
    ...{ subject, backup_id, required: true, fence: 10 },
    deadline_at: requestedAt,
  };
  return {
    target,
    ended,
    take: () => backups.take({ type: 'BackupRequested', data: request, ...asRecorded() }),
    restore: () => {
      const why = { failed_step: 'verifying', reason: 'it failed', code: 'failed', timed_out: false } as const;
      const data: EventData<'RestoreRequested'> = {
        ...{ subject, backup_id, fence: 21, unknown: null, deadline_at: requestedAt },
        ...why,
      };
      return backups.restore({ type: 'RestoreRequested', data, ...asRecorded() });
    },
    advance: (seconds: number) => void (now += seconds * 1000),
  };
}

/** What surrounds an event in the log. */
function asRecorded() {
  const actor = { kind: 'service', id: 'deployer' } as const;
  const metadata = { actor, correlationId: 'test', causationId: null, occurredAt: requestedAt };
  const place = { position: 1, seq: 1, stream: 'publish-1', streamVersion: 1, category: 'publish', schemaVersion: 1 };
  return { metadata, ...place, eventId: 'e1', recordedAt: requestedAt };
}

describe('a backup', () => {
  it('holds what is active, under a readable name, and is what its digest says', async () => {
    const { take, ended, target } = await keeping();
    await take();

    const stored = [...server.objects.values()];
    expect(stored).toEqual([snapshotText(await target.snapshot())]);
    expect(await ended()).toMatchObject([
      {
        type: 'BackupTaken',
        data: {
          name: 'backup-production-20260319-142345',
          active_version: 'v1.0.0',
          digest: sha256(stored[0] ?? ''),
          counts: { workflows: 0, agents: 1, processors: 0 },
        },
      },
    ]);
  });

  it('is taken once, however often it is asked for', async () => {
    const { take, ended } = await keeping();
    await take();
    await take();
    expect(await ended()).toHaveLength(1);
    expect(server.objects.size).toBe(1);
  });

  it('that the storage does not give back as it was written is none', async () => {
    const { take, ended } = await keeping();
    server.gives((stored) => stored.replace('v1.0.0', 'v6.6.6'));
    await take();
    expect(await ended()).toMatchObject([{ type: 'BackupFailed', data: { code: 'backup_not_verified' } }]);
  });

  it('waits for a storage that is away, but not for ever', async () => {
    const away = storageAt(await freePort());
    const { take, ended, advance } = await keeping({ storage: away });
    await expect(take()).rejects.toBeInstanceOf(Busy);
    advance(19);
    await expect(take()).rejects.toBeInstanceOf(Busy);
    expect(await ended()).toEqual([]);
    advance(2);
    await take();
    expect(await ended()).toMatchObject([{ type: 'BackupFailed', data: { code: 'storage_unreachable' } }]);
    await away.close();
  });
});

describe('a restore', () => {
  it('refuses a backup that was altered, and leaves the target alone', async () => {
    const { take, restore, ended, target } = await keeping();
    await take();
    await activate(target, 'v1.1.0', 20);
    server.gives((stored) => stored.replace('You review', 'You ignore'));
    await restore();

    expect((await ended()).at(-1)).toMatchObject({ type: 'BackupRestoreFailed', data: { code: 'digest_mismatch' } });
    expect((await target.releaseState()).active?.version).toBe('v1.1.0');
  });

  it('says that a backup is gone', async () => {
    const { take, restore, ended } = await keeping();
    await take();
    server.objects.clear();
    await restore();
    expect((await ended()).at(-1)).toMatchObject({ type: 'BackupRestoreFailed', data: { code: 'object_missing' } });
  });

  it('of a backup that was never taken fails', async () => {
    const { restore, ended } = await keeping();
    await restore();
    expect(await ended()).toMatchObject([{ type: 'BackupRestoreFailed', data: { code: 'backup_missing' } }]);
  });
});
