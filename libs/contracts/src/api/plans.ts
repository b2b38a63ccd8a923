import { Type, type Static } from '@sinclair/typebox';
import {
  ApprovalRule,
  closed,
  Environment,
  Id,
  Nullable,
  PersonId,
  ProjectName,
  Reason,
  GivenReason,
  Sha256,
  TargetType,
  Timestamp,
  VersionName,
} from '../shapes.js';
import { BundleChanges } from './changes.js';
import { PlannedGates, PlannedValidation } from './gates.js';
import { TrafficPlan } from '../traffic-plan.js';
import { ProblemReply, TargetRef } from './page.js';
import { PublishRequest } from './publish-commands.js';

/** What a publish would do and what would hold it up, said before anyone asks for it. */

/** Body of `POST /publishes/plan`: the body that `POST /publishes` would have. */
export const PublishPlanRequest = Type.Object(
  { ...PublishRequest.properties, override_reason: Type.Optional(Nullable(GivenReason)) },
  closed,
);
export type PublishPlanRequest = Static<typeof PublishPlanRequest>;

/** Who or what can move the publish on, and how. */
const movers = Type.Array(Type.Object({ who: Type.String(), how: Type.String() }, closed));

/** Why the publish would not come to its end, however long one waits. Codes are those of the real refusal or failure. */
export const PlanRefusal = Type.Object(
  {
    /** The request itself would be refused, or the publish fail in that step. */
    at: Type.Union([Type.Literal('request'), Type.Literal('validating'), Type.Literal('deploying')]),
    code: Type.String(),
    detail: Type.String(),
    field: Type.Optional(Type.String()),
    unblocked_by: movers,
  },
  closed,
);
export type PlanRefusal = Static<typeof PlanRefusal>;

/** Something that the publish would wait for. */
export const PlanBlock = Type.Object(
  {
    code: Type.String({ description: 'stable, e.g. approval_required, slot_taken' }),
    detail: Type.String(),
    /** When it ends by itself, if that is known. */
    until: Nullable(Timestamp),
    /** Who or what can end it, and how. */
    unblocked_by: movers,
  },
  closed,
);
export type PlanBlock = Static<typeof PlanBlock>;

/** What is known to be active on a target: as the target says, or else as the log has it. */
export const PlanBasis = Type.Object(
  {
    source: Type.Union([Type.Literal('target'), Type.Literal('log'), Type.Literal('unknown')]),
    /** Why it is not the target that says it, or why changes cannot be shown in full; null: nothing is missing. */
    note: Nullable(Type.String()),
    /** Null: nothing is active, or it is not known what is. */
    active: Nullable(Type.Object({ project: ProjectName, version: VersionName, bundle_digest: Sha256 }, closed)),
  },
  closed,
);
export type PlanBasis = Static<typeof PlanBasis>;

/** What pre-publish validation finds now, gateway, database and storage among it; or why it could not be asked. */
export const PlanValidation = Type.Union([
  Type.Object({ source: Type.Literal('gates'), ...PlannedValidation.properties }, closed),
  Type.Object({ source: Type.Literal('unknown'), note: Type.String() }, closed),
]);
export type PlanValidation = Static<typeof PlanValidation>;

/** An operator's stop on automatic publishes. */
export const PlanHold = Type.Object({ reason: Reason, by: PersonId, since: Timestamp, unblocked_by: movers }, closed);
export type PlanHold = Static<typeof PlanHold>;

/** The quality gates as they say it themselves; or why they could not be asked. */
export const PlanGates = Type.Union([
  Type.Object({ source: Type.Literal('gates'), ...PlannedGates.properties }, closed),
  Type.Object({ source: Type.Literal('unknown'), note: Type.String() }, closed),
]);
export type PlanGates = Static<typeof PlanGates>;

export const PlannedApproval = Type.Object(
  {
    rule: ApprovalRule,
    /** People who may not vote: who asks for the publish, and who tagged the version. */
    excluded: Type.Array(PersonId),
    /** Who is left to vote; empty: anyone with the approver role who is not excluded. */
    eligible: Type.Array(PersonId),
  },
  closed,
);
export type PlannedApproval = Static<typeof PlannedApproval>;

/** The plan for one target. */
export const PublishPlan = Type.Object(
  {
    ...TargetRef.properties,
    environment: Environment,
    type: TargetType,
    trigger: Type.Union([Type.Literal('manual'), Type.Literal('emergency')]),
    /** What would come of the request now: it is refused, or the publish fails, waits, or touches the target at once. */
    outcome: Type.Union([
      Type.Literal('refused'),
      Type.Literal('fails'),
      Type.Literal('waits'),
      Type.Literal('starts'),
    ]),
    bundle_digest: Nullable(Sha256),
    config_digest: Sha256,
    basis: PlanBasis,
    /** Null: what is active is not known, or the version is not. Tests are not deployed, so they are no part of it. */
    changes: Nullable(BundleChanges),
    /** Of what would be put where, under which configuration: the same digest, the same publish. Null where `changes` is. */
    plan_digest: Nullable(Sha256),
    validation: PlanValidation,
    /** Null: an emergency skips the quality gates. */
    gates: Nullable(PlanGates),
    /** Null: nobody has to approve. */
    approval: Nullable(PlannedApproval),
    backup: Type.Boolean({ description: 'whether the publish fails where no backup can be taken' }),
    smoke_tests: Type.Boolean(),
    /** The shares of the new executions that it would be given one after the other; null: all at once. */
    traffic: Nullable(TrafficPlan),
    /** It stops automatic publishes only; this one would be asked for by hand. */
    hold: Nullable(PlanHold),
    refusals: Type.Array(PlanRefusal),
    blocks: Type.Array(PlanBlock),
    /** What would block it, if the reason to override did not lift it. */
    overridden: Type.Array(PlanBlock),
    /** Older publishes to this target that wait, and would end in favour of this one. */
    supersedes: Type.Array(Id('publish')),
    /**
     * The earliest moment at which the rules let it touch the target, were it approved and its turn. Null: nobody but a
     * person can tell, or it does not come that far.
     */
    earliest_start: Nullable(Timestamp),
    planned_at: Timestamp,
  },
  closed,
);
export type PublishPlan = Static<typeof PublishPlan>;

/** Answer of `POST /publishes/plan`: one entry a target, in the order of the request. */
export const PublishPlans = Type.Object(
  {
    project: ProjectName,
    version: VersionName,
    plans: Type.Array(
      Type.Union([
        Type.Object({ ...TargetRef.properties, outcome: Type.Literal('planned'), plan: PublishPlan }, closed),
        Type.Object({ ...TargetRef.properties, outcome: Type.Literal('not_planned'), problem: ProblemReply }, closed),
      ]),
    ),
  },
  closed,
);
export type PublishPlans = Static<typeof PublishPlans>;

/** What the log knows of a target: the version that was made active there last. */
export const LastActive = Type.Object({ project: ProjectName, version: VersionName }, closed);
export type LastActive = Static<typeof LastActive>;

/** What the owner of publishes is asked for one target. */
export const planFields = {
  project: ProjectName,
  version: VersionName,
  target_id: Id('target'),
  reason: Nullable(GivenReason),
  override_reason: Nullable(GivenReason),
  allow_older: Type.Boolean(),
  /** For a target that does not answer. */
  last_active: Nullable(LastActive),
};
