import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define-event.js';
import {
  closed,
  Fence,
  Id,
  LogLine,
  Nullable,
  ProjectName,
  PublishSubject,
  publishRequestFields,
  Reason,
  Timestamp,
  VersionName,
} from '../shapes.js';
import { at, check, ids, publishRequest, subject } from './examples.js';

const publishId = { publish_id: Id('publish') };
const release = Type.Object({ project: ProjectName, version: VersionName }, closed);
const Draining = Type.Array(Type.Object({ version: VersionName, running: Type.Integer() }, closed));
const deadline = { deadline_at: Timestamp };

/**
 * A rollback that somebody asked for: a publish of its own, which brings a version back by restoring the backup that was
 * taken while it was active.
 */
export const publishRollbackEvents = [
  defineEvent({
    type: 'RollbackRequested',
    category: 'publish',
    schema: Type.Object(
      {
        /** `project`, `version` and `bundle_digest` are those of the version that comes back. */
        ...publishRequestFields,
        trigger: Type.Literal('rollback'),
        reason: Reason,
        /** What was active on the target; null: nothing. */
        from: Nullable(release),
        backup_id: Id('backup'),
        /** Outranks everything done before on the target, and is outranked by what the later steps do. */
        fence: Fence,
        /** Publishes that were changing the target, or about to: they have ended, and can change nothing any more. */
        takes_over: Type.Array(Id('publish')),
        /** Automatic publishes do not bring these back until the target is released. */
        vetoed: Type.Array(release),
        /** The publish that is undone; null where it is not known. */
        undoes: Nullable(Id('publish')),
      },
      closed,
    ),
    example: {
      ...publishRequest,
      ...{ version: 'v1.2.0', trigger: 'rollback', trigger_key: 'cmd_1', reason: 'invoices without totals' },
      from: { project: 'invoice-pipeline', version: 'v1.3.0' },
      ...{ backup_id: ids.backup, fence: 110, takes_over: [] },
      vetoed: [{ project: 'invoice-pipeline', version: 'v1.3.0' }],
      undoes: ids.publish,
    },
  }),
  defineEvent({
    /** Before anything is touched: whether the backup is as it was written. */
    type: 'BackupCheckRequested',
    category: 'publish',
    schema: Type.Object({ subject: PublishSubject, backup_id: Id('backup'), ...deadline }, closed),
    example: { subject, backup_id: ids.backup, deadline_at: at },
  }),
  defineEvent({
    type: 'RoutingStopRequested',
    category: 'publish',
    schema: Type.Object({ subject: PublishSubject, fence: Fence, ...deadline }, closed),
    example: { subject, fence: 110, deadline_at: at },
  }),
  defineEvent({
    /**
     * `not_supported`: the gateway cannot stop executions by route. `not_stopped`: it could not be asked, or nobody knows.
     * New executions then begin on the old version until the restore; the rollback goes on all the same.
     */
    type: 'RoutingStopped',
    category: 'publish',
    schema: Type.Object(
      {
        ...publishId,
        outcome: Type.Union([
          Type.Literal('stopped'),
          Type.Literal('nothing_active'),
          Type.Literal('not_supported'),
          Type.Literal('not_stopped'),
        ]),
        reason: Nullable(Reason),
        duration_ms: Type.Number(),
        log: Type.Array(LogLine),
      },
      closed,
    ),
    example: { publish_id: ids.publish, outcome: 'stopped', reason: null, duration_ms: 4.1, log: check.log },
  }),
  defineEvent({
    type: 'RollbackRestoreRequested',
    category: 'publish',
    schema: Type.Object(
      {
        subject: PublishSubject,
        backup_id: Id('backup'),
        fence: Fence,
        /** Versions of publishes that were taken over: they are taken away where they never served. */
        discards: Type.Array(VersionName),
        ...deadline,
      },
      closed,
    ),
    example: { subject, backup_id: ids.backup, fence: 111, discards: [], deadline_at: at },
  }),
  defineEvent({
    /** The gateway has to follow: planners, routes and pointer of the restored version. */
    type: 'ReactivationRequested',
    category: 'publish',
    schema: Type.Object({ subject: PublishSubject, fence: Fence, ...deadline }, closed),
    example: { subject, fence: 112, deadline_at: at },
  }),
  defineEvent({
    type: 'VersionReactivated',
    category: 'publish',
    schema: Type.Object(
      {
        ...publishId,
        target_id: Id('target'),
        ...release.properties,
        /** What the target names as the version before it. */
        previous_version: Nullable(VersionName),
        fence: Fence,
        draining: Draining,
        duration_ms: Type.Number(),
        log: Type.Array(LogLine),
      },
      closed,
    ),
    example: {
      ...{ publish_id: ids.publish, target_id: ids.target, project: 'invoice-pipeline', version: 'v1.2.0' },
      ...{ previous_version: 'v1.1.0', fence: 112, draining: [{ version: 'v1.3.0', running: 2 }] },
      ...{ duration_ms: 8.4, log: check.log },
    },
  }),
] as const;
