import { Type, type Static } from '@sinclair/typebox';
import { CheckResult, closed, Id, Nullable, Outcome, PersonId, Reason, Timestamp } from '../shapes.js';

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
