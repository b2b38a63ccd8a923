import { Type, type Static, type TSchema } from '@sinclair/typebox';
import { GateSettings } from './gate-settings.js';
import { idPattern, type IdKind } from './ids.js';
import { problemKeyword, type ProblemCode } from './problem-codes.js';
import { TrafficPlan } from './traffic-plan.js';

/** Shapes that several events, documents and replies share. All objects are closed: an unknown field is an error. */

export const closed = { additionalProperties: false } as const;

export const Id = (kind: IdKind) => Type.String({ pattern: idPattern(kind) });
export const Timestamp = Type.String({ format: 'date-time', description: 'UTC, ISO 8601' });
export const Sha256 = Type.String({ pattern: '^sha256:[0-9a-f]{64}$' });
export const ProjectName = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
  description: 'lower-case letters, digits and -, 63 characters at most',
});
export const VersionName = Type.String({
  pattern:
    '^v?(0|[1-9][0-9]{0,8})\\.(0|[1-9][0-9]{0,8})\\.(0|[1-9][0-9]{0,8})(-[0-9A-Za-z.-]{1,64})?(\\+[0-9A-Za-z.-]{1,64})?$',
  description: 'semantic version, with or without a leading v',
});
export const PersonId = Type.String({ minLength: 1, maxLength: 200 });
export const Reason = Type.String({ minLength: 1, maxLength: 2000 });
/** Why somebody wants something, as it is asked for: blanks say nothing. What is in the log already is a {@link Reason}. */
export const GivenReason = Type.String({
  ...{ minLength: 1, maxLength: 2000, pattern: '[\\p{L}\\p{N}\\p{P}\\p{S}]' },
  description: 'text with something to read in it',
  [problemKeyword]: 'blank_reason' satisfies ProblemCode,
});
export const Nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

/** What went wrong with a step. `unknown`: what may have happened all the same; null: surely nothing did. */
export const failureFields = {
  code: Type.String(),
  reason: Reason,
  timed_out: Type.Boolean(),
  unknown: Nullable(Type.String()),
};

/** Fencing token: rises with every slot granted on a target. */
export const Fence = Type.Integer({ minimum: 1 });

/** One line of a step's log, as operators read it. */
export const LogLine = Type.Object(
  {
    at: Timestamp,
    level: Type.Union([Type.Literal('info'), Type.Literal('warning'), Type.Literal('error')]),
    text: Type.String({ maxLength: 2000 }),
  },
  closed,
);
export type LogLine = Static<typeof LogLine>;

/** What a check says. *inconclusive*: there was no data to judge by; it is never a pass. */
export const Outcome = Type.Union([Type.Literal('passed'), Type.Literal('failed'), Type.Literal('inconclusive')]);
export type Outcome = Static<typeof Outcome>;

export const Finding = Type.Object(
  {
    code: Type.String(),
    severity: Type.Union([Type.Literal('error'), Type.Literal('warning')]),
    message: Type.String({ maxLength: 2000 }),
    artifact: Type.Optional(Type.Object({ kind: Type.String(), name: Type.String() }, closed)),
    node: Type.Optional(Type.String()),
    path: Type.Optional(Type.String()),
    digest: Type.Optional(Type.String()),
    remedy: Type.Optional(Type.String({ maxLength: 2000 })),
  },
  closed,
);
export type Finding = Static<typeof Finding>;

/** The result of one check or gate, with its own log and findings. */
export const CheckResult = Type.Object(
  {
    name: Type.String(),
    outcome: Outcome,
    message: Type.String({ maxLength: 2000 }),
    duration_ms: Type.Number({ minimum: 0 }),
    findings: Type.Array(Finding),
    log: Type.Array(LogLine),
    metrics: Type.Optional(Type.Record(Type.String(), Type.Number())),
  },
  closed,
);
export type CheckResult = Static<typeof CheckResult>;

export const ArtifactKind = Type.Union([Type.Literal('workflow'), Type.Literal('agent'), Type.Literal('processor')]);
export const ArtifactRef = Type.Object({ kind: ArtifactKind, name: Type.String(), digest: Sha256 }, closed);
export type ArtifactRef = Static<typeof ArtifactRef>;

export const Environment = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,30}$',
  description: 'lower-case letters, digits and -, beginning with a letter, 31 characters at most',
});
export const TargetType = Type.Union([
  Type.Literal('auto_deploy'),
  Type.Literal('manual_approval'),
  Type.Literal('scheduled'),
  Type.Literal('emergency'),
]);
export type TargetType = Static<typeof TargetType>;

/** How a target is reached. The database URL itself is a secret: events carry its reference and the harmless parts. */
export const TargetAddress = Type.Object(
  {
    gateway_url: Type.String(),
    schema: Type.String(),
    database: Type.Object({ host: Type.String(), port: Type.Integer(), name: Type.String() }, closed),
    secret_ref: Id('secret'),
  },
  closed,
);
export type TargetAddress = Static<typeof TargetAddress>;

export const ApprovalRule = Type.Object(
  {
    quorum: Type.Integer({ minimum: 0 }),
    /** Empty: anyone with the approver role. */
    approvers: Type.Array(PersonId),
    allow_self_approval: Type.Boolean(),
    timeout_hours: Type.Number({ minimum: 0 }),
    auto_reject_on_timeout: Type.Boolean(),
  },
  closed,
);
export type ApprovalRule = Static<typeof ApprovalRule>;

export const GateThresholds = Type.Object(
  {
    integration_pass_rate: Type.Number({ minimum: 0, maximum: 100 }),
    p95_ms: Type.Number({ minimum: 0 }),
    error_rate: Type.Number({ minimum: 0, maximum: 100 }),
    fail_on_warnings: Type.Boolean(),
  },
  closed,
);
export type GateThresholds = Static<typeof GateThresholds>;

/** What a look at a stored backup finds. *unreadable*: the storage gave no answer, or refused one. */
export const BackupCondition = Type.Union([
  Type.Literal('ok'),
  Type.Literal('altered'),
  Type.Literal('missing'),
  Type.Literal('unreadable'),
]);
export type BackupCondition = Static<typeof BackupCondition>;

/** The target's configuration in force when a publish was requested; kept in the event so that later edits never rewrite history. */
export const TargetSnapshot = Type.Object(
  {
    target_id: Id('target'),
    revision: Type.Integer({ minimum: 1 }),
    name: Type.String(),
    environment: Environment,
    type: TargetType,
    address: TargetAddress,
    timeout_seconds: Type.Integer({ minimum: 1 }),
    max_concurrent_deployments: Type.Integer({ minimum: 1 }),
    require_backup: Type.Boolean(),
    run_smoke_tests: Type.Boolean(),
    /** Absent: all executions at once. */
    traffic: Type.Optional(TrafficPlan),
    approval: ApprovalRule,
    thresholds: GateThresholds,
    /** Absent: the defaults of all gates. */
    gates: Type.Optional(GateSettings),
    config_digest: Sha256,
    /** An emergency publish has to be reviewed afterwards. Absent: not. */
    post_deploy_review: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type TargetSnapshot = Static<typeof TargetSnapshot>;

/** What one publish is about: repeated in each request so that whoever does the work needs no other read. */
export const PublishSubject = Type.Object(
  {
    publish_id: Id('publish'),
    project: ProjectName,
    version: VersionName,
    bundle_digest: Sha256,
    target_id: Id('target'),
    target_name: Type.String(),
    environment: Environment,
    address: TargetAddress,
    /** Absent: it is none. */
    emergency: Type.Optional(Type.Literal(true)),
  },
  closed,
);
export type PublishSubject = Static<typeof PublishSubject>;

/** What starts a publish (spec section 5). */
export const Trigger = Type.Union([
  Type.Literal('tag'),
  Type.Literal('manual'),
  Type.Literal('schedule'),
  Type.Literal('emergency'),
]);
export type Trigger = Static<typeof Trigger>;

export const Roles = Type.Array(Type.String({ minLength: 1, maxLength: 50 }), { maxItems: 50, uniqueItems: true });

/** A wish to start despite windows and freezes, with the roles that whoever has it had when asking. */
export const StartOverride = Type.Object({ reason: Reason, roles: Roles }, closed);
export type StartOverride = Static<typeof StartOverride>;

/** What a publish is asked with. */
export const publishRequestFields = {
  publish_id: Id('publish'),
  project: ProjectName,
  version: VersionName,
  bundle_digest: Sha256,
  trigger: Trigger,
  /** Distinguishes occurrences of one kind of trigger: `tag`, `schedule:<occurrence>`, or the id of the operator's command. */
  trigger_key: Type.String({ maxLength: 200 }),
  requested_by: PersonId,
  tagged_by: PersonId,
  reason: Nullable(Reason),
  requires_marie: Type.Optional(Type.String({ maxLength: 100 })),
  /** Allows a version older than the active one. */
  allow_older: Type.Boolean(),
  /** Start despite windows and freezes, as far as the roles of whoever asks allow it. */
  override: Type.Optional(StartOverride),
  /** The publish that this one does again. */
  retry_of: Type.Optional(Id('publish')),
  target: TargetSnapshot,
};

/** The terms of an approval: the rule in force, who may not decide, and what exactly is approved. */
export const approvalTermFields = {
  approval_id: Id('approval'),
  subject: PublishSubject,
  rule: ApprovalRule,
  requested_by: PersonId,
  /** People who may not approve: the requester and who tagged the version, unless the rule allows it. */
  excluded: Type.Array(PersonId),
  approved_digest: Sha256,
  expires_at: Nullable(Timestamp),
};
