import { canonicalDigest, type ApprovalRule, type CheckResult, type EventData, type PublishEvent } from '@m3/contracts';
import { after, gatingDeadlines, validationSeconds } from './deadlines.js';
import type { Moment } from './publish.inputs.js';
import { subjectOf, type PublishRequest, type InStatus } from './publish.state.js';

/** Reactions of the steps that touch nothing on the target: validation, gates, approval. */

/** A triggered publish starts with its pre-publish validation. */
export function start(data: EventData<'PublishTriggered'>, moment: Moment): readonly PublishEvent[] {
  const request: PublishRequest = data;
  return [
    { type: 'PublishRequested', data: request },
    {
      type: 'ValidationRequested',
      data: {
        subject: subjectOf(request),
        gate_run_id: moment.newIds.gateRun,
        allow_older: request.allow_older,
        ...(request.requires_marie === undefined ? {} : { requires_marie: request.requires_marie }),
        deadline_at: after(moment.now, validationSecondsOf(request)),
      },
    },
  ];
}

export function afterValidation(
  state: InStatus<'validating'>,
  data: EventData<'ValidationCompleted'>,
  moment: Moment,
): readonly PublishEvent[] {
  const { request } = state;
  if (data.gate_run_id !== state.gate_run_id) return [];
  if (data.outcome !== 'passed') return [failedChecks(request, 'validating', 'validation', data.checks)];
  if (request.trigger === 'emergency')
    return [waived(request, 'an emergency publish skips quality gates and approvals', data.active_version)];
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
  const rule = request.target.approval;
  if (rule.quorum === 0) return [waived(request, 'the target asks for no approvals', state.active_version)];
  return [
    {
      type: 'ApprovalRequested',
      data: {
        subject: subjectOf(request),
        approval_id: moment.newIds.approval,
        rule,
        requested_by: request.requested_by,
        excluded: excludedFrom(rule, request),
        approved_digest: approvedDigest(request),
        expires_at: rule.timeout_hours > 0 ? after(moment.now, rule.timeout_hours * 3600) : null,
      },
    },
  ];
}

/** Who may not decide: whoever asked for the publish, and whoever tagged the version, unless the rule allows it. */
export function excludedFrom(
  { allow_self_approval }: ApprovalRule,
  { requested_by, tagged_by }: Pick<PublishRequest, 'requested_by' | 'tagged_by'>,
): string[] {
  return allow_self_approval ? [] : [...new Set([requested_by, tagged_by])];
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

/** What an approval is bound to: exactly this version, to exactly this configuration of the target (spec section 8). */
export function approvedDigest({ project, version, bundle_digest, target }: PublishRequest): string {
  return canonicalDigest({
    project,
    version,
    bundle_digest,
    target_id: target.target_id,
    config_digest: target.config_digest,
  });
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

/** The end of a publish that another one went in the stead of; null: which one is not known. */
export function superseded({ publish_id, target }: PublishRequest, by: string | null, reason: string): PublishEvent {
  return { type: 'PublishSuperseded', data: { publish_id, target_id: target.target_id, by, reason } };
}

function waived({ publish_id }: PublishRequest, reason: string, active_version: string | null): PublishEvent {
  return { type: 'ApprovalWaived', data: { publish_id, reason, active_version } };
}

function failedChecks(
  request: PublishRequest,
  step: 'validating' | 'gating',
  what: string,
  checks: readonly CheckResult[],
): PublishEvent {
  const bad = checks.filter(({ outcome }) => outcome !== 'passed');
  const first = bad[0];
  const code = bad.every(({ outcome }) => outcome === 'inconclusive') ? `${what}_inconclusive` : `${what}_failed`;
  const finding = first?.findings.find(({ severity }) => severity === 'error');
  const reason =
    bad
      .map(({ name, message }) => `${name}: ${message}`)
      .join('; ')
      .slice(0, 2000) || `${what} did not pass`;
  return failed(request, { step, code: finding?.code ?? code, reason });
}

function validationSecondsOf(request: PublishRequest): number {
  return Math.min(validationSeconds, request.target.timeout_seconds);
}
