import { Type, type Static } from '@sinclair/typebox';
import type { ChannelList, ChannelTested } from './api/channels.js';
import { GateQuestion, ValidationQuestion, type PlannedGates, type PlannedValidation } from './api/gates.js';
import { planFields, type PublishPlan } from './api/plans.js';
import type { DeadLetterMessage } from './api/records.js';
import {
  rollbackFields,
  type BackupComparison,
  type PublishDraining,
  type RollbackAccepted,
  type RollbackChoice,
} from './api/rollbacks.js';
import type { TrafficLook } from './api/traffic.js';
import type { BundleChanges, VersionChanges } from './api/changes.js';
import { closed, GivenReason, Id, Nullable, PersonId, ProjectName, Roles, Sha256, VersionName } from './shapes.js';
import { FreezePeriod, FreezeScope } from './start-rules.js';
import type { FieldChange } from './target-changes.js';
import type { SecretsRotation } from './events/secrets.js';
import type { TargetHealth, TargetProbe } from './target-health.js';
import { GateName } from './gate-settings.js';
import { ExternalVerdict } from './external-gate.js';
import { VersionTaggedData } from './version-tagged.js';

/** Operators' commands, passed by the gateway to the owner of the decision by request/reply on core NATS. */

export const Role = Type.Union([
  Type.Literal('admin'),
  Type.Literal('maintainer'),
  Type.Literal('approver'),
  Type.Literal('viewer'),
  Type.Literal('auditor'),
  Type.Literal('service'),
]);
export type Role = Static<typeof Role>;

/** Who asks: the verified subject of the token, never a field that the caller filled in. */
export const Caller = Type.Object({ id: PersonId, roles: Type.Array(Role) }, closed);
export type Caller = Static<typeof Caller>;

/** A command carries its own id: sent twice, it is done once. */
const command = <Fields extends Parameters<typeof Type.Object>[0]>(fields: Fields) =>
  Type.Object({ command_id: Type.String({ minLength: 1, maxLength: 200 }), caller: Caller, ...fields }, closed);

export const commandSchemas = {
  'targets.apply': command({
    /** As the operator wrote them: the owner says all that is wrong with them at once. */
    targets: Type.Array(Type.Object({}, { additionalProperties: true }), { minItems: 1, maxItems: 1000 }),
    dry_run: Type.Boolean(),
    /** The revision that the operator looked at; a target that was changed since is left as it is. One document only. */
    expected_revision: Type.Optional(Type.Integer({ minimum: 0 })),
  }),
  'targets.enable': command({ target_id: Id('target') }),
  'targets.disable': command({ target_id: Id('target') }),
  'targets.hold': command({ target_id: Id('target'), reason: GivenReason }),
  'targets.release': command({ target_id: Id('target'), reason: GivenReason }),
  'targets.check': command({ target_id: Id('target') }),
  'targets.health': command({ target_id: Id('target') }),
  'targets.rotate_secrets': command({}),
  'targets.tag': command({ tag: VersionTaggedData }),
  /** What one bundle changes against another; null: against nothing. */
  'targets.changes': command({ before: Nullable(Sha256), after: Sha256 }),
  'targets.publish': command({
    project: ProjectName,
    version: VersionName,
    target_id: Id('target'),
    reason: Nullable(GivenReason),
    allow_older: Type.Boolean(),
    /** Why it may start despite windows and freezes; the caller's roles decide whether it does. */
    override_reason: Type.Optional(Nullable(GivenReason)),
  }),
  /** Does again what a publish did that ended without success. */
  'targets.retry': command({ publish_id: Id('publish'), reason: Nullable(GivenReason) }),
  /** What a publish would do and what would hold it up; nothing is changed. */
  'deployer.plan': command(planFields),
  /** What a rollback would restore and whom it would stop; nothing is changed. */
  'deployer.plan_rollback': command(rollbackFields),
  'deployer.rollback': command({
    ...rollbackFields,
    /** The backup that was seen in a plan; null: any. */
    expected_backup_id: Nullable(Id('backup')),
    reason: GivenReason,
  }),
  'deployer.draining': command({ publish_id: Id('publish') }),
  'deployer.traffic': command({ publish_id: Id('publish') }),
  'freezes.declare': command({
    /** The target by its id: names are for people. */
    scope: FreezeScope,
    period: FreezePeriod,
    reason: GivenReason,
    override_roles: Type.Optional(Roles),
  }),
  'freezes.lift': command({ freeze_id: Id('freeze'), reason: GivenReason }),
  'deployer.cancel': command({
    publish_id: Id('publish'),
    reason: GivenReason,
    /** Where its trigger stands: it may be spoken of before it was delivered. */
    version_of: Type.Optional(Type.Object({ project: ProjectName, version: VersionName }, closed)),
  }),
  'deployer.override': command({ publish_id: Id('publish'), reason: GivenReason }),
  /** What pre-publish validation would find now; nothing is changed. */
  'gates.preflight': command(ValidationQuestion.properties),
  /** Which gates a publish would have to pass, and by what; nothing is changed. */
  'gates.planned': command(GateQuestion.properties),
  'gates.override': command({ publish_id: Id('publish'), gate: GateName, reason: GivenReason }),
  'gates.callback': command({
    gate_run_id: Id('gateRun'),
    token: Type.String({ minLength: 1, maxLength: 200 }),
    verdict: ExternalVerdict,
  }),
  'approvals.approve': command({ approval_id: Id('approval'), comment: Nullable(GivenReason) }),
  'approvals.reject': command({ approval_id: Id('approval'), comment: GivenReason }),
  /** The original message of a dead letter. */
  'deadletters.message': command({ dead_letter_id: Id('deadLetter') }),
  'backups.verify': command({ backup_id: Id('backup') }),
  'backups.verify_all': command({ target_id: Nullable(Id('target')) }),
  /** What restoring it would change on its target now. */
  'backups.compare': command({ backup_id: Id('backup') }),
  'backups.restored': command({ backup_id: Id('backup'), reason: GivenReason }),
  'approvals.withdraw': command({ approval_id: Id('approval') }),
  'approvals.comment': command({ approval_id: Id('approval'), comment: GivenReason }),
  /** A verified token of the caller was seen, with the roles of now. */
  'approvals.see': command({}),
  'reviews.close': command({
    review_id: Id('review'),
    findings: GivenReason,
    follow_ups: Type.Array(GivenReason, { maxItems: 50 }),
  }),
  'notifier.channels': command({}),
  'notifier.test_channel': command({ channel: Type.String({ minLength: 1, maxLength: 100 }) }),
  'deadletters.replay': command({ dead_letter_id: Id('deadLetter') }),
  'deadletters.discard': command({ dead_letter_id: Id('deadLetter'), reason: GivenReason }),
} as const;
export type CommandName = keyof typeof commandSchemas;
export type CommandPayload<Name extends CommandName> = Static<(typeof commandSchemas)[Name]>;

export interface AppliedTarget {
  readonly target_id: string;
  readonly name: string;
  readonly outcome: 'created' | 'changed' | 'unchanged';
  /** As it stands after the change; null where nothing was made (dry run). */
  readonly revision: number | null;
  readonly changes: readonly FieldChange[];
}

/** What each command answers when it was accepted. */
export interface CommandResults {
  'targets.apply': { readonly targets: readonly AppliedTarget[] };
  'targets.enable': { readonly target_id: string };
  'targets.disable': { readonly target_id: string };
  'targets.hold': { readonly target_id: string };
  'targets.release': { readonly target_id: string };
  'targets.check': TargetProbe;
  'targets.health': TargetHealth;
  'targets.rotate_secrets': SecretsRotation;
  'targets.tag': {
    readonly outcome: 'tagged' | 'already_tagged';
    readonly project: string;
    readonly version: string;
    readonly bundle_digest: string;
    readonly publishes: readonly string[];
  };
  'targets.changes': BundleChanges & Pick<VersionChanges, 'requires_marie'>;
  'targets.publish': { readonly publish_id: string };
  'targets.retry': { readonly publish_id: string; readonly retry_of: string };
  'deployer.plan': PublishPlan;
  'deployer.plan_rollback': RollbackChoice;
  'deployer.rollback': RollbackAccepted;
  'deployer.draining': PublishDraining;
  'deployer.traffic': TrafficLook;
  'freezes.declare': { readonly freeze_id: string };
  'freezes.lift': { readonly freeze_id: string };
  'deployer.cancel': { readonly publish_id: string; readonly status: string };
  'deployer.override': { readonly publish_id: string; readonly status: string };
  'gates.preflight': PlannedValidation;
  'gates.planned': PlannedGates;
  'gates.override': { readonly publish_id: string; readonly gate: string; readonly remaining: readonly string[] };
  'gates.callback': { readonly gate_run_id: string; readonly gate: string };
  'approvals.approve': { readonly approval_id: string; readonly status: string };
  'approvals.reject': { readonly approval_id: string; readonly status: string };
  'deadletters.message': DeadLetterMessage;
  'backups.verify': { readonly verification_id: string; readonly total: number };
  'backups.verify_all': { readonly verification_id: string; readonly total: number };
  'backups.compare': BackupComparison;
  'backups.restored': { readonly backup_id: string; readonly active_version: string | null };
  'approvals.withdraw': { readonly approval_id: string; readonly status: string };
  'approvals.comment': { readonly approval_id: string; readonly status: string };
  'approvals.see': { readonly person_id: string };
  'reviews.close': { readonly review_id: string };
  'notifier.channels': ChannelList;
  'notifier.test_channel': ChannelTested;
  'deadletters.replay': { readonly dead_letter_id: string };
  'deadletters.discard': { readonly dead_letter_id: string };
}

/** The answer to a command. A refusal is a value; no answer at all means *unknown*, and the same command id may be sent again. */
export type CommandReply<Name extends CommandName> =
  | { readonly ok: true; readonly result: CommandResults[Name] }
  | { readonly ok: false; readonly problem: ProblemDetails };

/** RFC 9457 problem details, with the stable `code` and the field at fault. */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly field?: string;
  readonly findings?: readonly unknown[];
}
