import { Type, type Static } from '@sinclair/typebox';
import {
  CheckResult,
  closed,
  Environment,
  Id,
  LogLine,
  Nullable,
  Outcome,
  PersonId,
  ProjectName,
  Reason,
  Sha256,
  Timestamp,
  VersionName,
} from '../shapes.js';
import { StartBlock } from '../start-rules.js';
import { ApprovalSummary } from './approvals.js';
import { GateRound } from './gates.js';
import { Page, pageQuery, TargetRef } from './page.js';
import { PublishStatus, ShownStep, ShownTrigger } from './publish-status.js';
import { NotificationView } from './records.js';
import { RollbackPart } from './rollbacks.js';
import { PublishTraffic } from './traffic.js';

/** A publish that may not start yet: since when, what holds it up, and its earliest start (null: somebody has to move it). */
export const StartDelay = Type.Object(
  { since: Timestamp, resume_at: Nullable(Timestamp), blocks: Type.Array(StartBlock) },
  closed,
);
export type StartDelay = Static<typeof StartDelay>;

const summary = {
  publish_id: Id('publish'),
  project: ProjectName,
  version: VersionName,
  ...TargetRef.properties,
  environment: Environment,
  status: PublishStatus,
  trigger: ShownTrigger,
  requested_by: PersonId,
  requested_at: Timestamp,
  ended_at: Nullable(Timestamp),
  /** From request to end; null while it runs. */
  duration_ms: Nullable(Type.Number({ minimum: 0 })),
  /** One line: why it failed, was rejected, cancelled or rolled back. */
  outcome_reason: Nullable(Type.String()),
  /** Null: it does not wait for its start. */
  start_delay: Nullable(StartDelay),
  /** The deadline that passed without anything happening; null: nothing is late. */
  overdue_since: Nullable(Timestamp),
};
export const PublishSummary = Type.Object(summary, closed);
export type PublishSummary = Static<typeof PublishSummary>;

export const StepStatus = Type.Union([
  Type.Literal('pending'),
  Type.Literal('running'),
  Type.Literal('passed'),
  Type.Literal('failed'),
  Type.Literal('skipped'),
]);
export type StepStatus = Static<typeof StepStatus>;

/** One of the eight steps, or `rolling_back`, which appears only when it happens; or one of the six of a rollback. */
export const StepView = Type.Object(
  {
    step: ShownStep,
    status: StepStatus,
    started_at: Nullable(Timestamp),
    ended_at: Nullable(Timestamp),
    duration_ms: Nullable(Type.Number({ minimum: 0 })),
    deadline_at: Nullable(Timestamp),
    /** What it came to, in a few words; why, if it failed or was skipped. */
    detail: Nullable(Type.String()),
  },
  closed,
);
export type StepView = Static<typeof StepView>;

const CheckRound = Type.Object({ outcome: Outcome, checks: Type.Array(CheckResult) }, closed);

export const PublishFailure = Type.Object(
  {
    step: ShownStep,
    code: Type.String(),
    reason: Type.String(),
    timed_out: Type.Boolean(),
    /** What is not known, if the step timed out: e.g. whether the deploy happened. */
    unknown: Nullable(Type.String()),
    /** Filled when a rollback failed: what to do by hand. */
    manual_steps: Type.Array(Type.String()),
  },
  closed,
);
export type PublishFailure = Static<typeof PublishFailure>;

/** That what was deployed is what was approved; `equal` is null until it is deployed. */
export const ApprovalProof = Type.Object(
  { approved_digest: Sha256, deployed_digest: Nullable(Sha256), equal: Nullable(Type.Boolean()) },
  closed,
);
export type ApprovalProof = Static<typeof ApprovalProof>;

const BackupRef = Type.Object({ backup_id: Id('backup'), name: Nullable(Type.String()) }, closed);

/** `GET /publishes/{id}` */
export const PublishDetail = Type.Object(
  {
    ...summary,
    bundle_digest: Sha256,
    tagged_by: PersonId,
    reason: Nullable(Reason),
    allow_older: Type.Boolean(),
    /** The version that was active on the target before; null before that is known, or when there was none. */
    previous_version: Nullable(VersionName),
    steps: Type.Array(StepView),
    validation: Nullable(CheckRound),
    gates: Nullable(GateRound),
    verification: Nullable(CheckRound),
    approval: Nullable(ApprovalSummary),
    /** Those that became void, newest first. */
    void_approvals: Type.Array(ApprovalSummary),
    /** Null: there is nothing to compare: no approval was needed, or given yet. */
    approval_proof: Nullable(ApprovalProof),
    backup: Nullable(BackupRef),
    /** Null: it is no rollback that somebody asked for. */
    rollback: Nullable(RollbackPart),
    /** Null: new executions go to the version all at once, or none did so far. */
    traffic: Nullable(PublishTraffic),
    notifications: Type.Array(NotificationView),
    failure: Nullable(PublishFailure),
    cancel_requested_by: Nullable(PersonId),
    /** The publish that this one does again, and the one that does this again. */
    retry_of: Nullable(Id('publish')),
    retried_by: Nullable(Id('publish')),
    /** Who let it start despite windows and freezes, and why. */
    overrides: Type.Array(Type.Object({ by: PersonId, at: Timestamp, reason: Reason }, closed)),
    links: Type.Record(Type.String(), Type.String(), { description: 'related resources: paths under the API' }),
    /** The log up to which this was projected; `GET …/stream?from=` it continues without loss or repeats. */
    as_of_seq: Type.Integer({ minimum: 0 }),
  },
  closed,
);
export type PublishDetail = Static<typeof PublishDetail>;

/** `GET /publishes`: newest request first. `target` is an id or a name. */
export const PublishListQuery = Type.Object(
  {
    ...pageQuery,
    target: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    status: Type.Optional(PublishStatus),
    project: Type.Optional(ProjectName),
    version: Type.Optional(VersionName),
    /** Only those that are past a deadline. */
    overdue: Type.Optional(Type.Literal('true')),
  },
  closed,
);
export type PublishListQuery = Static<typeof PublishListQuery>;
export const PublishList = Page(PublishSummary);
export type PublishList = Page<PublishSummary>;

/** `GET /publishes/{id}/logs`; with `Accept: text/plain` just the lines. */
export const PublishLogs = Type.Object(
  {
    publish_id: Id('publish'),
    lines: Type.Array(
      Type.Object(
        {
          ...LogLine.properties,
          step: Nullable(ShownStep),
          /** Ready to print: `[2024-03-19 14:23:45] ✓ Backup created: backup-prod-20240319-142345` (UTC). */
          line: Type.String(),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type PublishLogs = Static<typeof PublishLogs>;

/** `GET /publishes/{id}/why`: what it waits for, since when, and who or what can move it. */
export const PublishWhy = Type.Object(
  {
    publish_id: Id('publish'),
    status: PublishStatus,
    waits_for: Type.Union([
      Type.Literal('nothing'),
      Type.Literal('step'),
      Type.Literal('override'),
      Type.Literal('approval'),
      Type.Literal('window'),
      Type.Literal('release'),
      Type.Literal('promotion'),
      Type.Literal('slot'),
      Type.Literal('target'),
      Type.Literal('traffic'),
    ]),
    explanation: Type.String(),
    since: Nullable(Timestamp),
    /** When it is failed as timed out, if nothing happens before. */
    deadline_at: Nullable(Timestamp),
    /** When it goes on by itself at the earliest; null: not known, or only somebody can move it. */
    resume_at: Nullable(Timestamp),
    /** Every rule that holds its start up. */
    blocks: Type.Array(StartBlock),
    can_be_moved_by: Type.Array(Type.Object({ who: Type.String(), how: Type.String() }, closed)),
  },
  closed,
);
export type PublishWhy = Static<typeof PublishWhy>;
