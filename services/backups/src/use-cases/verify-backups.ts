import {
  newId,
  sha256,
  type BackupEvent,
  type CommandResults,
  type EventData,
  type RecordedEvent,
  type RecordedEventOf,
} from '@m3/contracts';
import type { AppendContext, EventStore } from '@m3/event-store';
import type { EffectLease } from '@m3/messaging';
import type { ObjectStorage } from '@m3/object-storage';
import { causedBy, type Clock } from '@m3/process';
import type { CommandOutcome } from '@m3/service-kit';
import { tryPatiently } from '@m3/target-access';
import { recordVerification, storedBackup } from '../domain/backup.js';
import { lookAtBackup, type Look } from '../runners/look-at-backup.js';
import type { BackupStreams } from './backup-streams.js';
import { backups, describeFault } from './keep-backups.js';
import type { TargetShelves } from './target-shelves.js';

export interface VerifyParts {
  readonly store: EventStore;
  readonly streams: BackupStreams;
  readonly shelves: TargetShelves;
  readonly storage: ObjectStorage;
  readonly lease: EffectLease;
  readonly clock: Clock;
}

/** Backups that one message is about; replicas share the messages. */
const partSize = 50;
/** Backups that are read at the same time. */
const atOnce = 4;

type Accepted = CommandResults['backups.verify'];

/** Looks at what is stored of backups, on demand, and records of each what was found. */
export class VerifyBackups {
  constructor(private readonly parts: VerifyParts) {}

  async requestOne(backupId: string, context: AppendContext): Promise<CommandOutcome<'backups.verify'>> {
    const stored = storedBackup(await this.parts.streams.current(backupId), backupId);
    if (stored.outcome === 'rejected') return stored;
    const result = await this.request(stored.taken.target_id, [backupId], context);
    return { outcome: 'accepted', result };
  }

  async requestAll(targetId: string | null, context: AppendContext): Promise<Accepted> {
    const known = await this.parts.shelves.backups(targetId);
    const ids = known.map(({ backup_id }) => backup_id).sort();
    return this.request(targetId, ids, context);
  }

  /** Handles one part of a verification; what has its result already is not read again. */
  verify(event: RecordedEventOf<'BackupVerificationRequested'>): Promise<void> {
    const { backup_ids } = event.data;
    return this.parts.lease.tryRun(`verify:${event.eventId}`, async () => {
      const rest = [...backup_ids];
      const faults: unknown[] = [];
      const work = async () => {
        for (let id = rest.shift(); id !== undefined; id = rest.shift())
          await this.verifyOne(event, id).catch((fault: unknown) => void faults.push(fault));
      };
      await Promise.all(Array.from({ length: atOnce }, work));
      if (faults.length > 0) throw faults[0];
    });
  }

  private async request(target_id: string | null, ids: readonly string[], context: AppendContext): Promise<Accepted> {
    const verification_id = newId('verification');
    const total = ids.length;
    const parts = Array.from({ length: Math.max(1, Math.ceil(total / partSize)) }, (_, part): BackupEvent => {
      const backup_ids = ids.slice(part * partSize, (part + 1) * partSize);
      return { type: 'BackupVerificationRequested', data: { verification_id, total, target_id, backup_ids } };
    });
    const { store } = this.parts;
    // One stream for each command: a command that comes again finds what it has set off.
    const stream = `backup-verification.${sha256(context.causationId ?? verification_id).slice('sha256:'.length)}`;
    const result = await store.append([{ stream, expectedVersion: 0, events: parts }], context);
    if (result.outcome === 'appended') return { verification_id, total };
    const [first] = (await store.readStream(stream)).filter(isRequest);
    if (!first) throw new Error(`${stream} holds no verification`);
    return { verification_id: first.data.verification_id, total: first.data.total };
  }

  private async verifyOne(event: RecordedEventOf<'BackupVerificationRequested'>, backup_id: string): Promise<void> {
    const { streams, clock } = this.parts;
    const { verification_id } = event.data;
    const state = await streams.current(backup_id);
    if (state.verifiedIn.includes(verification_id) || !state.taken) return;
    const { publish_id, target_id } = state.taken;
    const started = performance.now();
    const look = state.deleted ? deletedMeanwhile : await this.look(event, state.taken);
    const duration_ms = Math.round((performance.now() - started) * 100) / 100;
    const data = { backup_id, publish_id, target_id, verification_id, ...look, duration_ms };
    await streams.record(
      backup_id,
      (current) => recordVerification(current, { type: 'BackupVerified', data }),
      causedBy(event, backups, clock),
    );
  }

  private async look({ metadata }: RecordedEvent, taken: EventData<'BackupTaken'>): Promise<Look> {
    const { storage, clock } = this.parts;
    const patience = { key: `verify:${taken.backup_id}`, requestedAt: metadata.occurredAt, now: clock };
    const tried = await tryPatiently(patience, () => lookAtBackup(storage, taken), describeFault);
    return tried.outcome === 'answered' ? tried.result : { outcome: 'unreadable', reason: tried.reason };
  }
}

const deletedMeanwhile: Look = { outcome: 'missing', reason: 'it was deleted while it waited to be looked at' };

function isRequest(event: RecordedEvent): event is RecordedEventOf<'BackupVerificationRequested'> {
  return event.type === 'BackupVerificationRequested';
}
