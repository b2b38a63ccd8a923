import type { PublishEvent } from '@m3/contracts';
import { hasStatus, type InStatus, type PublishState } from './publish.state.js';
import { rollbackStatuses, type RollbackState } from './rollback.state.js';

/** The events that move a rollback on from step to step. */
const moving = [
  'BackupCheckRequested',
  'RoutingStopRequested',
  'RoutingStopped',
  'RollbackRestoreRequested',
  'ReactivationRequested',
  'VersionReactivated',
  'VerificationRequested',
  'VerificationCompleted',
  'NotificationRequested',
] as const satisfies readonly PublishEvent['type'][];
type Moving = Extract<PublishEvent, { type: (typeof moving)[number] }>;

function movesRollback(event: PublishEvent): event is Moving {
  return moving.some((type) => type === event.type);
}

export function isRollback(state: PublishState): state is RollbackState {
  return hasStatus(state, rollbackStatuses);
}

/** A rollback after one more of its steps; null: it is none, or the event is not one of these. */
export function movedRollback(state: PublishState, event: PublishEvent): RollbackState | null {
  return isRollback(state) && movesRollback(event) ? evolveRollback(state, event) : null;
}

/** An event that the state cannot have is a broken log and throws. */
function evolveRollback(state: RollbackState, event: Moving): RollbackState {
  const { request } = state;
  const from = <Status extends RollbackState['status']>(status: Status) => inStatus(state, event, status);
  switch (event.type) {
    case 'BackupCheckRequested':
      from('rollback_requested');
      return { status: 'checking_backup', request, deadline_at: event.data.deadline_at };
    case 'RoutingStopRequested':
      return { ...from('checking_backup'), status: 'stopping_routing', deadline_at: event.data.deadline_at };
    case 'RoutingStopped':
      return { ...from('stopping_routing'), status: 'routing_stopped', routing: event.data.outcome };
    case 'RollbackRestoreRequested':
      return { ...from('routing_stopped'), status: 'restoring_backup', deadline_at: event.data.deadline_at };
    case 'ReactivationRequested':
      from('restoring_backup');
      return { status: 'reactivating', request, deadline_at: event.data.deadline_at };
    case 'VersionReactivated':
      return { ...from('reactivating'), status: 'reactivated' };
    case 'VerificationRequested':
      return { ...from('reactivated'), status: 'verifying_rollback', deadline_at: event.data.deadline_at };
    case 'VerificationCompleted':
      return { ...from('verifying_rollback'), status: 'rollback_verified' };
    case 'NotificationRequested': {
      const { notification_id, deadline_at } = event.data;
      return { ...from('rollback_verified'), status: 'announcing_rollback', notification_id, deadline_at };
    }
  }
}

function inStatus<Status extends RollbackState['status']>(
  state: PublishState,
  event: PublishEvent,
  status: Status,
): InStatus<Status> {
  if (!hasStatus(state, [status])) throw new Error(`${event.type} cannot follow status ${state.status}`);
  return state;
}
