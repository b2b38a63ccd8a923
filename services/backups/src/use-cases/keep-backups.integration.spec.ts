import { sha256 } from '@m3/contracts';
import { freePort } from '@m3/local-servers';
import { Busy } from '@m3/messaging';
import { ObjectStorage } from '@m3/object-storage';
import { snapshotText, TargetUnreachableError } from '@m3/target-environment';
import { activate, useKeeping, type Keeping } from '../keeping.fixture.spec.js';
import { atFirst, on, refuses, useStorage, type Fault } from '../storage.fixture.spec.js';

const bucket = useStorage();
const useTarget = useKeeping();
const keeping = (more: { timeoutSeconds?: number; storage?: ObjectStorage } = {}) =>
  useTarget({ storage: bucket.storage(), bucket: bucket.bucket, ...more });

describe('a backup', () => {
  it('holds what is active, under a readable name, and is what its digest says', async () => {
    const kept = await keeping();
    const { backup_id } = (await kept.taken()).data;

    const stored = await bucket.texts();
    expect(stored).toEqual([snapshotText(await kept.target.snapshot())]);
    expect(JSON.parse(stored[0] ?? '')).toMatchObject({ format: 1 });
    expect(await kept.ended(backup_id)).toMatchObject([
      {
        type: 'BackupTaken',
        data: {
          name: 'backup-production-20260319-142345',
          active_version: 'v1.0.0',
          previous_version: null,
          digest: sha256(stored[0] ?? ''),
          counts: { workflows: 0, agents: 1, processors: 0 },
        },
      },
    ]);
  });

  it('is taken once, however often and by how many it is asked for', async () => {
    const kept = await keeping();
    const request = await kept.taken();
    await Promise.allSettled([kept.services(), kept.services()].map(({ keeping }) => keeping.take(request)));
    expect(await kept.ended(request.data.backup_id)).toHaveLength(1);
    expect(await bucket.keys()).toHaveLength(1);
  });

  it('waits for a storage that is away, but not for ever', async () => {
    const away = storageAt(await freePort());
    const kept = await keeping({ storage: away });
    const request = await kept.requested();
    const take = () => kept.services().keeping.take(request);
    await expect(take()).rejects.toBeInstanceOf(Busy);
    kept.advance(19);
    await expect(take()).rejects.toBeInstanceOf(Busy);
    expect(await kept.ended(request.data.backup_id)).toEqual([]);
    kept.advance(2);
    await take();
    await failedWith(kept, request.data.backup_id, 'storage_unreachable');
    await away.close();
  });

  it('is not begun when the deadline of its step has passed', async () => {
    const kept = await keeping({ timeoutSeconds: 5 });
    const request = await kept.requested();
    kept.advance(5);
    await kept.services().keeping.take(request);
    await failedWith(kept, request.data.backup_id, 'timed_out');
    expect(await bucket.keys()).toEqual([]);
  });
});

const silence: Fault = (request) => void request.resume();
const endless: Fault = (request, response) => {
  request.resume();
  response.writeHead(200).write('{"format":1,');
};
const page = (text: string): Fault => {
  return (request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/html' }).end(text);
  };
};
const noHttp: Fault = (_request, response) => response.socket?.end('220 mail.example.com ESMTP\r\n');
const half: Fault = (_request, response) => {
  response.writeHead(200, { 'content-length': '4096' }).write('{"format":1', () => void response.destroy());
};

describe('a storage that misbehaves', () => {
  it.each<[string, Fault, string]>([
    ['asks to slow down', refuses(503, 'SlowDown'), 'storage_busy'],
    ['counts too many requests', refuses(429, 'TooManyRequests'), 'storage_busy'],
    ['is broken', refuses(500, 'InternalError'), 'storage_unreachable'],
    ['speaks no HTTP', noHttp, 'storage_invalid_answer'],
    ['cuts its answers short', on('GET', half), 'storage_unreachable'],
  ])(
    'and %s is asked again within the deadline of the step, and then the backup has failed',
    async (_, fault, code) => {
      const kept = await keeping({ timeoutSeconds: 10 });
      bucket.behaves(fault);
      const request = await kept.requested();
      await expect(kept.services().keeping.take(request)).rejects.toBeInstanceOf(Busy);
      kept.advance(9.9);
      await expect(kept.services().keeping.take(request)).rejects.toBeInstanceOf(Busy);
      bucket.behaves((...asked) => {
        kept.advance(1);
        fault(...asked);
      });
      await kept.services().keeping.take(request);
      await failedWith(kept, request.data.backup_id, code);
    },
  );

  it.each<[string, Fault]>([
    ['never answers', silence],
    ['takes the backup and never ends giving it back', on('GET', endless)],
  ])('and %s is given no longer than the step has', async (_, fault) => {
    const kept = await keeping({ timeoutSeconds: 2 });
    bucket.behaves((...asked) => {
      kept.advance(2);
      fault(...asked);
    });
    const request = await kept.requested();
    await kept.services().keeping.take(request);
    await failedWith(kept, request.data.backup_id, 'storage_timeout');
  });

  it.each<[string, Fault, string]>([
    ['is full', refuses(507, 'InsufficientStorage'), 'storage_full'],
    ['has no quota left', refuses(403, 'QuotaExceeded'), 'storage_full'],
    ['refuses', refuses(403, 'AccessDenied'), 'storage_refused'],
    ['has lost the bucket', refuses(404, 'NoSuchBucket'), 'bucket_missing'],
    ['takes the backup and has lost it when it is read back', on('GET', refuses(404, 'NoSuchKey')), 'object_missing'],
    ['gives back a page for people', on('GET', page('<html>Sign in</html>')), 'backup_not_verified'],
    ['gives back nothing', on('GET', page('')), 'backup_not_verified'],
    ['says yes to everything and keeps nothing', page(''), 'backup_not_verified'],
  ])('and %s is not asked again: the backup has failed', async (_, fault, code) => {
    const kept = await keeping();
    bucket.behaves(fault);
    const { backup_id } = (await kept.taken()).data;
    await failedWith(kept, backup_id, code);
  });

  it('and gives back something else at first is given the backup again', async () => {
    const kept = await keeping();
    bucket.behaves(on('GET', atFirst(2, page(''))));
    const { backup_id } = (await kept.taken()).data;
    expect(await kept.ended(backup_id)).toMatchObject([{ type: 'BackupTaken', data: { active_version: 'v1.0.0' } }]);
    expect(await bucket.texts()).toEqual([snapshotText(await kept.target.snapshot())]);
  });

  it('and recovers in time has its backup', async () => {
    const kept = await keeping();
    bucket.behaves(atFirst(2, refuses(503, 'SlowDown')));
    const request = await kept.requested();
    await expect(kept.services().keeping.take(request)).rejects.toBeInstanceOf(Busy);
    await expect(kept.services().keeping.take(request)).rejects.toBeInstanceOf(Busy);
    await kept.services().keeping.take(request);
    expect(await kept.ended(request.data.backup_id)).toMatchObject([{ type: 'BackupTaken' }]);
    expect(await bucket.texts()).toEqual([snapshotText(await kept.target.snapshot())]);
  });
});

describe('a restore', () => {
  it('of a backup that was taken while new executions were stopped lets them begin again', async () => {
    const kept = await keeping();
    const stopped = [{ version: 'v1.0.0', weight: 0 }];
    const snapshot = async () => ({ ...(await kept.target.snapshot()), routes: stopped });
    const invalidateCaches = async () => ({ outcome: 'unsupported' }) as const;
    kept.reached = async () => ({ ...kept.target, snapshot, invalidateCaches });
    const { backup_id } = (await kept.taken()).data;
    expect(await restored(kept, backup_id)).toMatchObject({ type: 'BackupRestored' });
    expect((await kept.target.releaseState()).routes).toEqual([{ version: 'v1.0.0', weight: 100 }]);
    expect(await bucket.texts()).toEqual([snapshotText(await kept.target.snapshot())]);
  });

  it('refuses a backup that was altered, and leaves the target alone', async () => {
    const kept = await keeping();
    const { backup_id } = (await kept.taken()).data;
    await activate(kept.target, 'v1.1.0', 20);
    await bucket.alter((stored) => stored.replace('You review', 'You ignore'));
    expect(await restored(kept, backup_id)).toMatchObject({
      type: 'BackupRestoreFailed',
      data: { code: 'digest_mismatch' },
    });
    expect((await kept.target.releaseState()).active?.version).toBe('v1.1.0');
  });

  it('says that a backup is gone', async () => {
    const kept = await keeping();
    const { backup_id } = (await kept.taken()).data;
    await bucket.remove();
    expect(await restored(kept, backup_id)).toMatchObject({ data: { code: 'object_missing' } });
  });

  it('of a backup that was never taken, or was deleted, fails', async () => {
    const kept = await keeping();
    const request = await kept.requested();
    expect(await restored(kept, request.data.backup_id)).toMatchObject({ data: { code: 'backup_not_found' } });
    const { backup_id, subject } = (await kept.taken()).data;
    const { publish_id, target_id } = subject;
    await kept.append('BackupDeleted', { backup_id, publish_id, target_id, reason: 'old' }, `backup-${backup_id}`);
    expect(await restored(kept, backup_id)).toMatchObject({ data: { code: 'backup_deleted' } });
  });

  it('of a target that cannot be reached for long has failed, and says so', async () => {
    const kept = await keeping();
    const { backup_id } = (await kept.taken()).data;
    kept.reached = async () => {
      throw new TargetUnreachableError('database', 'connection_refused', 'nobody answers');
    };
    const request = await kept.restoreRequested(backup_id);
    await expect(kept.services().keeping.restore(request)).rejects.toBeInstanceOf(Busy);
    kept.advance(59);
    await expect(kept.services().keeping.restore(request)).rejects.toBeInstanceOf(Busy);
    kept.advance(2);
    await kept.services().keeping.restore(request);
    expect((await kept.ended(backup_id)).at(-1)).toMatchObject({ data: { code: 'database_connection_refused' } });
  });
});

async function restored(kept: Keeping, backupId: string) {
  await kept.services().keeping.restore(await kept.restoreRequested(backupId));
  return (await kept.ended(backupId)).at(-1);
}

async function failedWith(kept: Keeping, backupId: string, code: string): Promise<void> {
  expect(await kept.ended(backupId)).toMatchObject([{ type: 'BackupFailed', data: { code } }]);
}

function storageAt(port: number): ObjectStorage {
  const keys = { accessKeyId: 'test', secretAccessKey: 'test' };
  return new ObjectStorage({ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', ...keys });
}
