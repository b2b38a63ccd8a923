import { newId } from '@m3/contracts';
import { Busy, type EffectLease } from '@m3/messaging';
import type { ObjectStorage } from '@m3/object-storage';
import { startedBy, type Clock } from '@m3/process';
import type { TargetAccess } from '@m3/target-access';
import { recordDeletion } from '../domain/backup.js';
import { superfluousBackups, type Superfluous } from '../domain/retention.js';
import { neededBackups, type TargetShelf } from '../domain/target-shelf.js';
import type { BackupStreams } from './backup-streams.js';
import { describeFault } from './keep-backups.js';
import type { TargetShelves } from './target-shelves.js';

export interface PruneParts {
  readonly streams: BackupStreams;
  readonly shelves: TargetShelves;
  readonly targets: TargetAccess;
  readonly storage: ObjectStorage;
  readonly lease: EffectLease;
  readonly clock: Clock;
  /** Told of what could not be deleted this time; it is tried again at the next. */
  readonly onError: (error: unknown) => void;
}

/** Deletes the backups that no retention keeps and nobody needs. */
export class PruneBackups {
  constructor(private readonly parts: PruneParts) {}

  /** Looks at every target once. Of several replicas one does it; the others leave it to that one. */
  async run(): Promise<void> {
    const { lease, shelves, onError } = this.parts;
    const round = async () => {
      for (const shelf of (await shelves.all()).values()) await this.prune(shelf).catch(onError);
    };
    await lease.tryRun('retention', round).catch((error: unknown) => {
      if (!(error instanceof Busy)) throw error;
    });
  }

  private async prune(shelf: TargetShelf): Promise<void> {
    if (this.superfluous(shelf).length === 0) return;
    // The log may not know who put the target back by hand: what the target itself says is needed, too.
    const seen = await this.versionsSeen(shelf);
    if (seen === null) return;
    for (const each of this.superfluous(shelf, seen)) await this.delete(each);
  }

  private superfluous(shelf: TargetShelf, seen: readonly (string | null)[] = []): readonly Superfluous[] {
    const now = this.parts.clock().toISOString();
    return superfluousBackups([...shelf.backups.values()], shelf.retention, neededBackups(shelf, seen), now);
  }

  /** Null: the target does not say, so nothing of it is deleted. */
  private async versionsSeen({ target }: TargetShelf): Promise<readonly (string | null)[] | null> {
    if (target === null) return null;
    try {
      const { active } = await (await this.parts.targets.open(target)).releaseState();
      return [active?.version ?? null, active?.previous_version ?? null];
    } catch (error) {
      if (describeFault(error) === null) throw error;
      this.parts.onError(error);
      return null;
    }
  }

  /** First the object, then the event: whoever dies in between finds the backup again, and deletes nothing twice. */
  private async delete({ backup, reason }: Superfluous): Promise<void> {
    const { storage, streams, clock } = this.parts;
    const { backup_id, publish_id, target_id, location } = backup;
    await storage.delete(location.bucket, location.key);
    await streams.record(
      backup_id,
      (state) => recordDeletion(state, { type: 'BackupDeleted', data: { backup_id, publish_id, target_id, reason } }),
      startedBy(newId('command'), { kind: 'system', id: 'clock' }, clock),
    );
  }
}
