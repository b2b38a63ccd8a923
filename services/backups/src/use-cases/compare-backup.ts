import { diffBundles, summariseChanges, type ArtifactLists } from '@m3/artifacts';
import { sha256, type BackupComparison, type EventData } from '@m3/contracts';
import { ObjectStorageError, type ObjectStorage } from '@m3/object-storage';
import type { CommandOutcome } from '@m3/service-kit';
import type { TargetAccess } from '@m3/target-access';
import { parseSnapshot, snapshotDigest, type Snapshot } from '@m3/target-environment';
import { storedBackup } from '../domain/backup.js';
import type { BackupStreams } from './backup-streams.js';
import { describeFault } from './keep-backups.js';
import type { TargetShelves } from './target-shelves.js';

export interface CompareParts {
  readonly streams: BackupStreams;
  readonly shelves: TargetShelves;
  readonly targets: TargetAccess;
  readonly storage: ObjectStorage;
}

/** How long target and storage may take: somebody waits. */
const timeoutMs = 2_500;

/** Says what restoring a backup would change on its target, row by row. Changes nothing. */
export class CompareBackup {
  constructor(private readonly parts: CompareParts) {}

  async compare(backupId: string): Promise<CommandOutcome<'backups.compare'>> {
    const stored = storedBackup(await this.parts.streams.current(backupId), backupId);
    if (stored.outcome === 'rejected') return stored;
    const { taken } = stored;
    const kept = await this.read(taken);
    if ('condition' in kept) return { outcome: 'accepted', result: kept };
    const now = await this.onTarget(taken);
    if ('condition' in now) return { outcome: 'accepted', result: now };
    const changes = summariseChanges(diffBundles(servingIn(now), servingIn(kept)));
    const equal = snapshotDigest(now) === taken.digest;
    return { outcome: 'accepted', result: { condition: 'ok', reason: null, changes, equal } };
  }

  private async read(taken: EventData<'BackupTaken'>): Promise<Snapshot | BackupComparison> {
    const { bucket, key } = taken.location;
    try {
      const text = await this.parts.storage.get(bucket, key, taken.bytes, timeoutMs);
      if (sha256(text) === taken.digest) return parseSnapshot(JSON.parse(text));
      return untold('altered', `the stored backup ${taken.name} is not what was written`);
    } catch (error) {
      if (!(error instanceof ObjectStorageError)) throw error;
      if (error.code === 'object_too_large') return untold('altered', error.message);
      return untold(error.code === 'object_missing' ? 'missing' : 'unreadable', error.message);
    }
  }

  private async onTarget({ target_id }: EventData<'BackupTaken'>): Promise<Snapshot | BackupComparison> {
    const target = (await this.parts.shelves.all()).get(target_id)?.target;
    if (!target) return untold('ok', 'the target of this backup is not known');
    try {
      return await (await this.parts.targets.open(target)).snapshot({ timeoutMs });
    } catch (error) {
      const fault = describeFault(error);
      if (fault === null) throw error;
      return untold('ok', `the target cannot be compared: ${fault.reason}`);
    }
  }
}

function untold(condition: BackupComparison['condition'], reason: string): BackupComparison {
  return { condition, reason, changes: null, equal: null };
}

/** The artifacts that new executions get, whatever form they have by now. */
function servingIn({ active_release, workflows, agents, processors }: Snapshot): ArtifactLists {
  const active = ({ version }: { readonly version: string }) => version === active_release?.version;
  const named = ({ name, document }: Snapshot['agents'][number]) => ({ ...fieldsOf(document), name });
  return {
    workflows: workflows.filter(active).map(({ name, plan }) => ({ name, plan })),
    agents: agents.filter(active).map(named),
    processors: processors.filter(active).map(named),
    tests: [],
  };
}

function fieldsOf(document: unknown): object {
  return typeof document === 'object' && document !== null ? document : { document };
}
