import { Type } from '@sinclair/typebox';
import { defineEvent, type EventsOf } from '../define-event.js';
import { BackupCondition, closed, Id, LogLine, Nullable, ProjectName, Reason, Sha256, VersionName } from '../shapes.js';
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
        /** What was active before that one. Absent in backups of release 0.1.0. */
        previous_version: Type.Optional(Nullable(VersionName)),
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
      previous_version: 'v1.1.0',
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
    /** What was found of a backup that a rollback is about to restore. */
    type: 'BackupChecked',
    category: 'backup',
    schema: Type.Object(
      { ...backup, outcome: BackupCondition, reason: Nullable(Reason), duration_ms: Type.Number() },
      closed,
    ),
    example: { ...example, outcome: 'ok', reason: null, duration_ms: 2.7 },
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
  defineEvent({
    /** In a stream of its own, `backup-verification.<hash of the command>`: a part of the backups that are looked through. */
    type: 'BackupVerificationRequested',
    category: 'backup',
    schema: Type.Object(
      {
        verification_id: Id('verification'),
        /** All backups of the verification; this event names a part of them. */
        total: Type.Integer({ minimum: 0 }),
        /** Null: of every target. */
        target_id: Nullable(Id('target')),
        backup_ids: Type.Array(Id('backup')),
      },
      closed,
    ),
    example: { verification_id: ids.verification, total: 1, target_id: ids.target, backup_ids: [ids.backup] },
  }),
  defineEvent({
    type: 'BackupVerified',
    category: 'backup',
    schema: Type.Object(
      {
        ...backup,
        verification_id: Id('verification'),
        outcome: BackupCondition,
        /** What is wrong; null when nothing is. */
        reason: Nullable(Reason),
        duration_ms: Type.Number(),
      },
      closed,
    ),
    example: { ...example, verification_id: ids.verification, outcome: 'ok', reason: null, duration_ms: 3.1 },
  }),
  defineEvent({
    type: 'BackupDeleted',
    category: 'backup',
    schema: Type.Object({ ...backup, reason: Reason }, closed),
    example: { ...example, reason: 'older than 30 days, and not among the newest 10' },
  }),
  defineEvent({
    /** An operator put the target back with `m3-publish backup restore`, and the target was seen to equal the backup. */
    type: 'TargetRestoredByHand',
    category: 'backup',
    schema: Type.Object(
      {
        ...backup,
        /** Null when nothing is active. */
        project: Nullable(ProjectName),
        active_version: Nullable(VersionName),
        previous_version: Nullable(VersionName),
        digest: Sha256,
        reason: Reason,
      },
      closed,
    ),
    example: {
      ...example,
      project: 'invoice-pipeline',
      active_version: 'v1.2.0',
      previous_version: 'v1.1.0',
      digest,
      reason: 'the rollback of v1.3.0 failed',
    },
  }),
] as const;
export type BackupEvent = EventsOf<typeof backupEvents>;
