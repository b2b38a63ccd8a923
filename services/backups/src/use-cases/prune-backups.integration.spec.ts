import { TargetUnreachableError } from '@m3/target-environment';
import { activate, useKeeping, type Keeping } from '../keeping.fixture.spec.js';
import { on, passOn, refuses, useStorage } from '../storage.fixture.spec.js';

const bucket = useStorage();
const useTarget = useKeeping();
const keeping = () => useTarget({ storage: bucket.storage(), bucket: bucket.bucket });
const day = 86_400;

/** A publish that ended without changing anything: only its backup is left. */
async function failedPublish(kept: Keeping): Promise<string> {
  const { backup_id, subject } = (await kept.taken()).data;
  const { publish_id, target_id } = subject;
  const why = { step: 'deploying', code: 'failed', reason: 'it failed', timed_out: false, unknown: null } as const;
  await kept.append('PublishFailed', { publish_id, target_id, ...why }, `publish-${publish_id}`);
  kept.advance(day);
  return backup_id;
}

const deletions = async (kept: Keeping, ids: readonly string[]) => {
  const ended = await Promise.all(ids.map(async (id) => (await kept.ended(id)).at(-1)?.type));
  return ids.filter((_, index) => ended[index] === 'BackupDeleted');
};

describe('retention', () => {
  it('deletes what is old and superfluous, object and all, and says why', async () => {
    const kept = await keeping();
    await kept.applied({ keep_last: 2, keep_days: 1 });
    const ids = [await failedPublish(kept), await failedPublish(kept), await failedPublish(kept)];
    await kept.services().pruning.run();

    expect(await deletions(kept, ids)).toEqual(ids.slice(0, 1));
    expect((await kept.ended(ids[0] ?? '')).at(-1)?.data).toMatchObject({
      reason: 'older than 1 days, and not among the newest 2',
    });
    expect(await bucket.keys()).toHaveLength(2);
    await kept.services().pruning.run();
    expect(await bucket.keys()).toHaveLength(2);
  });

  it('keeps what a publish under way refers to', async () => {
    const kept = await keeping();
    await kept.applied({ keep_last: 1, keep_days: 0 });
    const [old, other] = [await failedPublish(kept), await failedPublish(kept)];
    await failedPublish(kept);
    await kept.restoreRequested(old);
    await kept.services().pruning.run();
    expect(await deletions(kept, [old, other])).toEqual([other]);
  });

  it('keeps the backup of a version that only the target itself knows to be active', async () => {
    const kept = await keeping();
    await kept.applied({ keep_last: 1, keep_days: 0 });
    const ofFirst = [await failedPublish(kept), await failedPublish(kept)];
    await activate(kept.target, 'v2.0.0', 20);
    const ofSecond = [await failedPublish(kept), await failedPublish(kept)];
    await activate(kept.target, 'v1.0.0', 30);
    await kept.services().pruning.run();
    expect(await deletions(kept, [...ofFirst, ...ofSecond])).toEqual([ofFirst[0], ofSecond[0]]);
  });

  it('deletes nothing of a target that does not answer', async () => {
    const kept = await keeping();
    await kept.applied({ keep_last: 1, keep_days: 0 });
    const ids = [await failedPublish(kept), await failedPublish(kept)];
    const { reached } = kept;
    kept.reached = async () => {
      throw new TargetUnreachableError('database', 'connection_refused', 'nobody answers');
    };
    await kept.services().pruning.run();
    expect(await deletions(kept, ids)).toEqual([]);
    expect(kept.errors).toHaveLength(1);
    kept.reached = reached;
    await kept.services().pruning.run();
    expect(await deletions(kept, ids)).toEqual(ids.slice(0, 1));
  });

  it('goes on where a process died between the object and the event', async () => {
    const kept = await keeping();
    await kept.applied({ keep_last: 1, keep_days: 0 });
    const ids = [await failedPublish(kept), await failedPublish(kept)];
    await kept.services(kept.dying).pruning.run();
    expect(await bucket.keys()).toHaveLength(1);
    expect(await deletions(kept, ids)).toEqual([]);

    await kept.services().pruning.run();
    expect(await deletions(kept, ids)).toEqual(ids.slice(0, 1));
  });

  it('is tried again when the storage does not let go', async () => {
    const kept = await keeping();
    await kept.applied({ keep_last: 1, keep_days: 0 });
    const ids = [await failedPublish(kept), await failedPublish(kept)];
    bucket.behaves(on('DELETE', refuses(503, 'SlowDown')));
    await kept.services().pruning.run();
    expect(await deletions(kept, ids)).toEqual([]);
    bucket.behaves(passOn);
    await kept.services().pruning.run();
    expect(await deletions(kept, ids)).toEqual(ids.slice(0, 1));
  });

  it('is shared by replicas: each backup is deleted once', async () => {
    const kept = await keeping();
    await kept.applied({ keep_last: 1, keep_days: 0 });
    const ids = [await failedPublish(kept), await failedPublish(kept), await failedPublish(kept)];
    await Promise.all([kept.services(), kept.services(), kept.services()].map(({ pruning }) => pruning.run()));
    expect(await deletions(kept, ids)).toEqual(ids.slice(0, 2));
    for (const id of ids.slice(0, 2)) {
      expect((await kept.ended(id)).filter(({ type }) => type === 'BackupDeleted')).toHaveLength(1);
    }
  });
});
