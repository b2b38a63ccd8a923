import type { EventData } from '@m3/contracts';
import type { LogEntry } from './log-entry.js';
import type { Changes } from './projection.js';
import { endStep, pendingSteps, startStep, type PublishRow, type Step } from './publish-row.js';

/** Rollbacks that somebody asked for: publishes with six steps of their own. */

const rollbackSteps = pendingSteps([
  'checking_backup',
  'stopping_routing',
  'restoring_backup',
  'activating',
  'verifying',
  'notifying',
]);

export function requestedRollback({ data, metadata }: LogEntry<'RollbackRequested'>): PublishRow {
  const { publish_id, project, version, bundle_digest, trigger, requested_by, tagged_by, reason, allow_older } = data;
  const { target_id, name, environment } = data.target;
  const { from, backup_id, takes_over, undoes } = data;
  const at = metadata.occurredAt;
  return {
    ...{ publish_id, project, version, bundle_digest, trigger, requested_by, tagged_by, reason, allow_older },
    ...{ target_id, target_name: name, environment, requested_at: at },
    status: 'requested',
    steps: rollbackSteps,
    waiting: { for: 'deployer', since: at },
    previous_version: from?.version ?? null,
    ended_at: null,
    outcome_reason: null,
    failure: null,
    cancel_requested_by: null,
    rollback: { from, backup_id, takes_over, undoes },
  };
}

type Deadlined = 'BackupCheckRequested' | 'RoutingStopRequested' | 'RollbackRestoreRequested' | 'ReactivationRequested';

/** What moves a rollback on, beside the steps that every publish has. */
export function rollingBack(): Changes<PublishRow> {
  const starts =
    (step: Step) =>
    (publish: PublishRow, { data, metadata }: LogEntry<Deadlined>): PublishRow =>
      startStep(publish, step, metadata.occurredAt, data.deadline_at);
  return {
    BackupCheckRequested: starts('checking_backup'),
    RoutingStopRequested: starts('stopping_routing'),
    RollbackRestoreRequested: starts('restoring_backup'),
    ReactivationRequested: starts('activating'),
    BackupChecked: (publish, { data, metadata }) => {
      const passed = data.outcome === 'ok';
      return endStep(publish, 'checking_backup', { passed, at: metadata.occurredAt, detail: checkText(data) });
    },
    // Of a publish that is undone by itself, its own end says how the restore went.
    BackupRestored: (publish, { data, metadata }) =>
      restoreEnds(publish, {
        passed: true,
        at: metadata.occurredAt,
        detail: `${data.active_version ?? 'nothing'} is back`,
      }),
    BackupRestoreFailed: (publish, { data, metadata }) =>
      restoreEnds(publish, { passed: false, at: metadata.occurredAt, detail: data.reason }),
    RoutingStopped: (publish, { data, metadata }) => {
      const detail = data.reason ?? stopTexts[data.outcome];
      const passed = data.outcome !== 'not_stopped';
      return endStep(publish, 'stopping_routing', { passed, at: metadata.occurredAt, detail });
    },
    VersionReactivated: (publish, { data, metadata }) =>
      endStep(publish, 'activating', { passed: true, at: metadata.occurredAt, detail: `${data.version} is active` }),
  };
}

function restoreEnds(publish: PublishRow, end: Parameters<typeof endStep>[2]): PublishRow {
  return endStep(publish, 'restoring_backup', end);
}

function checkText({ outcome, reason }: EventData<'BackupChecked'>): string {
  return outcome === 'ok' ? 'it is as it was written' : (reason ?? outcome);
}

const stopTexts = {
  stopped: 'no new executions begin',
  nothing_active: 'nothing is active',
  not_supported: 'the gateway cannot stop executions',
  not_stopped: 'it is not known whether new executions were stopped',
} as const;
