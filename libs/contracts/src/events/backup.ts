import { Type } from '@sinclair/typebox';
import { defineEvent, type EventsOf } from '../define-event.js';
import { closed, Id, LogLine, Nullable, Reason, Sha256, VersionName } from '../shapes.js';
import { check, digest, ids } from './examples.js';

const backup = { backup_id: Id('backup'), publish_id: Id('publish'), target_id: Id('target') };
const example = { backup_id: ids.backup, publish_id: ids.publish, target_id: ids.target };
const failure = { code: Type.String(), reason: Reason };

/** Stream `backup-<backup id>`, owned by backups. */
export const backupEvents = [
  defineEvent({
    type: 'BackupTaken',
    category: 'backup',
    schema: Type.Object(
      {
        ...backup,
        name: Type.String(),
        location: Type.Object({ bucket: Type.String(), key: Type.String() }, closed),
        digest: Sha256,
        bytes: Type.Integer(),
        counts: Type.Record(Type.String(), Type.Integer()),
        active_version: Nullable(VersionName),
        duration_ms: Type.Number(),
        log: Type.Array(LogLine),
      },
      closed,
    ),
    example: {
      ...example,
      name: 'backup-production-20260319-142345',
      location: { bucket: 'm3-backups', key: 'production/bkp.json' },
      digest,
      bytes: 20_311,
      counts: { workflows: 3, agents: 2, processors: 2 },
      active_version: 'v1.2.0',
      duration_ms: 9.5,
      log: check.log,
    },
  }),
  defineEvent({
    type: 'BackupFailed',
    category: 'backup',
    schema: Type.Object({ ...backup, ...failure }, closed),
    example: { ...example, code: 'storage_unreachable', reason: 'the bucket does not answer' },
  }),
  defineEvent({
    type: 'BackupRestored',
    category: 'backup',
    schema: Type.Object(
      {
        ...backup,
        active_version: Nullable(VersionName),
        digest: Sha256,
        duration_ms: Type.Number(),
        log: Type.Array(LogLine),
      },
      closed,
    ),
    example: { ...example, active_version: 'v1.2.0', digest, duration_ms: 14.2, log: check.log },
  }),
  defineEvent({
    type: 'BackupRestoreFailed',
    category: 'backup',
    schema: Type.Object({ ...backup, ...failure }, closed),
    example: { ...example, code: 'digest_mismatch', reason: 'the stored backup was altered' },
  }),
] as const;
export type BackupEvent = EventsOf<typeof backupEvents>;
