import { Type, type Static } from '@sinclair/typebox';
import { defineEvent } from '../define-event.js';
import {
  closed,
  failureFields,
  Fence,
  Id,
  LogLine,
  Nullable,
  Outcome,
  PublishSubject,
  Reason,
  Timestamp,
  VersionName,
} from '../shapes.js';
import { at, check, ids, subject } from './examples.js';

const publishId = { publish_id: Id('publish') };
const percent = Type.Integer({ minimum: 1, maximum: 100 });
const count = Type.Integer({ minimum: 0 });
/** Which share of the strategy's steps, counted from 1. */
const share = { step: Type.Integer({ minimum: 1 }), weight: percent };

/** What a version did with the executions that it got since its share was raised. */
export const MeasuredTraffic = Type.Object(
  { executions: count, failures: count, p95_ms: Nullable(Type.Number({ minimum: 0 })) },
  closed,
);
export type MeasuredTraffic = Static<typeof MeasuredTraffic>;

/**
 * Traffic that is brought to a version share by share, while the version before stays the active one (spec section 11).
 * Each step has a fence of its own, above those before, so that none of them can come late.
 */
export const publishTrafficEvents = [
  defineEvent({
    type: 'TrafficShiftRequested',
    logOnly: true,
    category: 'publish',
    schema: Type.Object(
      {
        subject: PublishSubject,
        fence: Fence,
        ...share,
        /** How many shares there are. */
        steps: Type.Integer({ minimum: 1 }),
        /** The active version, which has the rest. */
        from_version: VersionName,
        deadline_at: Timestamp,
      },
      closed,
    ),
    example: { subject, fence: 101, step: 1, weight: 10, steps: 2, from_version: 'v1.2.0', deadline_at: at },
  }),
  defineEvent({
    type: 'TrafficShifted',
    logOnly: true,
    category: 'publish',
    schema: Type.Object(
      {
        ...publishId,
        target_id: Id('target'),
        version: VersionName,
        from_version: VersionName,
        fence: Fence,
        ...share,
        steps: Type.Integer({ minimum: 1 }),
        /** Executions of the version that the gateway had counted before: they are not judged. */
        counted: Type.Object({ executions: count, failures: count }, closed),
        shifted_at: Timestamp,
        /** When it is judged, if it does not fail before. */
        watch_until: Timestamp,
        /** When it has been judged at the latest, whatever the gateway says. */
        deadline_at: Timestamp,
        duration_ms: Type.Number(),
        log: Type.Array(LogLine),
      },
      closed,
    ),
    example: {
      ...{ publish_id: ids.publish, target_id: ids.target, version: 'v1.3.0', from_version: 'v1.2.0', fence: 101 },
      ...{ step: 1, weight: 10, steps: 2, counted: { executions: 3, failures: 0 } },
      ...{ shifted_at: at, watch_until: at, deadline_at: at, duration_ms: 4.2, log: check.log },
    },
  }),
  defineEvent({
    /** *inconclusive*: too few executions so far; it is watched for longer. */
    type: 'TrafficJudged',
    logOnly: true,
    category: 'publish',
    schema: Type.Object(
      {
        ...publishId,
        target_id: Id('target'),
        ...share,
        outcome: Outcome,
        /** Null: the gateway did not tell. */
        measured: Nullable(MeasuredTraffic),
        reason: Reason,
      },
      closed,
    ),
    example: {
      ...{ publish_id: ids.publish, target_id: ids.target, step: 1, weight: 10, outcome: 'passed' },
      measured: { executions: 240, failures: 1, p95_ms: 812 },
      reason: '240 executions, 0.4 % of them failed',
    },
  }),
  defineEvent({
    type: 'TrafficReturnRequested',
    logOnly: true,
    category: 'publish',
    schema: Type.Object(
      {
        subject: PublishSubject,
        fence: Fence,
        /** The active version, which gets all new executions again. */
        back_to: VersionName,
        /** The version got executions, or may have: taking it back is a rollback. */
        served: Type.Boolean(),
        ...failureFields,
        deadline_at: Timestamp,
      },
      closed,
    ),
    example: {
      ...{ subject, fence: 102, back_to: 'v1.2.0', served: true, code: 'error_rate' },
      ...{ reason: '12 % of 50 executions failed, more than 5 %', timed_out: false, unknown: null, deadline_at: at },
    },
  }),
  defineEvent({
    /** `not_returned`: the target did not answer in time; the restore that follows sets the routes as well. */
    type: 'TrafficReturned',
    logOnly: true,
    category: 'publish',
    schema: Type.Object(
      {
        ...publishId,
        target_id: Id('target'),
        outcome: Type.Union([Type.Literal('returned'), Type.Literal('not_returned')]),
        reason: Nullable(Reason),
        duration_ms: Type.Number(),
        log: Type.Array(LogLine),
      },
      closed,
    ),
    example: {
      ...{ publish_id: ids.publish, target_id: ids.target, outcome: 'returned', reason: null },
      ...{ duration_ms: 3.1, log: check.log },
    },
  }),
] as const;
