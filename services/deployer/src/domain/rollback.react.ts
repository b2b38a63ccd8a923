import type { BackupCondition, EventData, PublishEvent } from '@m3/contracts';
import { assertNever } from '@m3/decider';
import { after, notificationSeconds, restoreSeconds } from './deadlines.js';
import { manualSteps } from './manual-steps.js';
import type { Moment, ReactivationResult, RoutingStopResult, VerificationResult } from './publish.inputs.js';
import { subjectOf, type InStatus } from './publish.state.js';
import { fencesOf, type Rollback, type RollbackState } from './rollback.state.js';

/**
 * The six steps of a rollback that somebody asked for (spec section 10): the backup is checked, new executions are
 * stopped, the backup is restored, the gateway follows, smoke tests run, people are told. It is never undone itself: a
 * step that fails ends it, with what to do by hand.
 */

/** Before anything is touched. */
export function startRollback(rollback: Rollback, { now }: Moment): readonly PublishEvent[] {
  const { backup_id } = rollback;
  return [
    { type: 'RollbackRequested', data: rollback },
    {
      type: 'BackupCheckRequested',
      data: { subject: subjectOf(rollback), backup_id, deadline_at: after(now, restoreSeconds) },
    },
  ];
}

export function afterBackupCheck(
  state: InStatus<'checking_backup'>,
  { backup_id, outcome, reason }: EventData<'BackupChecked'>,
  { now }: Moment,
): readonly PublishEvent[] {
  const { request } = state;
  if (backup_id !== request.backup_id) return [];
  if (outcome !== 'ok') {
    const text = `the backup ${conditions[outcome]}: ${reason ?? outcome}; nothing was restored`;
    return [failedRollback(state, `backup_${outcome}`, text)];
  }
  return [
    {
      type: 'RoutingStopRequested',
      data: { subject: subjectOf(request), fence: fencesOf(request).stop, deadline_at: after(now, restoreSeconds) },
    },
  ];
}

const conditions: Readonly<Record<Exclude<BackupCondition, 'ok'>, string>> = {
  altered: 'is not what was written',
  missing: 'is not in the storage',
  unreadable: 'cannot be read',
};

/** A gateway that goes on routing does not keep the old version alive: the restore is what counts. */
export function afterRoutingStop(
  state: InStatus<'stopping_routing'>,
  result: RoutingStopResult,
  { now }: Moment,
): readonly PublishEvent[] {
  const { request } = state;
  if (result.outcome === 'fenced') return [failedRollback(state, 'fenced', result.reason)];
  const { publish_id } = request;
  return [
    { type: 'RoutingStopped', data: { publish_id, ...result } },
    {
      type: 'RollbackRestoreRequested',
      data: {
        ...{ subject: subjectOf(request), backup_id: request.backup_id, fence: fencesOf(request).restore },
        discards: request.vetoed.map(({ version }) => version),
        deadline_at: after(now, restoreSeconds),
      },
    },
  ];
}

export function afterRollbackRestore(
  state: InStatus<'restoring_backup'>,
  data: EventData<'BackupRestored'>,
  { now }: Moment,
): readonly PublishEvent[] {
  const { request } = state;
  if (data.backup_id !== request.backup_id) return [];
  return [
    {
      type: 'ReactivationRequested',
      data: {
        subject: subjectOf(request),
        fence: fencesOf(request).reactivate,
        deadline_at: after(now, restoreSeconds),
      },
    },
  ];
}

export function afterFailedRollbackRestore(
  state: InStatus<'restoring_backup'>,
  { backup_id, code, reason }: EventData<'BackupRestoreFailed'>,
): readonly PublishEvent[] {
  return backup_id === state.request.backup_id ? [failedRollback(state, code, reason)] : [];
}

export function afterReactivation(
  state: InStatus<'reactivating'>,
  result: ReactivationResult,
  { now }: Moment,
): readonly PublishEvent[] {
  const { request } = state;
  if (result.outcome === 'failed') return [failedRollback(state, result.code, result.reason)];
  const { outcome: _reactivated, ...reactivated } = result;
  const { publish_id, project, version, target } = request;
  const fence = fencesOf(request).reactivate;
  const about = { publish_id, target_id: target.target_id, project, version, fence };
  return [
    { type: 'VersionReactivated', data: { ...about, ...reactivated } },
    {
      type: 'VerificationRequested',
      data: {
        ...{ subject: subjectOf(request), verifies: 'rollback', expected_version: version },
        smoke_tests: target.run_smoke_tests,
        deadline_at: after(now, restoreSeconds),
      },
    },
  ];
}

export function afterRollbackVerification(
  state: InStatus<'verifying_rollback'>,
  result: VerificationResult,
  { now, newIds }: Moment,
): readonly PublishEvent[] {
  const { request } = state;
  const { publish_id, version, target, from, reason, requested_by } = request;
  const completed: PublishEvent = {
    type: 'VerificationCompleted',
    data: { publish_id, verifies: 'rollback', ...result },
  };
  if (result.outcome !== 'passed') {
    const bad = result.checks.filter(({ outcome }) => outcome !== 'passed');
    const what = bad.map(({ name, message }) => `${name}: ${message}`).join('; ') || 'no check passed';
    const text = `${version} is back, but does not work: ${what}`;
    return [completed, failedRollback(state, 'restored_version_unhealthy', text)];
  }
  const message = `${target.name} was rolled back from ${from?.version ?? 'nothing'} to ${version} by ${requested_by}: ${reason}`;
  return [
    completed,
    {
      type: 'NotificationRequested',
      data: {
        ...{ subject: subjectOf(request), notification_id: newIds.notification, about: 'rollback', message },
        deadline_at: after(now, notificationSeconds),
      },
    },
  ];
}

/** A notification that fails never fails the rollback. */
export function rollbackSucceeded(
  { request }: InStatus<'announcing_rollback'>,
  notified: boolean,
): readonly PublishEvent[] {
  const { publish_id, project, version, target } = request;
  return [{ type: 'PublishSucceeded', data: { publish_id, target_id: target.target_id, project, version, notified } }];
}

export function afterRollbackNotification(
  state: InStatus<'announcing_rollback'>,
  { notification_id, deliveries }: EventData<'NotificationAttempted'>,
): readonly PublishEvent[] {
  if (notification_id !== state.notification_id) return [];
  return rollbackSucceeded(
    state,
    deliveries.some(({ outcome }) => outcome === 'delivered'),
  );
}

/** No step hangs for ever. What is not known is said; the target is held, and told what to do by hand. */
export function rollbackTimedOut(state: RollbackState, deadline: string): readonly PublishEvent[] {
  switch (state.status) {
    case 'checking_backup':
      return [failedRollback(state, 'timed_out', `the backup was not checked by ${deadline}; nothing was restored`)];
    case 'stopping_routing':
      return [failedRollback(state, 'timed_out', `it is not known by ${deadline} whether new executions were stopped`)];
    case 'restoring_backup':
      return [failedRollback(state, 'timed_out', `it is not known by ${deadline} whether the backup was restored`)];
    case 'reactivating':
      return [failedRollback(state, 'timed_out', `the gateway did not follow by ${deadline}; the backup is restored`)];
    case 'verifying_rollback':
      return [
        failedRollback(state, 'timed_out', `it is not known by ${deadline} whether ${state.request.version} works`),
      ];
    case 'announcing_rollback':
      return rollbackSucceeded(state, false);
    case 'rollback_requested':
    case 'routing_stopped':
    case 'reactivated':
    case 'rollback_verified':
      return [];
    default:
      return assertNever(state);
  }
}

function failedRollback(state: RollbackState, code: string, reason: string): PublishEvent {
  const { request } = state;
  const { publish_id, target, backup_id } = request;
  return {
    type: 'PublishRollbackFailed',
    data: {
      ...{ publish_id, target_id: target.target_id, code, reason: reason.slice(0, 2000) },
      manual_steps: manualSteps(request, { backup_id, code, stopped: mayBeStopped(state) }),
    },
  };
}

/** Whether new executions may not begin on the target: what stopped them is not undone before the restore. */
function mayBeStopped(state: RollbackState): boolean {
  if (state.status === 'restoring_backup') return state.routing === 'stopped' || state.routing === 'not_stopped';
  return state.status === 'stopping_routing';
}
