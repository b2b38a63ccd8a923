import type { CheckResult, EventData, PublishEvent } from '@m3/contracts';
import { gatingDeadlines } from './deadlines.js';
import { asked } from './publish.approval.js';
import type { Moment } from './publish.inputs.js';
import { roundOfChecks } from './publish.rounds.js';
import { subjectOf, type Cancellation, type PublishRequest, type InStatus } from './publish.state.js';

/** Reactions of the steps that touch nothing on the target: validation, gates, approval. */

/** A triggered publish starts with its pre-publish validation. */
export function start(data: EventData<'PublishTriggered'>, moment: Moment): readonly PublishEvent[] {
  return [{ type: 'PublishRequested', data }, roundOfChecks(data, moment)];
}

export function afterValidation(
  state: InStatus<'validating'>,
  data: EventData<'ValidationCompleted'>,
  moment: Moment,
): readonly PublishEvent[] {
  const { request } = state;
  if (data.gate_run_id !== state.gate_run_id) return [];
  if (data.outcome !== 'passed') return [failedChecks(request, 'validating', 'validation', data.checks)];
  if (request.trigger === 'emergency') return [asked(request, data.active_version, moment)];
  return [
    {
      type: 'GatesRequested',
      data: {
        subject: subjectOf(request),
        gate_run_id: moment.newIds.gateRun,
        thresholds: request.target.thresholds,
        ...(request.target.gates === undefined ? {} : { settings: request.target.gates }),
        active_version: data.active_version,
        ...gatingDeadlines(request, moment.now),
      },
    },
  ];
}

export function afterGates(
  state: InStatus<'gating'>,
  data: EventData<'GatesCompleted'>,
  moment: Moment,
): readonly PublishEvent[] {
  const { request } = state;
  if (data.gate_run_id !== state.gate_run_id) return [];
  if (data.outcome !== 'passed') return [failedChecks(request, 'gating', 'gates', data.gates)];
  return [asked(request, state.active_version, moment)];
}

export function afterApproval(
  state: InStatus<'awaiting_approval'>,
  data: EventData<'ApprovalGranted'>,
): readonly PublishEvent[] {
  const { request, approval_id, approved_digest } = state;
  if (data.approval_id !== approval_id) return [];
  if (data.approved_digest !== approved_digest) {
    const reason = 'the approval is bound to another content than the one asked for';
    return [failed(request, { step: 'awaiting_approval', code: 'approval_digest_mismatch', reason })];
  }
  return [
    {
      type: 'ApprovalConfirmed',
      data: { publish_id: request.publish_id, approval_id, approved_digest, approved_by: data.approved_by },
    },
  ];
}

export function afterRejection(
  state: InStatus<'awaiting_approval'>,
  data: EventData<'ApprovalRejected'>,
): readonly PublishEvent[] {
  if (data.approval_id !== state.approval_id) return [];
  const { publish_id, target } = state.request;
  return [
    { type: 'PublishRejected', data: { publish_id, target_id: target.target_id, by: data.by, comment: data.comment } },
  ];
}

/** The failure of a publish that leaves the target as it was. */
export function failed(
  { publish_id, target }: PublishRequest,
  failure: Pick<EventData<'PublishFailed'>, 'step' | 'code' | 'reason'> &
    Partial<Pick<EventData<'PublishFailed'>, 'timed_out' | 'unknown'>>,
): PublishEvent {
  return {
    type: 'PublishFailed',
    data: { publish_id, target_id: target.target_id, timed_out: false, unknown: null, ...failure },
  };
}

/** The end of a publish of which nothing remains. */
export function cancelled({ publish_id, target }: PublishRequest, { by, reason }: Cancellation): PublishEvent {
  return { type: 'PublishCancelled', data: { publish_id, target_id: target.target_id, by, reason } };
}

/** The end of a publish that another one went in the stead of; null: which one is not known. */
export function superseded({ publish_id, target }: PublishRequest, by: string | null, reason: string): PublishEvent {
  return { type: 'PublishSuperseded', data: { publish_id, target_id: target.target_id, by, reason } };
}

function failedChecks(
  request: PublishRequest,
  step: 'validating' | 'gating',
  what: string,
  checks: readonly CheckResult[],
): PublishEvent {
  const bad = didNotPass(checks);
  const [first] = bad;
  const reason =
    bad
      .map(({ name, message }) => `${name}: ${message}`)
      .join('; ')
      .slice(0, 2000) || `${what} did not pass`;
  const code = first ? checkCode(first, what, bad) : `${what}_failed`;
  return failed(request, { step, code, reason });
}

export function didNotPass(checks: readonly CheckResult[]): readonly CheckResult[] {
  return checks.filter(({ outcome }) => outcome !== 'passed');
}

/** The code of a check that did not pass: of its first error, else of what all those that did not pass come to. */
export function checkCode({ findings }: CheckResult, what: string, bad: readonly CheckResult[]): string {
  const overall = bad.every(({ outcome }) => outcome === 'inconclusive') ? `${what}_inconclusive` : `${what}_failed`;
  return findings.find(({ severity }) => severity === 'error')?.code ?? overall;
}
