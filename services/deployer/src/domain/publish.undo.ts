import type { EventData, PublishEvent } from '@m3/contracts';
import { after, restoreSeconds } from './deadlines.js';
import { failed } from './publish.checks.js';
import type { Moment, VerificationResult } from './publish.inputs.js';
import { subjectOf, type PublishRequest, type InStatus } from './publish.state.js';
import { outranking } from './slot.js';

/**
 * Undoing. Once a step has written to the target, or may have, nothing is guessed: the target is put back to its
 * backup under a higher fence, which is right whether or not the step's work arrived.
 */

type Undoable = InStatus<'deploying' | 'deployed' | 'activating' | 'active' | 'verifying'>;
type Failure = Pick<EventData<'PublishFailed'>, 'step' | 'code' | 'reason' | 'timed_out' | 'unknown'>;

export function undo(state: Undoable, failure: Failure, moment: Moment): readonly PublishEvent[] {
  const { request, backup_id, fence } = state;
  const { step, ...why } = failure;
  if (backup_id === null)
    return [rollbackFailed(request, 'no_backup', `${why.reason}; there is no backup to restore`, null)];
  return [
    {
      type: 'RestoreRequested',
      data: {
        subject: subjectOf(request),
        backup_id,
        fence: outranking(fence),
        failed_step: step,
        ...why,
        deadline_at: after(moment.now, restoreSeconds),
      },
    },
  ];
}

/** A restored target is verified again only if another version had been active meanwhile. */
export function afterRestore(
  state: InStatus<'restoring'>,
  data: EventData<'BackupRestored'>,
  moment: Moment,
): readonly PublishEvent[] {
  const { request } = state;
  if (data.backup_id !== state.backup_id) return [];
  if (state.cancelled) {
    const { publish_id, target } = request;
    return [{ type: 'PublishCancelled', data: { publish_id, target_id: target.target_id, ...state.cancelled } }];
  }
  if (state.failed_step !== 'verifying') return [failed(request, { ...state, step: state.failed_step })];
  return [
    {
      type: 'VerificationRequested',
      data: {
        subject: subjectOf(request),
        verifies: 'rollback',
        expected_version: data.active_version,
        smoke_tests: request.target.run_smoke_tests && data.active_version !== null,
        deadline_at: after(moment.now, restoreSeconds),
      },
    },
  ];
}

export function afterFailedRestore(
  state: InStatus<'restoring'>,
  data: EventData<'BackupRestoreFailed'>,
): readonly PublishEvent[] {
  if (data.backup_id !== state.backup_id) return [];
  return [rollbackFailed(state.request, data.code, data.reason, state.backup_id)];
}

/** A rollback is never rolled back. */
export function afterRestoredVerification(
  state: InStatus<'verifying_restored'>,
  result: VerificationResult,
): readonly PublishEvent[] {
  const { request, code, reason, backup_id, restored_version } = state;
  const { publish_id, target } = request;
  const completed: PublishEvent = {
    type: 'VerificationCompleted',
    data: { publish_id, verifies: 'rollback', ...result },
  };
  if (result.outcome !== 'passed') {
    const what = result.checks.find(({ outcome }) => outcome !== 'passed')?.message ?? 'no check passed';
    return [
      completed,
      rollbackFailed(request, 'restored_version_unhealthy', `${reason}; after the restore: ${what}`, backup_id),
    ];
  }
  return [
    completed,
    { type: 'PublishRolledBack', data: { publish_id, target_id: target.target_id, restored_version, code, reason } },
  ];
}

/** Ends the publish with the exact steps that an operator takes by hand. */
export function rollbackFailed(
  request: PublishRequest,
  code: string,
  reason: string,
  backup_id: string | null,
): PublishEvent {
  const { publish_id, target } = request;
  const look = `m3-publish target show "${target.name}"   # is the gateway up, which version is active?`;
  const again = `m3-publish publish ${request.project} <the last good version> --target "${target.name}" --allow-older`;
  const steps =
    backup_id === null
      ? [look, again]
      : [
          look,
          `the state before this publish is backup ${backup_id}`,
          again,
          `m3-publish target release "${target.name}" --reason "restored by hand"`,
        ];
  return {
    type: 'PublishRollbackFailed',
    data: { publish_id, target_id: target.target_id, code, reason: reason.slice(0, 2000), manual_steps: steps },
  };
}
