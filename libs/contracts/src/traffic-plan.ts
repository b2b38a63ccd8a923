import { Type, type Static } from '@sinclair/typebox';

const closed = { additionalProperties: false } as const;

/** Ways to bring traffic to a version that need a gateway which routes by version, and counts what each one does. */
export const TrafficStrategy = Type.Union([Type.Literal('blue_green'), Type.Literal('canary')]);
export type TrafficStrategy = Static<typeof TrafficStrategy>;

/**
 * How new executions are brought to a version share by share, every default filled in (spec section 11). Before each next
 * share, and before the version becomes the active one, the executions that it got are judged.
 */
export const TrafficPlan = Type.Object(
  {
    strategy: TrafficStrategy,
    /** Shares of new executions in percent, rising, and for how long each is watched at least. */
    steps: Type.Array(
      Type.Object(
        {
          weight: Type.Integer({ minimum: 1, maximum: 100 }),
          pause_seconds: Type.Integer({ minimum: 0, maximum: 86_400 }),
        },
        closed,
      ),
      { minItems: 1, maxItems: 20 },
    ),
    /** In percent of the executions that have ended; above it traffic goes back at once. */
    max_error_rate: Type.Number({ minimum: 0, maximum: 100 }),
    /** Null: how long executions take is not judged. */
    max_p95_ms: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()]),
    /** Fewer executions than these say nothing. */
    min_requests: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    /** For how much longer a step waits for them; then traffic goes back. */
    extend_seconds: Type.Integer({ minimum: 0, maximum: 86_400 }),
  },
  closed,
);
export type TrafficPlan = Static<typeof TrafficPlan>;
