import type { EventData, RecordedEventOf } from '@m3/contracts';
import type { EffectLease } from '@m3/messaging';
import type { ObjectStorage } from '@m3/object-storage';
import { causedBy, type Clock } from '@m3/process';
import { tryPatiently } from '@m3/target-access';
import { recordCheck, storedBackup } from '../domain/backup.js';
import { lookAtBackup, type Look } from '../runners/look-at-backup.js';
import type { BackupStreams } from './backup-streams.js';
import { backups, describeFault } from './keep-backups.js';

export interface CheckParts {
  readonly streams: BackupStreams;
  readonly storage: ObjectStorage;
  readonly lease: EffectLease;
  readonly clock: Clock;
}

/** Looks at the backup that a rollback is about to restore, before that changes anything, and records what was found once. */
export class CheckBackup {
  constructor(private readonly parts: CheckParts) {}

  check(event: RecordedEventOf<'BackupCheckRequested'>): Promise<void> {
    const { subject, backup_id } = event.data;
    const { publish_id, target_id } = subject;
    const { lease, streams, clock } = this.parts;
    return lease.tryRun(`check:${publish_id}`, async () => {
      const state = await streams.current(backup_id);
      if (state.checkedFor.includes(publish_id)) return;
      const started = performance.now();
      const stored = storedBackup(state, backup_id);
      const look: Look =
        stored.outcome === 'stored'
          ? await this.look(event, stored.taken)
          : { outcome: 'missing', reason: stored.rejection.detail };
      const duration_ms = Math.round((performance.now() - started) * 100) / 100;
      const data = { backup_id, publish_id, target_id, ...look, duration_ms };
      await streams.record(
        backup_id,
        (current) => recordCheck(current, { type: 'BackupChecked', data }),
        causedBy(event, backups, clock),
      );
    });
  }

  private async look(
    { data, metadata }: RecordedEventOf<'BackupCheckRequested'>,
    taken: EventData<'BackupTaken'>,
  ): Promise<Look> {
    const { storage, clock } = this.parts;
    const times = { requestedAt: metadata.occurredAt, deadlineAt: data.deadline_at, now: clock };
    const patience = { key: `check:${data.subject.publish_id}`, ...times };
    const tried = await tryPatiently(patience, () => lookAtBackup(storage, taken), describeFault);
    return tried.outcome === 'answered' ? tried.result : { outcome: 'unreadable', reason: tried.reason };
  }
}
