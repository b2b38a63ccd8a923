import { Type, type Static } from '@sinclair/typebox';
import { closed, Id, Nullable, Timestamp } from './shapes.js';

/** How a target answers when it is probed. */
export const Health = Type.Union([Type.Literal('healthy'), Type.Literal('unhealthy')]);
export type Health = Static<typeof Health>;

const Latency = Nullable(Type.Number({ minimum: 0, description: 'milliseconds; null: no answer' }));

/** What failed in a probe. */
export const ProbeFault = Type.Object(
  {
    what: Type.Union([Type.Literal('gateway'), Type.Literal('database')]),
    code: Type.String(),
    message: Type.String({ maxLength: 2000 }),
  },
  closed,
);
export type ProbeFault = Static<typeof ProbeFault>;

/** One look at a target's gateway and database. */
export const TargetProbe = Type.Object(
  {
    at: Timestamp,
    healthy: Type.Boolean(),
    gateway_latency_ms: Latency,
    database_latency_ms: Latency,
    faults: Type.Array(ProbeFault),
  },
  closed,
);
export type TargetProbe = Static<typeof TargetProbe>;

/** The last change of a target's health; a target of which nothing was reported counts as healthy. */
export const ReportedHealth = Type.Object(
  { status: Health, reason: Nullable(Type.String()), since: Timestamp },
  closed,
);
export type ReportedHealth = Static<typeof ReportedHealth>;

/** `GET /targets/{id}/health`: the status and the probes of the last time, newest first. */
export const TargetHealth = Type.Object(
  {
    target_id: Id('target'),
    /** unknown: not probed yet. */
    status: Type.Union([Health, Type.Literal('unknown')]),
    interval_seconds: Type.Integer({ minimum: 1 }),
    /** Null: not probed, because the target is disabled. */
    next_probe_at: Nullable(Timestamp),
    probes: Type.Array(TargetProbe),
  },
  closed,
);
export type TargetHealth = Static<typeof TargetHealth>;
