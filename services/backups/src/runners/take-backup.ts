import { sha256, type BackupEvent, type EventData, type LogLine } from '@m3/contracts';
import { snapshotText, type Snapshot, type TargetEnvironment } from '@m3/target-environment';
import type { ObjectStorage } from '@m3/object-storage';
import { backupKey, backupName } from '../domain/backup.js';

export interface TakeBackup {
  readonly target: TargetEnvironment;
  readonly storage: ObjectStorage;
  readonly bucket: string;
  readonly request: EventData<'BackupRequested'>;
  /** When it was asked for: a repeated attempt writes the same object again. */
  readonly requestedAt: Date;
  /** Bounds each call to target and storage. */
  readonly timeoutMs: number;
  readonly now: () => Date;
}

/** A storage that gave back something else once may have been at fault for a moment only. */
const WRITES = 3;

type Ended = Extract<BackupEvent, { type: 'BackupTaken' | 'BackupFailed' }>;

/** Snapshots a target to the storage and reads it back: only what was read again, byte for byte, counts as a backup. */
export async function takeBackup({
  target,
  storage,
  bucket,
  request,
  timeoutMs,
  ...times
}: TakeBackup): Promise<Ended> {
  const started = performance.now();
  const { backup_id, subject } = request;
  const { publish_id, target_id, environment } = subject;
  const name = backupName(environment, times.requestedAt);
  const key = backupKey(target_id, name, backup_id);
  const snapshot = routed(await target.snapshot({ timeoutMs }));
  const text = snapshotText(snapshot);
  const digest = sha256(text);
  let stored = '';
  for (let write = 1; write <= WRITES && stored !== digest; write += 1) {
    await storage.put(bucket, key, text, timeoutMs);
    stored = sha256(await storage.get(bucket, key, undefined, timeoutMs));
  }
  if (stored !== digest) {
    const reason = `written ${WRITES} times, the storage gives back ${stored} and not what was written (${digest})`;
    return { type: 'BackupFailed', data: { backup_id, publish_id, target_id, code: 'backup_not_verified', reason } };
  }
  const bytes = Buffer.byteLength(text);
  const counts = {
    workflows: snapshot.workflows.length,
    agents: snapshot.agents.length,
    processors: snapshot.processors.length,
  };
  const said = `Backup read back and verified: ${bytes} bytes, ${digest.slice(0, 19)}…`;
  const readBack: LogLine = { at: times.now().toISOString(), level: 'info', text: said };
  return {
    type: 'BackupTaken',
    data: {
      backup_id,
      publish_id,
      target_id,
      name,
      location: { bucket, key },
      digest,
      bytes,
      counts,
      active_version: snapshot.active_release?.version ?? null,
      previous_version: snapshot.active_release?.previous_version ?? null,
      duration_ms: Math.round((performance.now() - started) * 100) / 100,
      log: [readBack],
    },
  };
}

/** That new executions are stopped, as after a rollback that failed, is not kept: a restore lets them begin again. */
function routed(snapshot: Snapshot): Snapshot {
  const { active_release: active, routes } = snapshot;
  if (active === null || routes.length === 0 || routes.some(({ weight }) => weight > 0)) return snapshot;
  return { ...snapshot, routes: [{ version: active.version, weight: 100 }] };
}
