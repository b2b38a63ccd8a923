import type { PublishEvent } from '@m3/contracts';
import { assertNever, type Process } from '@m3/decider';
import { afterAnswer, afterFailedRestore } from './publish.asking.js';
import { afterApproval, afterGates, afterRejection, afterValidation, start } from './publish.checks.js';
import {
  afterActivation,
  afterBackup,
  afterDeployment,
  afterFailedBackup,
  afterVerification,
  afterNotification,
} from './publish.deploy.js';
import { afterDeadline } from './publish.deadline.js';
import type { Moment, PublishInput } from './publish.inputs.js';
import { evolvePublish } from './publish.evolve.js';
import {
  afterBackupCheck,
  afterFailedRollbackRestore,
  afterReactivation,
  afterRollbackNotification,
  afterRollbackRestore,
  afterRollbackVerification,
  afterRoutingStop,
} from './rollback.react.js';
import { hasStatus, initialPublish, type InStatus, type PublishState } from './publish.state.js';
import { afterLook, afterReturn, afterShift } from './publish.traffic.js';
import { afterRestore, afterRestoredVerification } from './publish.undo.js';

/**
 * What follows from an input. An input that the state is not waiting for (repeated, late, of another attempt) yields
 * nothing: that makes every delivery harmless, in any order and any number.
 */
export function reactPublish(input: PublishInput, state: PublishState, moment: Moment): readonly PublishEvent[] {
  switch (input.type) {
    case 'PublishTriggered':
      return when(state, ['absent'], () => start(input.data, moment));
    case 'ValidationCompleted':
      return when(state, ['validating'], (current) => afterValidation(current, input.data, moment));
    case 'GatesCompleted':
      return when(state, ['gating'], (current) => afterGates(current, input.data, moment));
    case 'ApprovalGranted':
      return when(state, ['awaiting_approval'], (current) => afterApproval(current, input.data));
    case 'ApprovalRejected':
      return when(state, ['awaiting_approval'], (current) => afterRejection(current, input.data));
    case 'SlotGranted':
    case 'PublishOvertaken':
      // What follows stands in the slots of the target, and is decided with them: see start.ts.
      return [];
    case 'BackupTaken':
      return when(state, ['backing_up'], (current) => afterBackup(current, input.data, moment));
    case 'BackupFailed':
      return when(state, ['backing_up'], (current) => afterFailedBackup(current, input.data));
    case 'Deployed':
      return when(state, ['deploying'], (current) => afterDeployment(current, input.result, moment));
    case 'TrafficShiftTried':
      return when(state, ['shifting'], (current) => afterShift(current, input, moment));
    case 'TrafficMeasured':
      return when(state, ['watching'], (current) => afterLook(current, input, moment));
    case 'TrafficReturnTried':
      return when(state, ['returning'], (current) => afterReturn(current, input.result, moment));
    case 'Activated':
      return when(state, ['activating'], (current) => afterActivation(current, input.result, moment));
    case 'Verified':
      return input.verifies === 'publish'
        ? when(state, ['verifying'], (current) => afterVerification(current, input.result, moment))
        : when(state, ['verifying_restored', 'verifying_rollback'], (current) =>
            current.status === 'verifying_restored'
              ? afterRestoredVerification(current, input.result)
              : afterRollbackVerification(current, input.result, moment),
          );
    case 'NotificationAttempted':
      return when(state, ['notifying', 'announcing_rollback'], (current) =>
        current.status === 'notifying'
          ? afterNotification(current, input.data)
          : afterRollbackNotification(current, input.data),
      );
    case 'BackupChecked':
      return when(state, ['checking_backup'], (current) => afterBackupCheck(current, input.data, moment));
    case 'RoutingStopTried':
      return when(state, ['stopping_routing'], (current) => afterRoutingStop(current, input.result, moment));
    case 'BackupRestored':
      return when(state, ['restoring', 'restoring_backup'], (current) =>
        current.status === 'restoring'
          ? afterRestore(current, input.data, moment)
          : afterRollbackRestore(current, input.data, moment),
      );
    case 'BackupRestoreFailed':
      return when(state, ['restoring', 'restoring_backup'], (current) =>
        current.status === 'restoring'
          ? afterFailedRestore(current, input.data, moment)
          : afterFailedRollbackRestore(current, input.data),
      );
    case 'Reactivated':
      return when(state, ['reactivating'], (current) => afterReactivation(current, input.result, moment));
    case 'TargetAnswered':
      return when(state, ['asking'], (current) => afterAnswer(current, input.answer, moment));
    case 'DeadlinePassed':
      return afterDeadline(state, moment);
    default:
      return assertNever(input);
  }
}

/** The reaction, if the state has one of these statuses. */
function when<Status extends PublishState['status']>(
  state: PublishState,
  statuses: readonly Status[],
  react: (state: InStatus<Status>) => readonly PublishEvent[],
): readonly PublishEvent[] {
  return hasStatus(state, statuses) ? react(state) : [];
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
