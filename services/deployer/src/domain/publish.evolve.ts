import type { PublishEvent } from '@m3/contracts';
import { assertNever } from '@m3/decider';
import { alsoOverridden, nothingOverridden } from '@m3/policies';
import { cancellable, cancellationIn, cancelling, fencedOf, hasServed, undoingOf } from './publish.doubt.js';
import { evolveTraffic } from './traffic.evolve.js';
import { movedRollback } from './rollback.evolve.js';
import {
  hasStatus,
  type Approval,
  type Ending,
  type InStatus,
  type PublishRequest,
  type PublishState,
} from './publish.state.js';

/** State after an event. An event that the state cannot have is a broken log and throws. */
export function evolvePublish(state: PublishState, event: PublishEvent): PublishState {
  const special = begun(event) ?? movedRollback(state, event);
  if (special) return special;
  if (state.status === 'absent') throw new Error(`${event.type} on a publish that was never requested`);
  const { request } = state;
  const from = <Status extends PublishState['status']>(...statuses: Status[]) => inStatus(state, event, statuses);

  switch (event.type) {
    case 'ValidationRequested':
      return {
        status: 'validating',
        request,
        gate_run_id: event.data.gate_run_id,
        deadline_at: event.data.deadline_at,
      };
    case 'GatesRequested': {
      const { gate_run_id, deadline_at, active_version } = event.data;
      return { status: 'gating', request, gate_run_id, deadline_at, active_version };
    }
    case 'ApprovalRequested': {
      const { approval_id, approved_digest } = event.data;
      return {
        status: 'awaiting_approval',
        request,
        approval_id,
        approved_digest,
        active_version: from('gating', 'voided').active_version,
      };
    }
    case 'ApprovalWaived':
      return ready(request, { by: 'nobody' }, event.data.active_version ?? activeVersionIn(state));
    case 'ApprovalConfirmed': {
      const { approval_id, approved_digest } = event.data;
      const { active_version } = from('awaiting_approval');
      return ready(request, { by: 'people', approval_id, approved_digest }, active_version);
    }
    case 'ApprovalVoided': {
      const { target, active_version } = event.data;
      from('awaiting_approval', 'ready', 'waiting_to_start', 'awaiting_slot', 'backing_up');
      return { status: 'voided', request: { ...request, target }, active_version };
    }
    case 'StartDelayed': {
      const { blocks, resume_at } = event.data;
      const before = beforeStart(from('ready', 'waiting_to_start', 'awaiting_slot'));
      return { status: 'waiting_to_start', ...before, blocks, resume_at };
    }
    case 'StartOverridden': {
      const before = beforeStart(from('ready', 'waiting_to_start', 'awaiting_slot'));
      return { status: 'ready', ...before, overridden: alsoOverridden(before.overridden, event.data.blocks) };
    }
    case 'SlotAwaited':
      return { status: 'awaiting_slot', ...beforeStart(from('ready', 'waiting_to_start')) };
    case 'BackupRequested': {
      const { backup_id, required, fence, deadline_at } = event.data;
      const { approval, active_version } = from('ready', 'waiting_to_start', 'awaiting_slot');
      return { status: 'backing_up', request, backup_id, required, fence, deadline_at, approval, active_version };
    }
    case 'DeploymentRequested': {
      const { fence, deadline_at, expected_version, backup_id } = event.data;
      const deployment = { request, fence, deadline_at, expected_version, backup_id, cancel: null };
      return { status: 'deploying', ...deployment, asked: state.status === 'asking', served: false };
    }
    case 'PublishCancelRequested':
      return cancelling(from(...cancellable), event.data);
    case 'ArtifactsDeployed':
      return { ...from('deploying'), status: 'deployed' };
    case 'TrafficShiftRequested':
    case 'TrafficShifted':
    case 'TrafficJudged':
    case 'TrafficReturnRequested':
    case 'TrafficReturned':
      return evolveTraffic(state, event);
    case 'ActivationRequested': {
      const { subject: _subject, ...asked } = event.data;
      const before = fencedOf(from('deployed', 'watching', 'asking'));
      return { ...before, ...asked, status: 'activating', asked: state.status === 'asking' };
    }
    case 'VersionActivated': {
      const { previous_version } = event.data;
      return { ...fencedOf(from('activating', 'asking')), status: 'active', previous_version };
    }
    case 'VerificationRequested': {
      const { verifies, expected_version, deadline_at } = event.data;
      if (verifies === 'publish') return { ...from('active'), status: 'verifying' };
      const restoring = undoingOf(from('restoring', 'asking'));
      return { ...restoring, status: 'verifying_restored', restored_version: expected_version, deadline_at };
    }
    case 'VerificationCompleted':
      return state.status === 'verifying_restored' ? state : { ...from('verifying'), status: 'verified' };
    case 'NotificationRequested': {
      const { notification_id, deadline_at } = event.data;
      return { ...from('verified'), status: 'notifying', notification_id, deadline_at };
    }
    case 'TargetStateRequested': {
      const { subject: _subject, fence: _fence, deadline_at, ...failure } = event.data;
      return { status: 'asking', request, about: from('deploying', 'activating', 'restoring'), failure, deadline_at };
    }
    case 'TargetStateFound':
      return from('asking');
    case 'RestoreRequested': {
      const { subject: _subject, ...restore } = event.data;
      const was_active = hasServed(state);
      return { status: 'restoring', request, ...restore, cancel: cancellationIn(state), was_active };
    }
    case 'ReviewRequested':
      return state;
    case 'PublishRequested':
    case 'RollbackRequested':
    case 'BackupCheckRequested':
    case 'RoutingStopRequested':
    case 'RoutingStopped':
    case 'RollbackRestoreRequested':
    case 'ReactivationRequested':
    case 'VersionReactivated':
      throw new Error(`${event.type} cannot follow status ${state.status}`);
    case 'PublishSucceeded':
      return ended('succeeded', state);
    case 'PublishFailed':
      return ended('failed', state);
    case 'PublishRejected':
      return ended('rejected', state);
    case 'PublishCancelled':
      return ended('cancelled', state);
    case 'PublishSuperseded':
      return ended('superseded', state);
    case 'PublishRolledBack':
      return ended('rolled_back', state);
    case 'PublishRollbackFailed':
      return ended('rollback_failed', state);
    default:
      return assertNever(event);
  }
}

function begun(event: PublishEvent): PublishState | null {
  if (event.type === 'PublishRequested') return { status: 'requested', request: event.data };
  return event.type === 'RollbackRequested' ? { status: 'rollback_requested', request: event.data } : null;
}

function ready(request: PublishRequest, approval: Approval, active_version: string | null): PublishState {
  return { status: 'ready', request, approval, active_version, overridden: nothingOverridden };
}

type BeforeStart = InStatus<'ready' | 'waiting_to_start' | 'awaiting_slot'>;

function beforeStart({ request, approval, active_version, overridden }: BeforeStart) {
  return { request, approval, active_version, overridden };
}

/** Emergencies skip the gates, whose request says which version is active. */
function activeVersionIn(state: PublishState): string | null {
  return 'active_version' in state ? state.active_version : null;
}

function ended(outcome: Ending, state: Exclude<PublishState, { status: 'absent' }>): PublishState {
  return { status: 'ended', outcome, request: state.request, cancel: cancellationIn(state) };
}

function inStatus<Status extends PublishState['status']>(
  state: PublishState,
  event: PublishEvent,
  statuses: readonly Status[],
): InStatus<Status> {
  if (!hasStatus(state, statuses)) throw new Error(`${event.type} cannot follow status ${state.status}`);
  return state;
}
