import { Type } from '@sinclair/typebox';
import { defineEvent, type EventsOf } from '../define-event.js';
import { GateName, OverrideRule } from '../gate-settings.js';
import {
  CheckResult,
  closed,
  Id,
  Nullable,
  Outcome,
  PersonId,
  Reason,
  Sha256,
  Timestamp,
  VersionName,
} from '../shapes.js';
import { at, check, digest, ids } from './examples.js';

const run = { gate_run_id: Id('gateRun'), publish_id: Id('publish') };
const ended = { ...run, outcome: Outcome, started_at: Timestamp, completed_at: Timestamp };
const example = { gate_run_id: ids.gateRun, publish_id: ids.publish };
const endedExample = { ...example, outcome: 'passed' as const, started_at: at, completed_at: at };
const gate = { ...check, name: 'workflow_validation' };

/** A gate that was not run, and why: it found nothing to judge, or the target does not ask for it. */
const NotRun = Type.Array(Type.Object({ gate: GateName, reason: Reason }, closed));
const notRun = [{ gate: 'performance', reason: 'the target does not ask for it' }];

/**
 * Stream `gaterun-<gate run id>`, owned by gates: one run of the pre-publish checks or of the quality gates. Quality gates
 * that all judge at once leave just `GatesCompleted`; the other events are those of runs that take time.
 */
export const gateRunEvents = [
  defineEvent({
    type: 'ValidationCompleted',
    category: 'gaterun',
    schema: Type.Object({ ...ended, checks: Type.Array(CheckResult), active_version: Nullable(VersionName) }, closed),
    example: { ...endedExample, checks: [check], active_version: 'v1.2.0' },
  }),
  defineEvent({
    type: 'GatesStarted',
    logOnly: true,
    category: 'gaterun',
    schema: Type.Object(
      {
        ...run,
        gates: Type.Array(GateName),
        not_run: NotRun,
        override: Nullable(OverrideRule),
        started_at: Timestamp,
        /** When the publish stops waiting. */
        deadline_at: Timestamp,
      },
      closed,
    ),
    example: {
      ...example,
      gates: ['workflow_validation', 'external:licences'],
      not_run: notRun,
      override: { allowed_roles: ['admin'], wait_minutes: 60 },
      started_at: at,
      deadline_at: at,
    },
  }),
  /** Recorded before an external gate is called, so that its answer is known for one however early it comes. */
  defineEvent({
    type: 'GateAsked',
    category: 'gaterun',
    schema: Type.Object({ ...run, gate: GateName, token_digest: Sha256, deadline_at: Timestamp }, closed),
    example: { ...example, gate: 'external:licences', token_digest: digest, deadline_at: at },
  }),
  /** An external gate calls back later. */
  defineEvent({
    type: 'GatePending',
    category: 'gaterun',
    schema: Type.Object({ ...run, gate: GateName, message: Type.String({ maxLength: 2000 }) }, closed),
    example: { ...example, gate: 'external:licences', message: 'two people look at it' },
  }),
  defineEvent({
    type: 'GateCompleted',
    logOnly: true,
    category: 'gaterun',
    schema: Type.Object({ ...run, result: CheckResult }, closed),
    example: { ...example, result: gate },
  }),
  /** Gates did not pass, and the target lets people override that until the deadline. */
  defineEvent({
    type: 'OverrideAwaited',
    category: 'gaterun',
    schema: Type.Object(
      {
        ...ended,
        gates: Type.Array(CheckResult),
        not_run: NotRun,
        allowed_roles: OverrideRule.properties.allowed_roles,
        deadline_at: Timestamp,
      },
      closed,
    ),
    example: {
      ...endedExample,
      outcome: 'failed',
      gates: [{ ...gate, outcome: 'failed' }],
      not_run: notRun,
      allowed_roles: ['admin'],
      deadline_at: at,
    },
  }),
  defineEvent({
    type: 'GateOverridden',
    category: 'gaterun',
    schema: Type.Object(
      {
        ...run,
        gate: GateName,
        by: PersonId,
        reason: Reason,
        at: Timestamp,
        /** Gates that did not pass and still hold the publish up. */
        remaining: Type.Array(GateName),
      },
      closed,
    ),
    example: { ...example, gate: 'security', by: 'alice', reason: 'the key is revoked', at, remaining: [] },
  }),
  defineEvent({
    type: 'OverrideExpired',
    category: 'gaterun',
    schema: Type.Object({ ...run, remaining: Type.Array(GateName) }, closed),
    example: { ...example, remaining: ['security'] },
  }),
  defineEvent({
    type: 'GatesCompleted',
    category: 'gaterun',
    schema: Type.Object(
      {
        ...ended,
        gates: Type.Array(CheckResult),
        not_run: Type.Optional(NotRun),
        /** Gates that did not pass and do not count: who decided that, and why. */
        overrides: Type.Optional(
          Type.Array(Type.Object({ gate: GateName, by: PersonId, reason: Reason, at: Timestamp }, closed)),
        ),
      },
      closed,
    ),
    example: { ...endedExample, gates: [gate] },
  }),
] as const;
export type GateRunEvent = EventsOf<typeof gateRunEvents>;
