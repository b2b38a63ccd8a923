import { Type, type Static } from '@sinclair/typebox';
import { GateName, GateSettings, OverrideRule } from '../gate-settings.js';
import {
  CheckResult,
  closed,
  GateThresholds,
  Id,
  Nullable,
  Outcome,
  PersonId,
  Reason,
  Sha256,
  TargetAddress,
  Timestamp,
  VersionName,
} from '../shapes.js';
import { TrafficStrategy } from '../traffic-plan.js';

/** The quality gates of a publish, as far as they have got. */
export const GateRound = Type.Object(
  {
    /** What they came to, overrides counted; null while they run or wait. */
    outcome: Nullable(Outcome),
    checks: Type.Array(CheckResult),
    /** Gates without a result yet. `waits_for`: an external gate calls back; else it is running. */
    running: Type.Array(
      Type.Object(
        {
          gate: Type.String(),
          waits_for: Nullable(Type.Literal('callback')),
          message: Nullable(Type.String()),
          deadline_at: Nullable(Timestamp),
        },
        closed,
      ),
    ),
    not_run: Type.Array(Type.Object({ gate: Type.String(), reason: Type.String() }, closed)),
    overrides: Type.Array(Type.Object({ gate: Type.String(), by: PersonId, reason: Reason, at: Timestamp }, closed)),
    /** Filled while gates that did not pass may be overridden. */
    override_until: Nullable(Timestamp),
    override_roles: Type.Array(Type.String()),
  },
  closed,
);
export type GateRound = Static<typeof GateRound>;

/** What pre-publish validation is asked before a publish: what would be brought where. */
export const ValidationQuestion = Type.Object(
  {
    version: VersionName,
    target_id: Id('target'),
    address: TargetAddress,
    requires_marie: Type.Optional(Type.String()),
    strategy: Type.Optional(TrafficStrategy),
    allow_older: Type.Boolean(),
  },
  closed,
);
export type ValidationQuestion = Static<typeof ValidationQuestion>;

/** What the pre-publish checks find now. */
export const PlannedValidation = Type.Object({ outcome: Outcome, checks: Type.Array(CheckResult) }, closed);
export type PlannedValidation = Static<typeof PlannedValidation>;

/** What the gates are asked before a publish: what they would judge, and by which configuration. */
export const GateQuestion = Type.Object(
  {
    bundle_digest: Sha256,
    thresholds: GateThresholds,
    /** Absent: the defaults of all gates. */
    settings: Type.Optional(GateSettings),
  },
  closed,
);
export type GateQuestion = Static<typeof GateQuestion>;

/** The gates that a publish would have to pass, each with its limits, in the order in which results are shown. */
export const PlannedGates = Type.Object(
  {
    gates: Type.Array(
      Type.Object(
        {
          name: GateName,
          checks: Type.String({ description: 'what it looks at' }),
          limits: Type.Array(Type.String(), {
            description: 'what it passes by, under the configuration of the target',
          }),
        },
        closed,
      ),
    ),
    not_run: Type.Array(Type.Object({ gate: GateName, reason: Reason }, closed)),
    /** Who may let the publish go on although one did not pass. Null: nobody. */
    override: Nullable(OverrideRule),
  },
  closed,
);
export type PlannedGates = Static<typeof PlannedGates>;

/** Answer of `POST /publishes/{id}/gates/{gate}/override`. */
export const OverrideAccepted = Type.Object(
  {
    publish_id: Id('publish'),
    gate: Type.String(),
    /** Gates that did not pass and still hold the publish up. */
    remaining: Type.Array(Type.String()),
  },
  closed,
);
export type OverrideAccepted = Static<typeof OverrideAccepted>;

/** Answer of `POST /gates/{gate run id}/callbacks/{token}`. */
export const CallbackAccepted = Type.Object({ gate_run_id: Id('gateRun'), gate: Type.String() }, closed);
export type CallbackAccepted = Static<typeof CallbackAccepted>;
