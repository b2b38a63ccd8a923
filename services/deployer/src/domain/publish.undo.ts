import type { EventData, PublishEvent } from '@m3/contracts';
import { after, restoreSeconds } from './deadlines.js';
import { manualSteps } from './manual-steps.js';
import { cancelled, failed } from './publish.checks.js';
import type { Moment, VerificationResult } from './publish.inputs.js';
import { subjectOf, type Cancellation, type Failure, type InStatus, type PublishRequest } from './publish.state.js';
import { outranking } from './slot.js';

/**
 * Undoing. Once a step has written to the target, or may have, nothing is guessed: the target is put back to its
 * backup under a higher fence, which is right whether or not the step's work arrived.
 */

export type Undoable = InStatus<
  | 'deploying'
  | 'deployed'
  | 'shifting'
  | 'watching'
  | 'returning'
  | 'activating'
  | 'active'
  | 'verifying'
  | 'verified'
  | 'notifying'
>;

export function undo(
  { request, backup_id, fence }: Undoable,
  { step, code, reason, timed_out, unknown }: Failure,
  moment: Moment,
): readonly PublishEvent[] {
  if (backup_id === null)
    return [rollbackFailed(request, 'no_backup', `${reason}; there is no backup to restore`, null)];
  return [
    {
      type: 'RestoreRequested',
      data: {
        subject: subjectOf(request),
        backup_id,
        fence: outranking(fence),
        reason,
        failed_step: step,
        ...{ code, timed_out, unknown },
        deadline_at: after(moment.now, restoreSeconds),
      },
    },
  ];
}

export function afterRestore(
  state: InStatus<'restoring'>,
  data: EventData<'BackupRestored'>,
  moment: Moment,
): readonly PublishEvent[] {
  return data.backup_id === state.backup_id ? restored(state, data.active_version, moment) : [];
}

/** The target is as it was before. It is verified again only if the version had served meanwhile: that is a rollback. */
export function restored(
  { request, cancel, was_active, failed_step: step, code, reason, timed_out, unknown }: InStatus<'restoring'>,
  active_version: string | null,
  moment: Moment,
): readonly PublishEvent[] {
  const { target } = request;
  if (!was_active && cancel) return [cancelled(request, cancel)];
  if (!was_active) return [failed(request, { step, code, reason, timed_out, unknown })];
  return [
    {
      type: 'VerificationRequested',
      data: {
        subject: subjectOf(request),
        verifies: 'rollback',
        expected_version: active_version,
        smoke_tests: target.run_smoke_tests && active_version !== null,
        deadline_at: after(moment.now, restoreSeconds),
      },
    },
  ];
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

/** Why a step is undone that did no wrong. */
export function cancelledIn(step: Failure['step'], { by, reason }: Cancellation): Failure {
  const why = `cancelled by ${by}: ${reason}`.slice(0, 2000);
  return { step, code: 'cancelled', reason: why, timed_out: false, unknown: null };
}

/** Ends the publish with the exact steps that an operator takes by hand. */
export function rollbackFailed(
  request: PublishRequest,
  code: string,
  reason: string,
  backup_id: string | null,
): PublishEvent {
  const { publish_id, target } = request;
  return {
    type: 'PublishRollbackFailed',
    data: {
      ...{ publish_id, target_id: target.target_id, code, reason: reason.slice(0, 2000) },
      manual_steps: manualSteps(request, { backup_id, code }),
    },
  };
}
