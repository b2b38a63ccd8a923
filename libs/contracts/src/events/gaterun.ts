import { Type } from '@sinclair/typebox';
import { defineEvent, type EventsOf } from '../define-event.js';
import { CheckResult, closed, Id, Nullable, Outcome, Timestamp, VersionName } from '../shapes.js';
import { at, check, ids } from './examples.js';

const run = {
  gate_run_id: Id('gateRun'),
  publish_id: Id('publish'),
  outcome: Outcome,
  started_at: Timestamp,
  completed_at: Timestamp,
};

/** Stream `gaterun-<gate run id>`, owned by gates: one run of the pre-publish checks or of the quality gates. */
export const gateRunEvents = [
  defineEvent({
    type: 'ValidationCompleted',
    category: 'gaterun',
    schema: Type.Object({ ...run, checks: Type.Array(CheckResult), active_version: Nullable(VersionName) }, closed),
    example: {
      gate_run_id: ids.gateRun,
      publish_id: ids.publish,
      outcome: 'passed',
      started_at: at,
      completed_at: at,
      checks: [check],
      active_version: 'v1.2.0',
    },
  }),
  defineEvent({
    type: 'GatesCompleted',
    category: 'gaterun',
    schema: Type.Object({ ...run, gates: Type.Array(CheckResult) }, closed),
    example: {
      gate_run_id: ids.gateRun,
      publish_id: ids.publish,
      outcome: 'passed',
      started_at: at,
      completed_at: at,
      gates: [{ ...check, name: 'workflow_validation' }],
    },
  }),
] as const;
export type GateRunEvent = EventsOf<typeof gateRunEvents>;
