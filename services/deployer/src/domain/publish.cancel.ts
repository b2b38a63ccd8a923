import type { PublishEvent } from '@m3/contracts';
import { accept, assertNever, reject, type Decision, type Refusal } from '@m3/decider';
import type { PublishState } from './publish.state.js';
import { isRollback } from './rollback.evolve.js';
import { cancelRollback } from './rollback.cancel.js';

export interface CancelPublish {
  readonly by: string;
  readonly reason: string;
}

/**
 * Cancels while nothing is active yet. Before the target was touched the publish ends at once; during the deployment
 * the wish is noted and what was written is taken back; once activation has been asked for it is too late.
 */
export function cancelPublish({ by, reason }: CancelPublish, state: PublishState): Decision<PublishEvent, Refusal> {
  if (isRollback(state)) return cancelRollback({ by, reason }, state);
  switch (state.status) {
    case 'absent':
      return reject('publish_not_found', 'there is no such publish', 'publish_id');
    case 'requested':
    case 'validating':
    case 'gating':
    case 'awaiting_approval':
    case 'voided':
    case 'ready':
    case 'waiting_to_start':
    case 'awaiting_slot':
    case 'backing_up': {
      const { publish_id, target } = state.request;
      return accept({ type: 'PublishCancelled', data: { publish_id, target_id: target.target_id, by, reason } });
    }
    case 'deploying':
    case 'deployed':
      if (state.cancel) return accept();
      return accept({ type: 'PublishCancelRequested', data: { publish_id: state.request.publish_id, by, reason } });
    case 'activating':
    case 'active':
    case 'verifying':
    case 'verified':
    case 'notifying':
      return reject(
        'too_late_to_cancel',
        `the version is being activated or is active (${state.status}); publish the previous version to go back`,
      );
    case 'restoring':
    case 'verifying_restored':
      return reject('already_undoing', 'the target is already being put back to its backup');
    case 'ended':
      return state.outcome === 'cancelled'
        ? accept()
        : reject('publish_ended', `the publish has ended: ${state.outcome}`);
    default:
      return assertNever(state);
  }
}
