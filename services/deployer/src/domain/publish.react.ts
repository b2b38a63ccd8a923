import type { PublishEvent } from '@m3/contracts';
import { assertNever, type Process } from '@m3/decider';
import { afterApproval, afterGates, afterRejection, afterValidation, start } from './publish.checks.js';
import {
  afterActivation,
  afterBackup,
  afterDeployment,
  afterFailedBackup,
  afterVerification,
  succeeded,
  withSlot,
} from './publish.deploy.js';
import { afterDeadline } from './publish.deadline.js';
import type { Moment, PublishInput } from './publish.inputs.js';
import { evolvePublish } from './publish.evolve.js';
import { initialPublish, type PublishState } from './publish.state.js';
import { afterFailedRestore, afterRestore, afterRestoredVerification } from './publish.undo.js';

/**
 * What follows from an input. An input that the state is not waiting for (repeated, late, of another attempt) yields
 * nothing: that makes every delivery harmless, in any order and any number.
 */
export function reactPublish(input: PublishInput, state: PublishState, moment: Moment): readonly PublishEvent[] {
  switch (input.type) {
    case 'PublishTriggered':
      return state.status === 'absent' ? start(input.data, moment) : [];
    case 'ValidationCompleted':
      return state.status === 'validating' ? afterValidation(state, input.data, moment) : [];
    case 'GatesCompleted':
      return state.status === 'gating' ? afterGates(state, input.data, moment) : [];
    case 'ApprovalGranted':
      return state.status === 'awaiting_approval' ? afterApproval(state, input.data) : [];
    case 'ApprovalRejected':
      return state.status === 'awaiting_approval' ? afterRejection(state, input.data) : [];
    default:
      return reactOnTarget(input, state, moment);
  }
}

type TargetInput = Exclude<
  PublishInput,
  { type: 'PublishTriggered' | 'ValidationCompleted' | 'GatesCompleted' | 'ApprovalGranted' | 'ApprovalRejected' }
>;

function reactOnTarget(input: TargetInput, state: PublishState, moment: Moment): readonly PublishEvent[] {
  switch (input.type) {
    case 'SlotGranted':
      return state.status === 'ready' || state.status === 'awaiting_slot'
        ? withSlot(state, input.data.fence, moment)
        : [];
    case 'BackupTaken':
      return state.status === 'backing_up' ? afterBackup(state, input.data) : [];
    case 'BackupFailed':
      return state.status === 'backing_up' ? afterFailedBackup(state, input.data) : [];
    case 'Deployed':
      return state.status === 'deploying' ? afterDeployment(state, input.result, moment) : [];
    case 'Activated':
      return state.status === 'activating' ? afterActivation(state, input.result, moment) : [];
    case 'Verified':
      return afterChecks(input, state, moment);
    case 'NotificationAttempted':
      return state.status === 'notifying' && state.notification_id === input.data.notification_id
        ? succeeded(
            state,
            input.data.deliveries.some(({ outcome }) => outcome === 'delivered'),
          )
        : [];
    case 'BackupRestored':
      return state.status === 'restoring' ? afterRestore(state, input.data, moment) : [];
    case 'BackupRestoreFailed':
      return state.status === 'restoring' ? afterFailedRestore(state, input.data) : [];
    case 'DeadlinePassed':
      return afterDeadline(state, moment);
    default:
      return assertNever(input);
  }
}

function afterChecks(
  input: Extract<PublishInput, { type: 'Verified' }>,
  state: PublishState,
  moment: Moment,
): readonly PublishEvent[] {
  if (state.status === 'verifying') return afterVerification(state, input.result, moment);
  if (state.status === 'verifying_restored') return afterRestoredVerification(state, input.result);
  return [];
}

/** The publish process at one moment, in the shape that all processes have. */
export function publishProcess(moment: Moment): Process<PublishState, PublishInput, PublishEvent> {
  return {
    initial: initialPublish,
    evolve: evolvePublish,
    correlate: (input) => ('data' in input ? input.data.publish_id : null),
    react: (input, state) => reactPublish(input, state, moment),
  };
}
