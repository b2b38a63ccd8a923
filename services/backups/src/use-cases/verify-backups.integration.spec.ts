import { Busy } from '@m3/messaging';
import type { RecordedEventOf } from '@m3/contracts';
import { useKeeping, type Keeping } from '../keeping.fixture.spec.js';
import { atFirst, refuses, useStorage } from '../storage.fixture.spec.js';

const bucket = useStorage();
const useTarget = useKeeping();
const keeping = () => useTarget({ storage: bucket.storage(), bucket: bucket.bucket });

/** The messages that a verification has set off. */
async function requests(kept: Keeping): Promise<RecordedEventOf<'BackupVerificationRequested'>[]> {
  const log = await kept.store.readLog({ afterSeq: 0, limit: 1_000, types: ['BackupVerificationRequested'] });
  return log.filter(isRequest);
}

function isRequest(event: { readonly type: string }): event is RecordedEventOf<'BackupVerificationRequested'> {
  return event.type === 'BackupVerificationRequested';
}

async function verified(kept: Keeping): Promise<void> {
  for (const request of await requests(kept)) await kept.services().verifying.verify(request);
}

const found = async (kept: Keeping, id: string) => (await kept.ended(id)).at(-1);

describe('a verification', () => {
  it.each<[string, () => void | Promise<void>, string]>([
    ['is as it was written', () => undefined, 'ok'],
    ['was altered', () => bucket.alter((stored) => stored.replace('v1.0.0', 'v6.6.6')), 'altered'],
    ['has grown', () => bucket.alter((stored) => stored.padEnd(stored.length + 5_000)), 'altered'],
    ['was cut short', () => bucket.alter((stored) => stored.slice(0, -1)), 'altered'],
    ['is gone', () => bucket.remove(), 'missing'],
    ['is kept from us', () => bucket.behaves(refuses(403, 'AccessDenied')), 'unreadable'],
  ])('finds that a backup %s', async (_, happens, outcome) => {
    const kept = await keeping();
    const { backup_id } = (await kept.taken()).data;
    await happens();
    expect(await kept.services().verifying.requestOne(backup_id, kept.context('cmd_1'))).toMatchObject({
      outcome: 'accepted',
      result: { total: 1 },
    });
    await verified(kept);
    const reason = outcome === 'ok' ? null : expect.any(String);
    expect(await found(kept, backup_id)).toMatchObject({ type: 'BackupVerified', data: { outcome, reason } });
  });

  it('asks a storage again that does not answer for a moment, and calls the backup unreadable after a while', async () => {
    const kept = await keeping();
    const { backup_id } = (await kept.taken()).data;
    await kept.services().verifying.requestOne(backup_id, kept.context('cmd_1'));
    bucket.behaves(atFirst(1, refuses(503, 'SlowDown')));
    await expect(verified(kept)).rejects.toBeInstanceOf(Busy);
    await verified(kept);
    expect(await found(kept, backup_id)).toMatchObject({ data: { outcome: 'ok' } });

    await kept.services().verifying.requestOne(backup_id, kept.context('cmd_2'));
    bucket.behaves(refuses(500, 'InternalError'));
    kept.advance(21);
    await verified(kept);
    expect(await found(kept, backup_id)).toMatchObject({ data: { outcome: 'unreadable' } });
  });

  it('of all backups takes them in parts, looks at each once, and is set off once by one command', async () => {
    const kept = await keeping();
    await kept.applied();
    const ids: string[] = [];
    for (let count = 0; count < 53; count += 1) ids.push((await kept.taken()).data.backup_id);
    const accepted = await kept.services().verifying.requestAll(null, kept.context('cmd_1'));
    expect(accepted.total).toBe(53);
    expect(await kept.services().verifying.requestAll(null, kept.context('cmd_1'))).toEqual(accepted);
    const asked = await requests(kept);
    expect(asked.map(({ data }) => data.backup_ids.length)).toEqual([50, 3]);

    await Promise.allSettled(asked.flatMap((each) => [each, each].map((one) => kept.services().verifying.verify(one))));
    await verified(kept);
    for (const id of ids) {
      const looks = (await kept.ended(id)).filter(({ type }) => type === 'BackupVerified');
      expect(looks).toMatchObject([{ data: { verification_id: accepted.verification_id, outcome: 'ok' } }]);
    }
  });

  it('of what was never taken is refused; of nothing it is done at once', async () => {
    const kept = await keeping();
    const request = await kept.requested();
    const { verifying } = kept.services();
    expect(await verifying.requestOne(request.data.backup_id, kept.context('cmd_1'))).toMatchObject({
      rejection: { code: 'backup_not_found' },
    });
    expect(await verifying.requestAll(kept.targetId, kept.context('cmd_2'))).toMatchObject({ total: 0 });
  });
});
