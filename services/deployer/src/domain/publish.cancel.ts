import type { PublishEvent } from '@m3/contracts';
import { accept, assertNever, reject, type Decision, type Refusal } from '@m3/decider';
import { cancelled } from './publish.checks.js';
import type { Moment } from './publish.inputs.js';
import type { InStatus, PublishRequest, PublishState } from './publish.state.js';
import { giveBack } from './publish.traffic.js';
import { cancelledIn, undo, type Undoable } from './publish.undo.js';
import { isRollback } from './rollback.evolve.js';
import { cancelRollback } from './rollback.cancel.js';

export interface CancelPublish {
  readonly by: string;
  readonly reason: string;
}

/**
 * Cancels at any step. Before the target was touched the publish ends at once. While a step writes to the target the wish
 * is noted, and what the step did is undone as soon as it ends, or as the target says what became of it. A version that
 * serves is taken back at once: that is a rollback.
 */
export function cancelPublish(
  wish: CancelPublish,
  state: PublishState,
  moment: Moment,
): Decision<PublishEvent, Refusal> {
  if (isRollback(state)) return cancelRollback(wish, state);
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
    case 'backing_up':
      return accept(cancelled(state.request, wish));
    case 'deploying':
    case 'deployed':
    case 'shifting':
    case 'activating':
      return noted(wish, state.request, state);
    case 'asking':
      return state.about.status === 'restoring' ? undoing(state.about) : noted(wish, state.request, state.about);
    case 'active':
    case 'verifying':
    case 'verified':
    case 'notifying':
      return notedAnd(wish, state, undo(state, cancelledIn(stepOf(state), wish), moment));
    case 'watching':
      // It is not the active version yet, but some executions go to it.
      return notedAnd(wish, state, [giveBack(state, cancelledIn('activating', wish), moment)]);
    case 'returning':
    case 'restoring':
    case 'verifying_restored':
      return undoing(state);
    case 'ended':
      if (state.outcome === 'cancelled' || state.cancel !== null) return accept();
      return reject('publish_ended', `the publish has ended: ${state.outcome}`);
    default:
      return assertNever(state);
  }
}

function noted(
  { by, reason }: CancelPublish,
  { publish_id }: PublishRequest,
  { cancel, backup_id }: Pick<Undoable, 'cancel' | 'backup_id'>,
): Decision<PublishEvent, Refusal> {
  if (backup_id === null) return withoutBackup();
  if (cancel !== null) return accept();
  return accept({ type: 'PublishCancelRequested', data: { publish_id, by, reason } });
}

/** The wish, and what follows from it at once. */
function notedAnd(
  wish: CancelPublish,
  state: Serving | InStatus<'watching'>,
  then: readonly PublishEvent[],
): Decision<PublishEvent, Refusal> {
  const decision = noted(wish, state.request, state);
  return decision.outcome === 'rejected' ? decision : accept(...decision.events, ...then);
}

function undoing({ cancel }: Pick<Undoable, 'cancel'>): Decision<PublishEvent, Refusal> {
  if (cancel !== null) return accept();
  return reject('already_undoing', 'the target is already being put back to its backup');
}

function withoutBackup(): Decision<PublishEvent, Refusal> {
  const detail = 'the target was not backed up, so that it cannot be put back; publish the previous version to go back';
  return reject('too_late_to_cancel', detail);
}

type Serving = InStatus<'active' | 'verifying' | 'verified' | 'notifying'>;
const stepOf = ({ status }: Serving) => (status === 'notifying' ? 'notifying' : 'verifying');
