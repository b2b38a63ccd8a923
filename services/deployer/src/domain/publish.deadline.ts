import type { PublishEvent } from '@m3/contracts';
import { assertNever } from '@m3/decider';
import { ask, withoutAnswer } from './publish.asking.js';
import { failed } from './publish.checks.js';
import { succeeded } from './publish.deploy.js';
import type { Moment } from './publish.inputs.js';
import type { PublishState } from './publish.state.js';
import { giveBack } from './publish.traffic.js';
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
      return ask(state, timedOut(deadline, 'whether the artifacts were written'), moment);
    case 'activating':
      return ask(state, timedOut(deadline, 'whether the version became active'), moment);
    case 'shifting':
      return [giveBack(state, { ...timedOut(deadline, 'whether traffic was shifted'), step: 'activating' }, moment)];
    case 'watching':
      return [giveBack(state, { ...timedOut(deadline, null), step: 'activating' }, moment)];
    case 'returning':
      return undo(state, state.failure, moment);
    case 'restoring':
      return ask(state, timedOut(deadline, 'whether the target was put back'), moment);
    case 'asking':
      return withoutAnswer(state, moment);
    case 'verifying':
      return undo(state, { ...timedOut(deadline, 'whether the version works'), step: 'verifying' }, moment);
    case 'verifying_restored': {
      const { request, reason, backup_id } = state;
      const what = `${reason}; whether the restored version works was not known by ${deadline}`;
      return [rollbackFailed(request, 'timed_out', what, backup_id)];
    }
    case 'notifying':
      return succeeded(state, false);
    case 'absent':
    case 'requested':
    case 'awaiting_approval':
    case 'voided':
    case 'ready':
    case 'waiting_to_start':
    case 'awaiting_slot':
    case 'ended':
      return [];
    case 'deployed':
    case 'active':
    case 'verified':
      // Never alone in the log: the next step is asked for in the same append.
      return [];
    default:
      return assertNever(state);
  }
}

function timedOut(deadline: string, unknown: string | null) {
  return { code: 'timed_out', reason: `no result by ${deadline}`, timed_out: true, unknown };
}
