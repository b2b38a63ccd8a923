import type { BackupEvent, CommandPayload, EventData } from '@m3/contracts';
import { reject, type Refusal } from '@m3/decider';
import type { AppendContext, EventStore } from '@m3/event-store';
import type { CommandOutcome } from '@m3/service-kit';
import type { TargetAccess } from '@m3/target-access';
import { snapshotDigest, type Snapshot } from '@m3/target-environment';
import { storedBackup } from '../domain/backup.js';
import { backupStream, type BackupStreams } from './backup-streams.js';
import { describeFault } from './keep-backups.js';
import type { TargetShelves } from './target-shelves.js';

export interface HandRestoreParts {
  readonly store: EventStore;
  readonly streams: BackupStreams;
  readonly shelves: TargetShelves;
  readonly targets: TargetAccess;
}

type HandRestore = Extract<BackupEvent, { type: 'TargetRestoredByHand' }>;

type Seen =
  | { readonly outcome: 'seen'; readonly snapshot: Snapshot }
  | { readonly outcome: 'rejected'; readonly rejection: Refusal };

/**
 * Takes into the log that an operator put a target back by hand. Nobody's word is taken for it: the target itself has to
 * equal the backup, byte for byte.
 */
export class RecordHandRestore {
  constructor(private readonly parts: HandRestoreParts) {}

  async record(
    command: CommandPayload<'backups.restored'>,
    context: AppendContext,
  ): Promise<CommandOutcome<'backups.restored'>> {
    const { backup_id, reason } = command;
    const stored = storedBackup(await this.parts.streams.current(backup_id), backup_id);
    if (stored.outcome === 'rejected') return stored;
    const { taken } = stored;
    const seen = await this.look(taken);
    if (seen.outcome === 'rejected') return seen;
    await this.append({ type: 'TargetRestoredByHand', data: restoredData(taken, seen.snapshot, reason) }, context);
    return { outcome: 'accepted', result: { backup_id, active_version: taken.active_version } };
  }

  private async look({ name, target_id, digest }: EventData<'BackupTaken'>): Promise<Seen> {
    const target = (await this.parts.shelves.all()).get(target_id)?.target;
    if (!target) return reject('target_not_found', 'the target of this backup is not known', 'backup_id');
    try {
      const snapshot = await (await this.parts.targets.open(target)).snapshot();
      if (snapshotDigest(snapshot) === digest) return { outcome: 'seen', snapshot };
    } catch (error) {
      const fault = describeFault(error);
      if (fault === null) throw error;
      return reject('target_unreachable', `${fault.reason}; record the restore when the target answers again`);
    }
    return reject('target_differs', `the target does not equal ${name}: restore it first, then record that`);
  }

  /** Once for each command, however often that comes. */
  private async append(event: HandRestore, context: AppendContext): Promise<void> {
    const stream = backupStream(event.data.backup_id);
    const history = await this.parts.store.readStream(stream);
    if (history.some(({ metadata }) => metadata.causationId === context.causationId)) return;
    const result = await this.parts.store.append(
      [{ stream, expectedVersion: history.length, events: [event] }],
      context,
    );
    if (result.outcome === 'conflict') await this.append(event, context);
  }
}

function restoredData(
  { backup_id, publish_id, target_id, digest }: EventData<'BackupTaken'>,
  { active_release, releases }: Snapshot,
  reason: string,
): EventData<'TargetRestoredByHand'> {
  const manifest = releases.find(({ version }) => version === active_release?.version)?.manifest;
  return {
    ...{ backup_id, publish_id, target_id, digest, reason },
    project: projectIn(manifest),
    active_version: active_release?.version ?? null,
    previous_version: active_release?.previous_version ?? null,
  };
}

function projectIn(manifest: unknown): string | null {
  if (typeof manifest !== 'object' || manifest === null || !('project' in manifest)) return null;
  return typeof manifest.project === 'string' ? manifest.project : null;
}
