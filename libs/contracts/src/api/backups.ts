import { Type, type Static } from '@sinclair/typebox';
import { BackupCondition, closed, Id, Nullable, Reason, Sha256, Timestamp, VersionName } from '../shapes.js';
import { Page, pageQuery, TargetRef } from './page.js';

/** Backups, and looks at what is stored of them. */

export const BackupStatus = Type.Union([
  Type.Literal('requested'),
  Type.Literal('taken'),
  Type.Literal('failed'),
  Type.Literal('restored'),
  Type.Literal('restore_failed'),
  Type.Literal('deleted'),
]);
export type BackupStatus = Static<typeof BackupStatus>;

export const BackupView = Type.Object(
  {
    backup_id: Id('backup'),
    publish_id: Id('publish'),
    ...TargetRef.properties,
    status: BackupStatus,
    /** Readable name, e.g. `backup-production-20260319-142345`; null until it is taken. */
    name: Nullable(Type.String()),
    location: Nullable(Type.Object({ bucket: Type.String(), key: Type.String() }, closed)),
    digest: Nullable(Sha256),
    bytes: Nullable(Type.Integer()),
    counts: Type.Record(Type.String(), Type.Integer()),
    /** The version that was active when it was taken. */
    active_version: Nullable(VersionName),
    /** The version that was active before that one. */
    previous_version: Nullable(VersionName),
    requested_at: Timestamp,
    taken_at: Nullable(Timestamp),
    restored_at: Nullable(Timestamp),
    deleted_at: Nullable(Timestamp),
    /** Why it was deleted: the target's retention. */
    deleted_reason: Nullable(Type.String()),
    /** The latest look at what is stored; null: nobody has looked since it was taken and read back. */
    verification: Nullable(
      Type.Object({ outcome: BackupCondition, reason: Nullable(Type.String()), at: Timestamp }, closed),
    ),
    failure: Nullable(Type.Object({ code: Type.String(), reason: Type.String() }, closed)),
  },
  closed,
);
export type BackupView = Static<typeof BackupView>;

/** `GET /backups`: newest first. `target` is an id or a name; `version` the one that was active. */
export const BackupListQuery = Type.Object(
  {
    ...pageQuery,
    target: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    status: Type.Optional(BackupStatus),
    version: Type.Optional(VersionName),
  },
  closed,
);
export type BackupListQuery = Static<typeof BackupListQuery>;
export const BackupList = Page(BackupView);
export type BackupList = Page<BackupView>;

/** `POST /backups/verify`: of one target (id or name), or of every one. */
export const VerifyBackupsBody = Type.Object(
  { target: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })) },
  closed,
);
export type VerifyBackupsBody = Static<typeof VerifyBackupsBody>;

/** Answer of `POST /backups/verify` and `POST /backups/{id}/verify`; how it goes shows `GET /backups/verifications/{id}`. */
export const VerificationAccepted = Type.Object(
  { verification_id: Id('verification'), total: Type.Integer({ minimum: 0 }) },
  closed,
);
export type VerificationAccepted = Static<typeof VerificationAccepted>;

/** How far a verification is. It has ended when `done` is `total`. */
export const VerificationView = Type.Object(
  {
    verification_id: Id('verification'),
    total: Type.Integer(),
    done: Type.Integer(),
    outcomes: Type.Record(BackupCondition, Type.Integer()),
    requested_by: Type.String(),
    requested_at: Timestamp,
    last_at: Timestamp,
    /** What is wrong with which backup: the first hundred. */
    faults: Type.Array(Type.Object({ backup_id: Id('backup'), outcome: BackupCondition, reason: Reason }, closed)),
  },
  closed,
);
export type VerificationView = Static<typeof VerificationView>;

/** Answer of `POST /backups/{id}/restored`. */
export const RestoredByHandAccepted = Type.Object(
  { backup_id: Id('backup'), active_version: Nullable(VersionName) },
  closed,
);
export type RestoredByHandAccepted = Static<typeof RestoredByHandAccepted>;
