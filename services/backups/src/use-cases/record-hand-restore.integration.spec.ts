import { snapshotText, TargetUnreachableError } from '@m3/target-environment';
import { activate, useKeeping } from '../keeping.fixture.spec.js';
import { useStorage } from '../storage.fixture.spec.js';

const bucket = useStorage();
const useTarget = useKeeping();

/** A target that was backed up, changed, and put back by hand. */
async function restoredByHand() {
  const kept = await useTarget({ storage: bucket.storage(), bucket: bucket.bucket });
  await kept.applied();
  const { backup_id } = (await kept.taken()).data;
  const before = await kept.target.snapshot();
  await activate(kept.target, 'v1.1.0', 20);
  const put = async () => {
    await kept.target.restore({ snapshot: before, fence: 29 });
    expect(snapshotText(await kept.target.snapshot())).toBe(snapshotText(before));
  };
  const caller = { id: 'ann', roles: ['admin' as const] };
  const record = (command_id = 'cmd_1') => {
    const command = { backup_id, reason: 'the rollback failed', command_id, caller };
    return kept.services().restores.record(command, kept.context(command_id));
  };
  return { kept, backup_id, put, record };
}

describe('a restore by hand', () => {
  it('is taken into the log when the target equals the backup, once for each command', async () => {
    const { kept, backup_id, put, record } = await restoredByHand();
    await put();
    expect(await record()).toMatchObject({ outcome: 'accepted', result: { backup_id, active_version: 'v1.0.0' } });
    await record();
    expect((await kept.ended(backup_id)).slice(1)).toMatchObject([
      {
        type: 'TargetRestoredByHand',
        data: {
          project: 'invoice-pipeline',
          active_version: 'v1.0.0',
          previous_version: null,
          target_id: kept.targetId,
        },
      },
    ]);
    const [, event] = await kept.store.readStream(`backup-${backup_id}`);
    expect(event?.metadata.actor).toEqual({ kind: 'user', id: 'ann' });
  });

  it('is not believed while the target does not equal the backup', async () => {
    const { kept, backup_id, record } = await restoredByHand();
    expect(await record()).toMatchObject({ outcome: 'rejected', rejection: { code: 'target_differs' } });
    expect(await kept.ended(backup_id)).toHaveLength(1);
  });

  it('is not believed while the target does not answer', async () => {
    const { kept, put, record } = await restoredByHand();
    await put();
    kept.reached = async () => {
      throw new TargetUnreachableError('database', 'connection_refused', 'nobody answers');
    };
    expect(await record()).toMatchObject({ outcome: 'rejected', rejection: { code: 'target_unreachable' } });
  });
});
