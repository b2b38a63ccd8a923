import {
  isFinalPublishStatus,
  type CheckResult,
  type FinalPublishStatus,
  type Outcome,
  type PublishStatus,
} from '@m3/contracts';
import { idIn, type LogEntry } from './log-entry.js';
import { countsText, deliveriesText, notPassed } from './step-details.js';
import type { Changes, Projection } from './projection.js';
import { inquiries, verifiesRestored } from './publish-inquiries.js';
import { requestedRollback, rollingBack } from './rollback-steps.js';
import { bringingTraffic } from './traffic-steps.js';
import { undoing } from './undo-steps.js';
import {
  delayedStart,
  endPublish,
  endStep,
  noSteps,
  skipStep,
  startStep,
  withTraffic,
  type PublishRow,
  type Step,
} from './publish-row.js';

export const publishes: Projection<PublishRow> = {
  table: 'publish',
  keyOf: ({ data }) => idIn(data, 'publish_id'),
  begins: {
    PublishTriggered: (event) => requested(event),
    PublishRequested: (event) => requested(event),
    RollbackRequested: requestedRollback,
  },
  changes: {
    ...stepStarts(),
    ...stepEnds(),
    ...inquiries,
    ...bringingTraffic(),
    ...undoing(),
    ...ends(),
    ...rollingBack(),
  },
  columns: ({ target_id, project, version, status, retry_of = null, overdue_since = null, rollback }) => ({
    ...{ target_id, project, version, status, retry_of, undoes: rollback?.undoes ?? null },
    overdue: overdue_since === null ? null : 'true',
    outcome: outcomeOf(status),
  }),
};

/** What lists of one status are found by: it changes once, when the publish ends. */
export function outcomeOf(status: PublishStatus): FinalPublishStatus | 'open' {
  return isFinalPublishStatus(status) ? status : 'open';
}

function requested({ data, metadata }: LogEntry<'PublishTriggered' | 'PublishRequested'>): PublishRow {
  const { publish_id, project, version, bundle_digest, trigger, requested_by, tagged_by, reason, allow_older } = data;
  const { target_id, name, environment } = data.target;
  const at = metadata.occurredAt;
  return {
    ...{ publish_id, project, version, bundle_digest, trigger, requested_by, tagged_by, reason, allow_older },
    ...{ target_id, target_name: name, environment, requested_at: at },
    status: 'requested',
    steps: noSteps,
    waiting: { for: 'deployer', since: at },
    previous_version: null,
    ended_at: null,
    outcome_reason: null,
    failure: null,
    cancel_requested_by: null,
    ...(data.retry_of === undefined ? {} : { retry_of: data.retry_of }),
    ...(data.target.traffic === undefined ? {} : { traffic_plan: data.target.traffic }),
  };
}

function stepStarts(): Changes<PublishRow> {
  const starts =
    (step: Step) =>
    (publish: PublishRow, { data, metadata }: LogEntry<DeadlinedRequest>): PublishRow =>
      startStep(publish, step, metadata.occurredAt, data.deadline_at);
  return {
    ValidationRequested: starts('validating'),
    GatesRequested: starts('gating'),
    BackupRequested: starts('backing_up'),
    DeploymentRequested: starts('deploying'),
    NotificationRequested: starts('notifying'),
    VerificationRequested: (publish, event) =>
      verifiesItself(publish, event) ? starts('verifying')(publish, event) : verifiesRestored(publish, event),
    OverrideAwaited: (publish, { data: { gates, allowed_roles: roles, deadline_at }, metadata }) => {
      const bad = gates.filter(({ outcome }) => outcome !== 'passed').map(({ name }) => name);
      return { ...publish, waiting: { for: 'override', gates: bad, roles, since: metadata.occurredAt, deadline_at } };
    },
    GateOverridden: (publish, { data: { remaining } }) => {
      const { waiting } = publish;
      return waiting.for === 'override' ? { ...publish, waiting: { ...waiting, gates: remaining } } : publish;
    },
    ApprovalRequested: (publish, { data: { approval_id, expires_at, rule }, metadata }) => ({
      ...startStep(publish, 'awaiting_approval', metadata.occurredAt, expires_at),
      waiting: { for: 'approval', approval_id, rule, since: metadata.occurredAt, deadline_at: expires_at },
    }),
    // Checked again from the first step on, with the target as it is now.
    ApprovalVoided: (publish, { data }) => ({ ...publish, traffic_plan: data.target.traffic }),
    ApprovalWaived: (publish, { data }) => skipStep(publish, 'awaiting_approval', data.reason),
    StartDelayed: (publish, { data, metadata }) => delayedStart(publish, data, metadata.occurredAt),
    StartOverridden: (publish, { data: { by, reason }, metadata }) => ({
      ...publish,
      overrides: [...(publish.overrides ?? []), { by, reason, at: metadata.occurredAt }],
    }),
    SlotAwaited: (publish, { data, metadata }) => ({
      ...publish,
      status: 'waiting_for_slot',
      waiting: { for: 'slot', ahead: data.ahead, since: metadata.occurredAt },
    }),
  };
}

type DeadlinedRequest =
  | 'ValidationRequested'
  | 'GatesRequested'
  | 'BackupRequested'
  | 'DeploymentRequested'
  | 'VerificationRequested'
  | 'NotificationRequested';

function stepEnds(): Changes<PublishRow> {
  const passed = (publish: PublishRow, step: Step, { metadata }: LogEntry, detail: string | null = null) =>
    endStep(publish, step, { passed: true, at: metadata.occurredAt, detail });
  const failed = (publish: PublishRow, step: Step, { metadata }: LogEntry, detail: string) =>
    endStep(publish, step, { passed: false, at: metadata.occurredAt, detail });
  const checked = (publish: PublishRow, step: Step, event: LogEntry, { outcome, checks }: CheckRound) =>
    outcome === 'passed'
      ? passed(publish, step, event, `${checks.length} checked`)
      : failed(publish, step, event, notPassed(checks));
  return {
    ValidationCompleted: (publish, event) => ({
      ...checked(publish, 'validating', event, event.data),
      previous_version: event.data.active_version,
    }),
    GatesCompleted: (publish, event) => {
      const { outcome, gates, overrides = [] } = event.data;
      if (outcome !== 'passed' || overrides.length === 0) {
        return checked(publish, 'gating', event, { outcome, checks: gates });
      }
      const people = overrides.map(({ gate, by }) => `${gate} overridden by ${by}`);
      return passed(publish, 'gating', event, `${gates.length} checked, ${people.join(', ')}`);
    },
    ApprovalGranted: (publish, event) =>
      isVoid(publish, event)
        ? publish
        : passed(publish, 'awaiting_approval', event, `approved by ${event.data.approved_by.join(', ')}`),
    ApprovalRejected: (publish, event) => failed(publish, 'awaiting_approval', event, event.data.comment),
    BackupTaken: (publish, event) => passed(publish, 'backing_up', event, event.data.name),
    BackupFailed: (publish, event) => failed(publish, 'backing_up', event, event.data.reason),
    ArtifactsDeployed: (publish, event) => passed(publish, 'deploying', event, countsText(event.data.counts)),
    VersionActivated: (publish, event) => {
      const { version, previous_version } = event.data;
      const active = { ...passed(publish, 'activating', event, `${version} is active`), previous_version };
      return withTraffic(active, { state: 'done', since: event.metadata.occurredAt, watch_until: null });
    },
    VerificationCompleted: (publish, event) =>
      verifiesItself(publish, event) ? checked(publish, 'verifying', event, event.data) : publish,
    NotificationAttempted: (publish, event) =>
      passed(publish, 'notifying', event, deliveriesText(event.data.deliveries)),
  };
}

function verifiesItself(
  { rollback }: PublishRow,
  { data }: LogEntry<'VerificationRequested' | 'VerificationCompleted'>,
): boolean {
  return data.verifies === 'publish' || rollback !== undefined;
}

/** Of an approval that was voided before its end was heard of nothing counts. */
function isVoid({ waiting }: PublishRow, { data }: LogEntry<'ApprovalGranted'>): boolean {
  return waiting.for === 'approval' && waiting.approval_id !== data.approval_id;
}

interface CheckRound {
  readonly outcome: Outcome;
  readonly checks: readonly CheckResult[];
}

function ends(): Changes<PublishRow> {
  return {
    PublishSucceeded: (publish, { metadata }) =>
      endPublish(publish, 'succeeded', { at: metadata.occurredAt, reason: null }),
    PublishFailed: (publish, { data, metadata }) => {
      const { step, code, reason, timed_out, unknown } = data;
      const at = metadata.occurredAt;
      // What was undone before it failed was undone well.
      const detail = code === 'fenced' ? 'somebody newer has the target' : 'nothing of it remains';
      const undone = endStep(publish, 'rolling_back', { passed: true, at, detail });
      const failure = { step, code, reason, timed_out, unknown, manual_steps: [] };
      const stopped = endStep({ ...undone, failure }, step, { passed: false, at, detail: reason });
      return endPublish(stopped, 'failed', { at, reason });
    },
    PublishRejected: (publish, { data, metadata }) =>
      endPublish(publish, 'rejected', {
        at: metadata.occurredAt,
        reason: data.by === null ? data.comment : `${data.by}: ${data.comment}`,
      }),
    PublishSuperseded: (publish, { data, metadata }) =>
      endPublish(publish, 'superseded', { at: metadata.occurredAt, reason: data.reason }),
    PublishCancelled: (publish, { data, metadata }) =>
      endPublish(publish, 'cancelled', { at: metadata.occurredAt, reason: `cancelled by ${data.by}: ${data.reason}` }),
  };
}
