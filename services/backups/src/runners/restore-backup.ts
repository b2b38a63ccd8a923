import { sha256, type BackupEvent, type EventData, type LogLine } from '@m3/contracts';
import {
  fencedReason,
  InvalidSnapshotError,
  parseSnapshot,
  type Snapshot,
  type TargetEnvironment,
} from '@m3/target-environment';
import type { ObjectStorage } from '@m3/object-storage';

/** What is restored under which fence. */
export interface Restoration extends Pick<
  EventData<'RestoreRequested'>,
  'subject' | 'backup_id' | 'fence' | 'deadline_at'
> {
  /** Versions that are taken away where they never served. */
  readonly discards: readonly string[];
  /** The gateway is told here, for nobody does it later. */
  readonly tellsGateway: boolean;
}

export interface RestoreBackup {
  readonly target: TargetEnvironment;
  readonly storage: ObjectStorage;
  readonly taken: EventData<'BackupTaken'>;
  readonly request: Restoration;
  readonly now: () => Date;
}

type Ended = Extract<BackupEvent, { type: 'BackupRestored' | 'BackupRestoreFailed' }>;

/** Puts a target back to a backup, in one transaction, after the backup's digest was checked. */
export async function restoreBackup({ target, storage, taken, request, now }: RestoreBackup): Promise<Ended> {
  const started = performance.now();
  const { backup_id, fence, subject } = request;
  const { publish_id, target_id } = subject;
  const failed = (code: string, reason: string): Ended => ({
    type: 'BackupRestoreFailed',
    data: { backup_id, publish_id, target_id, code, reason: reason.slice(0, 2000) },
  });
  const text = await storage.get(taken.location.bucket, taken.location.key);
  if (sha256(text) !== taken.digest)
    return failed('digest_mismatch', `the stored backup ${taken.name} is not what was written`);
  const snapshot = readSnapshot(text);
  if (snapshot === null) return failed('invalid_snapshot', `the stored backup ${taken.name} cannot be read`);
  const result = await target.restore({ snapshot, fence });
  if (result.outcome === 'fenced') return failed('fenced', fencedReason(result));
  await tidyUp(target, request);
  const active = snapshot.active_release?.version ?? null;
  const line = (content: string): LogLine => ({ at: now().toISOString(), level: 'info', text: content });
  return {
    type: 'BackupRestored',
    data: {
      backup_id,
      publish_id,
      target_id,
      active_version: active,
      digest: taken.digest,
      duration_ms: Math.round((performance.now() - started) * 100) / 100,
      log: [line(`Backup restored: ${taken.name}; ${active ?? 'nothing'} is active`)],
    },
  };
}

async function tidyUp(target: TargetEnvironment, { discards, fence, tellsGateway }: Restoration): Promise<void> {
  for (const version of discards) await target.discardRelease({ version, fence });
  if (tellsGateway) await target.invalidateCaches();
}

function readSnapshot(text: string): Snapshot | null {
  try {
    return parseSnapshot(JSON.parse(text));
  } catch (error) {
    if (error instanceof InvalidSnapshotError || error instanceof SyntaxError) return null;
    throw error;
  }
}
