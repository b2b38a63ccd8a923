import { Type, type Static } from '@sinclair/typebox';
import type { FieldChange } from './target-changes.js';
import type { SecretsRotation } from './events/secrets.js';
import type { TargetHealth, TargetProbe } from './target-health.js';
import { closed, Id, Nullable, PersonId, ProjectName, Reason, Roles, VersionName } from './shapes.js';
import { FreezePeriod, FreezeScope } from './start-rules.js';
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
  'targets.hold': command({ target_id: Id('target'), reason: Reason }),
  'targets.release': command({ target_id: Id('target'), reason: Reason }),
  'targets.check': command({ target_id: Id('target') }),
  'targets.health': command({ target_id: Id('target') }),
  'targets.rotate_secrets': command({}),
  'targets.tag': command({ tag: VersionTaggedData }),
  'targets.publish': command({
    project: ProjectName,
    version: VersionName,
    target_id: Id('target'),
    reason: Nullable(Reason),
    allow_older: Type.Boolean(),
    /** Why it may start despite windows and freezes; the caller's roles decide whether it does. */
    override_reason: Type.Optional(Nullable(Reason)),
  }),
  'freezes.declare': command({
    /** The target by its id: names are for people. */
    scope: FreezeScope,
    period: FreezePeriod,
    reason: Reason,
    override_roles: Type.Optional(Roles),
  }),
  'freezes.lift': command({ freeze_id: Id('freeze'), reason: Reason }),
  'deployer.cancel': command({ publish_id: Id('publish'), reason: Reason }),
  'deployer.override': command({ publish_id: Id('publish'), reason: Reason }),
  'approvals.approve': command({ approval_id: Id('approval'), comment: Nullable(Reason) }),
  'approvals.reject': command({ approval_id: Id('approval'), comment: Reason }),
  'approvals.withdraw': command({ approval_id: Id('approval') }),
  'approvals.comment': command({ approval_id: Id('approval'), comment: Reason }),
  /** A verified token of the caller was seen, with the roles of now. */
  'approvals.see': command({}),
  'reviews.close': command({
    review_id: Id('review'),
    findings: Reason,
    follow_ups: Type.Array(Reason, { maxItems: 50 }),
  }),
  'deadletters.replay': command({ dead_letter_id: Id('deadLetter') }),
  'deadletters.discard': command({ dead_letter_id: Id('deadLetter'), reason: Reason }),
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
  'targets.publish': { readonly publish_id: string };
  'freezes.declare': { readonly freeze_id: string };
  'freezes.lift': { readonly freeze_id: string };
  'deployer.cancel': { readonly publish_id: string; readonly status: string };
  'deployer.override': { readonly publish_id: string; readonly status: string };
  'approvals.approve': { readonly approval_id: string; readonly status: string };
  'approvals.reject': { readonly approval_id: string; readonly status: string };
  'approvals.withdraw': { readonly approval_id: string; readonly status: string };
  'approvals.comment': { readonly approval_id: string; readonly status: string };
  'approvals.see': { readonly person_id: string };
  'reviews.close': { readonly review_id: string };
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
