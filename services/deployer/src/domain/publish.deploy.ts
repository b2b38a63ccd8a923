import { compareVersions } from '@m3/artifacts';
import type { EventData, PublishEvent } from '@m3/contracts';
import { after, deploymentDeadline, notificationSeconds } from './deadlines.js';
import { approvedDigest, renewed } from './publish.approval.js';
import { afterFailure } from './publish.asking.js';
import { failed, superseded } from './publish.checks.js';
import type { ActivationResult, DeploymentResult, Moment, VerificationResult } from './publish.inputs.js';
import { subjectOf, type InStatus, type PublishRequest } from './publish.state.js';
import { bring, needsBackup } from './publish.traffic.js';
import { cancelledIn, undo } from './publish.undo.js';

/** Reactions of the steps that change the target: backup, deployment, activation, verification, notification. */

/** With a slot the target may be touched: first it is backed up. */
export function withSlot(
  state: InStatus<'ready' | 'waiting_to_start' | 'awaiting_slot'>,
  fence: number,
  moment: Moment,
): readonly PublishEvent[] {
  const { request } = state;
  return [
    {
      type: 'BackupRequested',
      data: {
        subject: subjectOf(request),
        backup_id: moment.newIds.backup,
        required: needsBackup(request.target),
        fence,
        deadline_at: deploymentDeadline(request, moment.now),
      },
    },
  ];
}

export function afterBackup(
  state: InStatus<'backing_up'>,
  data: EventData<'BackupTaken'>,
  moment: Moment,
): readonly PublishEvent[] {
  if (data.backup_id !== state.backup_id) return [];
  const { request } = state;
  const active = data.active_version;
  if (isOlder(request, active)) {
    const reason = `${active} became active on the target while this publish waited, and ${request.version} is older`;
    return [superseded(request, null, reason)];
  }
  if (state.approval.by === 'people') {
    // The target itself has the last word. Asked again, the publish gives its slot back.
    const voided = renewed(state, { target: request.target, active_version: active }, moment);
    if (voided.length > 0) return voided;
  }
  return [deploy(state, data.backup_id, active)];
}

/** Whether a version would take the place of a newer one without having been asked to. */
export function isOlder(
  { version, allow_older }: Pick<PublishRequest, 'version' | 'allow_older'>,
  active: string | null,
): active is string {
  return active !== null && !allow_older && compareVersions(version, active) < 0;
}

export function afterFailedBackup(
  state: InStatus<'backing_up'>,
  data: EventData<'BackupFailed'>,
): readonly PublishEvent[] {
  if (data.backup_id !== state.backup_id) return [];
  return state.required
    ? [failed(state.request, { step: 'backing_up', code: data.code, reason: data.reason })]
    : [deploy(state, null, state.active_version)];
}

function deploy(
  state: InStatus<'backing_up'>,
  backup_id: string | null,
  expected_version: string | null,
): PublishEvent {
  const { request, fence, deadline_at } = state;
  const deployed_digest = approvedDigest(request, expected_version);
  return {
    type: 'DeploymentRequested',
    data: { subject: subjectOf(request), fence, backup_id, expected_version, deployed_digest, deadline_at },
  };
}

export function afterDeployment(
  state: InStatus<'deploying'>,
  result: DeploymentResult,
  moment: Moment,
): readonly PublishEvent[] {
  const { request, fence, expected_version, deadline_at } = state;
  if (result.outcome === 'failed') return afterFailure(state, result, moment);
  const { publish_id } = request;
  const deployed: PublishEvent = { type: 'ArtifactsDeployed', data: { publish_id, ...result } };
  if (state.cancel) return [deployed, ...undo(state, cancelledIn('deploying', state.cancel), moment)];
  return [deployed, bring({ request, expected_version, fence, deadline_at, done: 0 })];
}

export function afterActivation(
  state: InStatus<'activating'>,
  result: ActivationResult,
  moment: Moment,
): readonly PublishEvent[] {
  const { request, fence, deadline_at } = state;
  if (result.outcome === 'failed') return afterFailure(state, result, moment);
  const { publish_id, project, version, target } = request;
  const { target_id } = target;
  const { previous_version, draining, duration_ms, log } = result;
  const activated: PublishEvent = {
    type: 'VersionActivated',
    data: { publish_id, target_id, project, version, previous_version, fence, draining, duration_ms, log },
  };
  if (state.cancel) {
    const active = { ...state, status: 'active', previous_version } as const;
    return [activated, ...undo(active, cancelledIn('activating', state.cancel), moment)];
  }
  return [
    activated,
    {
      type: 'VerificationRequested',
      data: {
        subject: subjectOf(request),
        verifies: 'publish',
        expected_version: version,
        smoke_tests: target.run_smoke_tests,
        deadline_at,
      },
    },
  ];
}

export function afterVerification(
  state: InStatus<'verifying'>,
  result: VerificationResult,
  moment: Moment,
): readonly PublishEvent[] {
  const { request } = state;
  const { publish_id, version, target } = request;
  const completed: PublishEvent = {
    type: 'VerificationCompleted',
    data: { publish_id, verifies: 'publish', ...result },
  };
  if (result.outcome !== 'passed') {
    const bad = result.checks.filter(({ outcome }) => outcome !== 'passed');
    const reason =
      bad
        .map(({ name, message }) => `${name}: ${message}`)
        .join('; ')
        .slice(0, 1900) || 'verification did not pass';
    const failure = {
      step: 'verifying',
      code: `verification_${result.outcome}`,
      reason,
      timed_out: false,
      unknown: null,
    } as const;
    return [completed, ...undo(state, failure, moment)];
  }
  return [
    completed,
    {
      type: 'NotificationRequested',
      data: {
        subject: subjectOf(request),
        notification_id: moment.newIds.notification,
        message: `${request.trigger === 'emergency' ? 'EMERGENCY: ' : ''}${version} is active and verified on ${target.name}`,
        deadline_at: after(moment.now, notificationSeconds),
      },
    },
  ];
}

export function afterNotification(
  state: InStatus<'notifying'>,
  data: EventData<'NotificationAttempted'>,
): readonly PublishEvent[] {
  if (data.notification_id !== state.notification_id) return [];
  return succeeded(
    state,
    data.deliveries.some(({ outcome }) => outcome === 'delivered'),
  );
}

/** A notification that fails never fails the publish. */
export function succeeded(state: InStatus<'notifying'>, notified: boolean): readonly PublishEvent[] {
  const { publish_id, project, version, target } = state.request;
  return [{ type: 'PublishSucceeded', data: { publish_id, target_id: target.target_id, project, version, notified } }];
}
