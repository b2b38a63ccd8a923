import { Type, type Static } from '@sinclair/typebox';
import {
  BackupCondition,
  closed,
  Environment,
  GivenReason,
  Id,
  Nullable,
  ProjectName,
  Sha256,
  Timestamp,
  VersionName,
} from '../shapes.js';
import { BundleChanges } from './changes.js';
import { TargetRef } from './page.js';

/** Rollbacks that people ask for: what would come back, and asking for it. */

const Release = Type.Object({ project: ProjectName, version: VersionName }, closed);

/** In the detail of a rollback: what it undoes and restores. */
export const RollbackPart = Type.Object(
  { from: Nullable(Release), undoes: Nullable(Id('publish')), takes_over: Type.Array(Id('publish')) },
  closed,
);

/** Which version should come back. */
const wish = {
  /** Any version that was active on the target; default: the previous one, or what a running publish found there. */
  to: Type.Optional(VersionName),
};

/** Body of `POST /targets/{id}/rollback/plan`. */
export const RollbackPlanRequest = Type.Object(wish, closed);
export type RollbackPlanRequest = Static<typeof RollbackPlanRequest>;

/** The backup that a plan named: the rollback is refused where it would restore another one by now. */
const expected = { expected_backup_id: Type.Optional(Id('backup')) };

/** Body of `POST /targets/{id}/rollback`. */
export const RollbackRequest = Type.Object({ ...wish, ...expected, reason: GivenReason }, closed);
export type RollbackRequest = Static<typeof RollbackRequest>;

/** Body of `POST /publishes/{id}/rollback`: back to what that publish found on its target. */
export const PublishRollbackRequest = Type.Object({ ...expected, reason: GivenReason }, closed);
export type PublishRollbackRequest = Static<typeof PublishRollbackRequest>;

/** Answer of `POST …/rollback` (202): the rollback is a publish of its own. */
export const RollbackAccepted = Type.Object(
  { publish_id: Id('publish'), project: ProjectName, version: VersionName, backup_id: Id('backup') },
  closed,
);
export type RollbackAccepted = Static<typeof RollbackAccepted>;

/** What a rollback would do, chosen by the functions that choose for the real one. */
export const RollbackChoice = Type.Object(
  {
    ...TargetRef.properties,
    environment: Environment,
    /** What is active; null: nothing. */
    from: Nullable(Release),
    to: Type.Object({ ...Release.properties, bundle_digest: Sha256 }, closed),
    backup: Type.Object(
      { backup_id: Id('backup'), name: Type.String(), digest: Sha256, taken_at: Timestamp, bytes: Type.Integer() },
      closed,
    ),
    /** The publish that would be undone; null where it is not known. */
    undoes: Nullable(Id('publish')),
    /** Publishes that would be stopped, and their places taken. */
    takes_over: Type.Array(
      Type.Object({ publish_id: Id('publish'), ...Release.properties, status: Type.String() }, closed),
    ),
    /** The target is held, and automatic publishes do not bring these back until an operator releases it. */
    vetoed: Type.Array(Release),
    smoke_tests: Type.Boolean(),
  },
  closed,
);
export type RollbackChoice = Static<typeof RollbackChoice>;

/** What restoring a backup would change, row by row: what was changed by hand shows, too. */
export const BackupComparison = Type.Object(
  {
    /** `unknown`: nobody answered who could look at it. */
    condition: Type.Union([...BackupCondition.anyOf, Type.Literal('unknown')]),
    /** Why the backup cannot be restored, or the target not be compared; null: nothing is wrong. */
    reason: Nullable(Type.String()),
    /** What becomes of the artifacts that new executions get; null: it cannot be told. */
    changes: Nullable(BundleChanges),
    /** Whether the target is, byte for byte, what the backup holds; null: it cannot be told. */
    equal: Nullable(Type.Boolean()),
  },
  closed,
);
export type BackupComparison = Static<typeof BackupComparison>;

/** Answer of `POST …/rollback/plan`. */
export const RollbackPlan = Type.Object({ ...RollbackChoice.properties, comparison: BackupComparison }, closed);
export type RollbackPlan = Static<typeof RollbackPlan>;

/** `GET /publishes/{id}/draining`: executions that still run on other versions than the active one. */
export const PublishDraining = Type.Object(
  {
    publish_id: Id('publish'),
    ...TargetRef.properties,
    /** `unknown`: the gateway cannot say, or was not reached; `reason` says which. */
    outcome: Type.Union([Type.Literal('known'), Type.Literal('unknown')]),
    reason: Nullable(Type.String()),
    active_version: Nullable(VersionName),
    executions: Type.Array(Type.Object({ version: Type.String(), running: Type.Integer({ minimum: 0 }) }, closed)),
    /** The sum of them; null where it is unknown. Zero: all has drained. */
    running: Nullable(Type.Integer({ minimum: 0 })),
    asked_at: Timestamp,
  },
  closed,
);
export type PublishDraining = Static<typeof PublishDraining>;

/** What the owner of publishes is asked with: a target, or a publish that should be undone. */
export const rollbackFields = {
  target_id: Id('target'),
  /** Back to what this publish found on its target. */
  publish_id: Nullable(Id('publish')),
  to: Nullable(VersionName),
};
