import {
  canonicalDigest,
  type ApprovalRule,
  type EventData,
  type PublishEvent,
  type TargetSnapshot,
} from '@m3/contracts';
import { after } from './deadlines.js';
import type { Moment } from './publish.inputs.js';
import { roundOfChecks } from './publish.rounds.js';
import { subjectOf, type InStatus, type PublishRequest } from './publish.state.js';

/** What approvals are bound to, and what happens to them when that is not any more what would be deployed (spec section 8). */

/** Exactly this version, with exactly this configuration of the target, in the stead of exactly this version. */
export function approvedDigest(request: PublishRequest, active_version: string | null): string {
  const { project, version, bundle_digest, target } = request;
  const { target_id, config_digest } = target;
  return canonicalDigest({ project, version, bundle_digest, target_id, config_digest, active_version });
}

/** Asks people, or says why nobody needs to be asked. The rule in force is kept inside the event. */
export function asked(request: PublishRequest, active_version: string | null, { now, newIds }: Moment): PublishEvent {
  const { target, requested_by, tagged_by } = request;
  const rule = target.approval;
  if (request.trigger === 'emergency')
    return waived(request, 'an emergency publish skips quality gates and approvals', active_version);
  if (rule.quorum === 0) return waived(request, 'the target asks for no approvals', active_version);
  return {
    type: 'ApprovalRequested',
    data: {
      subject: subjectOf(request),
      approval_id: newIds.approval,
      rule,
      requested_by,
      excluded: excludedFrom(rule, { requested_by, tagged_by }),
      approved_digest: approvedDigest(request, active_version),
      expires_at: rule.timeout_hours > 0 ? after(now, rule.timeout_hours * 3600) : null,
    },
  };
}

/** Who may not decide: whoever asked for the publish, and whoever tagged the version, unless the rule allows it. */
export function excludedFrom(
  { allow_self_approval }: ApprovalRule,
  { requested_by, tagged_by }: Pick<PublishRequest, 'requested_by' | 'tagged_by'>,
): string[] {
  return allow_self_approval ? [] : [...new Set([requested_by, tagged_by])];
}

function waived({ publish_id }: PublishRequest, reason: string, active_version: string | null): PublishEvent {
  return { type: 'ApprovalWaived', data: { publish_id, reason, active_version } };
}

/** Everything that an approval, or the leave to go without one, may be void for. */
export type Approvable = InStatus<'awaiting_approval' | 'ready' | 'waiting_to_start' | 'awaiting_slot' | 'backing_up'>;

/** What would be deployed to, and in the stead of what, as far as is known now. */
export interface Now {
  readonly target: TargetSnapshot;
  readonly active_version: string | null;
}

/**
 * Voids what does not hold any more, and asks again for what would be deployed now: people, and before them validation and
 * gates where the target is configured otherwise than when they passed. Nothing: all is as it was approved.
 */
export function renewed(state: Approvable, current: Now, moment: Moment): readonly PublishEvent[] {
  const { request } = state;
  const digest = boundTo(state);
  const changes = changesSince(state, current, digest !== null);
  const again: PublishRequest = { ...request, target: current.target };
  const holds = digest === null || digest === approvedDigest(again, current.active_version);
  if (holds && changes.length === 0) return [];
  const { publish_id, target } = request;
  const { target_id } = target;
  const reason = changes.map(changeText).join('; ') || 'what it was bound to does not say what would be replaced';
  const next: Moment = { ...moment, newIds: { ...moment.newIds, approval: moment.newIds.nextApproval } };
  return [
    {
      type: 'ApprovalVoided',
      data: { publish_id, target_id, approval_id: approvalId(state), reason, changes, ...current },
    },
    changes.some(({ what }) => what === 'target_configuration')
      ? roundOfChecks(again, moment)
      : asked(again, current.active_version, next),
  ];
}

type Change = EventData<'ApprovalVoided'>['changes'][number];

function changesSince(state: Approvable, { target, active_version }: Now, approved: boolean): Change[] {
  const was = state.request.target.config_digest;
  const configuration: Change = { what: 'target_configuration', was, is: target.config_digest };
  const active: Change = { what: 'active_version', was: state.active_version, is: active_version };
  // Without an approval nobody has compared it with the version that is active.
  return [configuration, ...(approved ? [active] : [])].filter((change) => change.was !== change.is);
}

function changeText({ what, was, is }: Change): string {
  if (what === 'target_configuration') return 'the configuration of the target was changed';
  return `the version that is active on the target changed from ${was ?? 'none'} to ${is ?? 'none'}`;
}

/** Null: no approval was needed. */
function boundTo(state: Approvable): string | null {
  if (state.status === 'awaiting_approval') return state.approved_digest;
  return state.approval.by === 'people' ? state.approval.approved_digest : null;
}

function approvalId(state: Approvable): string | null {
  if (state.status === 'awaiting_approval') return state.approval_id;
  return state.approval.by === 'people' ? state.approval.approval_id : null;
}
