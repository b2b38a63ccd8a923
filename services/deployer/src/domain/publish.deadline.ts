import type { PublishEvent } from '@m3/contracts';
import { assertNever } from '@m3/decider';
import { failed } from './publish.checks.js';
import { succeeded } from './publish.deploy.js';
import type { Moment } from './publish.inputs.js';
import type { PublishState } from './publish.state.js';
import { rollbackFailed, undo } from './publish.undo.js';
import { isRollback } from './rollback.evolve.js';
import { rollbackTimedOut } from './rollback.react.js';

/** When the current step has to be over (ISO 8601), or null when it may wait for ever: for a person or for a slot. */
export function deadlineOf(state: PublishState): string | null {
  return 'deadline_at' in state ? state.deadline_at : null;
}

/** No step hangs for ever: past its deadline it is failed as timed out, saying what is known and what is not. */
export function afterDeadline(state: PublishState, moment: Moment): readonly PublishEvent[] {
  const deadline = deadlineOf(state);
  if (deadline === null || Date.parse(deadline) > Date.parse(moment.now)) return [];
  if (isRollback(state)) return rollbackTimedOut(state, deadline);
  switch (state.status) {
    case 'validating':
    case 'gating':
    case 'backing_up': {
      const reason = `no result by ${deadline}; nothing on the target was changed`;
      return [failed(state.request, { step: state.status, code: 'timed_out', reason, timed_out: true })];
    }
    case 'deploying':
    case 'deployed':
      return undo(state, timedOut('deploying', deadline, 'whether the artifacts were written'), moment);
    case 'activating':
      return undo(state, timedOut('activating', deadline, 'whether the version became active'), moment);
    case 'active':
    case 'verifying':
      return undo(state, timedOut('verifying', deadline, 'whether the version works'), moment);
    case 'restoring':
    case 'verifying_restored':
      return [
        rollbackFailed(
          state.request,
          'timed_out',
          `${state.reason}; no result of the restore by ${deadline}`,
          state.backup_id,
        ),
      ];
    case 'notifying':
      return succeeded(state, false);
    case 'absent':
    case 'requested':
    case 'awaiting_approval':
    case 'voided':
    case 'ready':
    case 'waiting_to_start':
    case 'awaiting_slot':
    case 'verified':
    case 'ended':
      return [];
    default:
      return assertNever(state);
  }
}

function timedOut<Step extends 'deploying' | 'activating' | 'verifying'>(
  step: Step,
  deadline: string,
  unknown: string,
) {
  return { step, code: 'timed_out', reason: `no result by ${deadline}`, timed_out: true, unknown };
}
