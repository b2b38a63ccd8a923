import { Type, type Static } from '@sinclair/typebox';
import { MeasuredTraffic } from '../events/publish-traffic.js';
import { closed, Id, Nullable, Outcome, Reason, Timestamp, VersionName } from '../shapes.js';
import { TrafficPlan, TrafficStrategy } from '../traffic-plan.js';
import { TargetRef } from './page.js';

/** Traffic that is brought to a version share by share, as the API shows it. */

const percent = Type.Integer({ minimum: 1, maximum: 100 });
const step = Type.Integer({ minimum: 1 });

/** One share of the new executions. */
const share = {
  version: VersionName,
  /** The active version, which has the rest. */
  from_version: VersionName,
  /** Which share it is, counted from 1, and how many there are before the version becomes the active one. */
  step,
  steps: step,
  /** In percent of the new executions. */
  weight: percent,
};

/** What a share came to, or that too few executions have come so far (*inconclusive*). */
export const TrafficJudgement = Type.Object(
  {
    step,
    outcome: Outcome,
    /** Null: the gateway did not tell. */
    measured: Nullable(MeasuredTraffic),
    reason: Reason,
    at: Timestamp,
  },
  closed,
);
export type TrafficJudgement = Static<typeof TrafficJudgement>;

/** In the detail of a publish: how far its version has got. */
export const PublishTraffic = Type.Object(
  {
    strategy: TrafficStrategy,
    ...share,
    /**
     * `shifting`: the version is being given its share, or all of it; `watching`: it has it; `returning`: traffic goes
     * back; `returned`: the version gets none any more; `done`: it is the active one, and gets all of it.
     */
    state: Type.Union([
      Type.Literal('shifting'),
      Type.Literal('watching'),
      Type.Literal('returning'),
      Type.Literal('returned'),
      Type.Literal('done'),
    ]),
    since: Timestamp,
    /** Null: it is not watched. */
    watch_until: Nullable(Timestamp),
    /** The latest one; null: nothing was judged so far. */
    judged: Nullable(TrafficJudgement),
  },
  closed,
);
export type PublishTraffic = Static<typeof PublishTraffic>;

/** By what a share is judged. */
export const TrafficLimits = Type.Pick(TrafficPlan, ['max_error_rate', 'max_p95_ms', 'min_requests', 'extend_seconds']);
export type TrafficLimits = Static<typeof TrafficLimits>;

/** `GET /publishes/{id}/traffic`: how the version does with its share right now. Asking judges nothing. */
export const TrafficLook = Type.Object(
  {
    publish_id: Id('publish'),
    ...TargetRef.properties,
    strategy: TrafficStrategy,
    ...share,
    watch_until: Timestamp,
    /** Too few executions had come by then: it is watched for longer. */
    extended: Type.Boolean(),
    /** `unknown`: the gateway cannot say, or was not reached; `reason` says which. */
    outcome: Type.Union([Type.Literal('known'), Type.Literal('unknown')]),
    reason: Nullable(Type.String()),
    /** What the version did with the executions that have ended since it got this share; null where it is unknown. */
    measured: Nullable(MeasuredTraffic),
    limits: TrafficLimits,
    asked_at: Timestamp,
  },
  closed,
);
export type TrafficLook = Static<typeof TrafficLook>;
