import type { Actor, BackupEvent, RecordedEvent, RecordedEventOf } from '@m3/contracts';
import type { Delivery, EffectLease } from '@m3/messaging';
import { ObjectStorageError, type ObjectStorage } from '@m3/object-storage';
import { causedBy, type Clock } from '@m3/process';
import { describeTargetFault, tryPatiently, type OutsideFault, type TargetAccess } from '@m3/target-access';
import { recordBackup, recordRestore, storedBackup } from '../domain/backup.js';
import { restoreBackup, type Restoration } from '../runners/restore-backup.js';
import { takeBackup } from '../runners/take-backup.js';
import type { BackupStreams } from './backup-streams.js';

export interface BackupParts {
  readonly streams: BackupStreams;
  readonly targets: TargetAccess;
  readonly storage: ObjectStorage;
  readonly bucket: string;
  readonly lease: EffectLease;
  readonly clock: Clock;
}

/** How a request came: whether it may have been given to somebody before. */
type Repeat = Pick<Delivery, 'repeated'>;
type Taking = Extract<BackupEvent, { type: 'BackupTaken' | 'BackupFailed' }>;

export const backups: Actor = { kind: 'service', id: 'backups' };

/**
 * How long a restore is tried: a target that is away for a moment longer than usual would be held, and somebody woken up.
 * It leaves time enough for the target to be asked what is true before the step is over.
 */
const restoreMs = 60_000;
/** What one call may take, unless the step's deadline is nearer. */
const callMs = 10_000;

/** Takes and restores backups when a publish asks for it, and records how it ended, once. */
export class KeepBackups {
  constructor(private readonly parts: BackupParts) {}

  take(event: RecordedEventOf<'BackupRequested'>, delivery: Repeat = { repeated: true }): Promise<void> {
    const { backup_id } = event.data;
    const { lease, streams, clock } = this.parts;
    const taking = async () => {
      const state = delivery.repeated ? await streams.known(backup_id) : streams.presumedNew(backup_id);
      if (state.taken || state.failed) return;
      const ended = await this.taking(event);
      await streams.record(backup_id, (current) => recordBackup(current, ended), causedBy(event, backups, clock));
    };
    return lease.tryRun(`backup:${backup_id}`, taking, delivery);
  }

  restore(event: RecordedEventOf<'RestoreRequested'>, delivery: Repeat = { repeated: true }): Promise<void> {
    const discards = [event.data.subject.version];
    return this.putBack(event, { ...event.data, discards, tellsGateway: true }, delivery);
  }

  /** For a rollback that somebody asked for: the gateway follows in a step of its own. */
  restoreVersion(
    event: RecordedEventOf<'RollbackRestoreRequested'>,
    delivery: Repeat = { repeated: true },
  ): Promise<void> {
    return this.putBack(event, { ...event.data, tellsGateway: false }, delivery);
  }

  private putBack(event: RecordedEvent, request: Restoration, delivery: Repeat): Promise<void> {
    const { metadata } = event;
    const { backup_id, subject } = request;
    const { publish_id, target_id } = subject;
    const { lease, streams, targets, storage, clock } = this.parts;
    const key = `restore:${publish_id}`;
    const putBack = async () => {
      const state = await streams.current(backup_id);
      if (state.restoredFor.includes(publish_id)) return;
      const failed = (code: string, reason: string) =>
        ({ type: 'BackupRestoreFailed', data: { backup_id, publish_id, target_id, code, reason } }) as const;
      const stored = storedBackup(state, backup_id);
      const restoring = async () =>
        stored.outcome === 'stored'
          ? restoreBackup({ target: await targets.open(subject), storage, taken: stored.taken, request, now: clock })
          : failed(stored.rejection.code, stored.rejection.detail);
      const { deadline_at: deadlineAt } = request;
      const patience = { key, requestedAt: metadata.occurredAt, deadlineAt, lastsMs: restoreMs, now: clock };
      const tried = await tryPatiently(patience, restoring, describeFault);
      const ended = tried.outcome === 'answered' ? tried.result : failed(tried.code, tried.reason);
      await streams.record(backup_id, (current) => recordRestore(current, ended), causedBy(event, backups, clock));
    };
    return lease.tryRun(key, putBack, delivery);
  }

  private async taking({ data: request, metadata }: RecordedEventOf<'BackupRequested'>): Promise<Taking> {
    const { backup_id, subject, deadline_at } = request;
    const { publish_id, target_id } = subject;
    const { targets, storage, bucket, clock } = this.parts;
    const failed = (code: string, reason: string): Taking => ({
      type: 'BackupFailed',
      data: { backup_id, publish_id, target_id, code, reason },
    });
    const left = Date.parse(deadline_at) - clock().getTime();
    if (left <= 0) return failed('timed_out', `the deadline ${deadline_at} passed before a backup was there`);
    const requestedAt = metadata.occurredAt;
    const times = { requestedAt: new Date(requestedAt), timeoutMs: Math.min(callMs, left), now: clock };
    const work = async () => takeBackup({ target: await targets.open(subject), storage, bucket, request, ...times });
    const patience = { key: `backup:${backup_id}`, requestedAt, deadlineAt: deadline_at, now: clock };
    const tried = await tryPatiently(patience, work, describeFault);
    return tried.outcome === 'answered' ? tried.result : failed(tried.code, tried.reason);
  }
}

/** What a storage or a target that does not do its part means; null for any other error. */
export function describeFault(error: unknown): OutsideFault | null {
  if (!(error instanceof ObjectStorageError)) return describeTargetFault(error);
  return { code: error.code, reason: error.message, retryable: error.retryable };
}
