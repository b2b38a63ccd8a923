import { backupEvents, type Actor, type BackupEvent, type RecordedEvent, type RecordedEventOf } from '@m3/contracts';
import { accept } from '@m3/decider';
import type { EventStore } from '@m3/event-store';
import type { Delivery, EffectLease } from '@m3/messaging';
import { ObjectStorageError } from '@m3/object-storage';
import { causedBy, decideAndAppend, eventsIn, StreamStates, type Clock } from '@m3/process';
import { describeTargetFault, tryPatiently, type OutsideFault, type TargetAccess } from '@m3/target-access';
import type { BackupStorage } from '../adapters/s3/backup-storage.js';
import { evolveBackup, initialBackup, recordBackup, recordRestore, type BackupState } from '../domain/backup.js';
import { restoreBackup } from '../runners/restore-backup.js';
import { takeBackup } from '../runners/take-backup.js';

export interface BackupParts {
  readonly store: EventStore;
  readonly targets: TargetAccess;
  readonly storage: BackupStorage;
  readonly lease: EffectLease;
  readonly clock: Clock;
}

/** How a request came: whether it may have been given to somebody before. */
type Repeat = Pick<Delivery, 'repeated'>;

const backups: Actor = { kind: 'service', id: 'backups' };

/** Takes and restores backups when a publish asks for it, and records how it ended, once. */
export class KeepBackups {
  private readonly states: StreamStates<BackupState, BackupEvent>;

  constructor(private readonly parts: BackupParts) {
    this.states = new StreamStates(parts.store, {
      initial: initialBackup,
      evolve: evolveBackup,
      accepts: eventsIn<BackupEvent>(backupEvents),
    });
  }

  take(event: RecordedEventOf<'BackupRequested'>, delivery: Repeat = { repeated: true }): Promise<void> {
    const { data: request, metadata } = event;
    const { backup_id, subject } = request;
    const { lease, targets, storage, clock } = this.parts;
    const key = `backup:${backup_id}`;
    const taking = async () => {
      const stream = streamOf(backup_id);
      const { state } = delivery.repeated ? await this.states.load(stream) : this.states.presumeNew(stream);
      if (state.taken || state.failed) return;
      const patience = { key, requestedAt: metadata.occurredAt, now: clock };
      const work = async () =>
        takeBackup({
          target: await targets.open(subject),
          storage,
          request,
          requestedAt: new Date(metadata.occurredAt),
          now: clock,
        });
      const tried = await tryPatiently(patience, work, describeFault);
      const { publish_id, target_id } = subject;
      const ended =
        tried.outcome === 'answered'
          ? tried.result
          : ({
              type: 'BackupFailed',
              data: { backup_id, publish_id, target_id, code: tried.code, reason: tried.reason },
            } as const);
      await this.record(event, backup_id, (current) => recordBackup(current, ended));
    };
    return lease.tryRun(key, taking, delivery);
  }

  restore(event: RecordedEventOf<'RestoreRequested'>, delivery: Repeat = { repeated: true }): Promise<void> {
    const { data: request, metadata } = event;
    const { backup_id, subject } = request;
    const { publish_id, target_id } = subject;
    const { lease, targets, storage, clock } = this.parts;
    const key = `restore:${publish_id}`;
    const restoring = async () => {
      const { state } = await this.states.reload(streamOf(backup_id));
      const { taken } = state;
      if (state.restoredFor.includes(publish_id)) return;
      const failed = (code: string, reason: string) =>
        ({ type: 'BackupRestoreFailed', data: { backup_id, publish_id, target_id, code, reason } }) as const;
      const patience = { key, requestedAt: metadata.occurredAt, now: clock };
      const putBack = async () =>
        taken
          ? restoreBackup({ target: await targets.open(subject), storage, taken, request, now: clock })
          : failed('backup_missing', `backup ${backup_id} was never taken`);
      const tried = await tryPatiently(patience, putBack, describeFault);
      const ended = tried.outcome === 'answered' ? tried.result : failed(tried.code, tried.reason);
      await this.record(event, backup_id, (current) => recordRestore(current, ended));
    };
    return lease.tryRun(key, restoring, delivery);
  }

  private async record(
    cause: RecordedEvent,
    backupId: string,
    decide: (state: BackupState) => readonly BackupEvent[],
  ): Promise<void> {
    const { store, clock } = this.parts;
    await decideAndAppend({
      store,
      states: this.states,
      stream: streamOf(backupId),
      decide: (state) => accept(...decide(state)),
      context: causedBy(cause, backups, clock),
    });
  }
}

const streamOf = (backupId: string): string => `backup-${backupId}`;

function describeFault(error: unknown): OutsideFault | null {
  if (!(error instanceof ObjectStorageError)) return describeTargetFault(error);
  return { code: error.code, reason: error.message, retryable: error.code === 'storage_unreachable' };
}
