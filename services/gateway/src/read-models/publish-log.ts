import type { DomainEventType, LogLine, PublishLogs, RecordedEvent } from '@m3/contracts';
import { blockText } from '@m3/policies';
import { isLogEntry, type LogEntry } from '../projections/log-entry.js';
import { checkLines, clock, delivered, quoted, round, says, type Mark } from './log-lines.js';
import { rollbackTellings } from './rollback-log.js';
import { tells, type Telling, type Tellings } from './telling.js';
import { trafficTellings } from './traffic-log.js';

/** The log of a publish, as operators read it, made of its events. */

type Line = PublishLogs['lines'][number];

/** Lines of all events, in the order of the events. */
export function publishLog(events: readonly RecordedEvent[]): Line[] {
  const entries = events.filter(isLogEntry);
  const told = new Set(entries.flatMap(toldGate));
  return entries.flatMap((event) => linesOf(event, told));
}

function toldGate({ type, data }: LogEntry): string[] {
  return type === 'GateCompleted' ? [`${data.gate_run_id} ${data.result.name}`] : [];
}

function linesOf<Type extends DomainEventType>(event: LogEntry<Type>, told: ReadonlySet<string>): Line[] {
  const telling: Telling<Type> | undefined = tellings[event.type];
  if (telling === undefined) return [];
  return telling.tell(event, told).map(({ at, mark, text }) => {
    const clean = text.replace(/\p{Cc}+/gu, ' ').slice(0, 2000);
    return { at, level: levelOf(mark), text: clean, step: telling.step, line: `[${clock(at)}] ${mark} ${clean}` };
  });
}

const tellings: Tellings = {
  PublishRequested: tells(
    null,
    '•',
    ({ project, version, target, requested_by, trigger, reason }) =>
      `${trigger === 'emergency' ? `EMERGENCY (${reason ?? 'no justification'}): ` : ''}Publish of ${project} ${version} to ${target.name} requested by ${requested_by} (${trigger})`,
  ),
  ValidationRequested: tells('validating', '•', () => 'Pre-publish validation started'),
  ValidationCompleted: {
    step: 'validating',
    tell: (event) => round(event, 'Pre-publish validation', event.data.outcome, event.data.checks),
  },
  GatesRequested: tells('gating', '•', () => 'Quality gates started'),
  GateAsked: tells('gating', '•', ({ gate }) => `${gate} is asked`),
  GatePending: tells('gating', '•', ({ gate, message }) => `${gate} calls back later: ${message}`),
  GateCompleted: { step: 'gating', tell: (event) => checkLines(event, event.data.result) },
  OverrideAwaited: tells(
    'gating',
    '!',
    ({ outcome, allowed_roles, deadline_at }) =>
      `Quality gates ${outcome}; waiting for an override by ${allowed_roles.join(' or ')} until ${clock(deadline_at)}`,
  ),
  GateOverridden: tells('gating', '!', ({ gate, by, reason }) => `${gate} overridden by ${by}: ${reason}`),
  OverrideExpired: tells('gating', '✗', ({ remaining }) => `Not overridden in time: ${remaining.join(', ')}`),
  GatesCompleted: {
    step: 'gating',
    tell: (event, told) => {
      const { outcome, gates, not_run = [] } = event.data;
      const left = not_run.map(({ gate, reason }) => says(event, '•', `${gate} was not run: ${reason}`));
      const untold = gates.filter(({ name }) => !told.has(`${event.data.gate_run_id} ${name}`));
      return [...left, ...round(event, 'Quality gates', outcome, untold)];
    },
  },
  ApprovalRequested: tells('awaiting_approval', '•', ({ rule }) => {
    const by = rule.approvers.length > 0 ? rule.approvers.join(', ') : 'anyone with the role approver';
    return `Waiting for ${rule.quorum} approval(s) by ${by}`;
  }),
  ApprovalWaived: tells('awaiting_approval', '•', ({ reason }) => `No approval needed: ${reason}`),
  ApprovalVoted: {
    step: 'awaiting_approval',
    tell: (event) => {
      const { by, decision, comment } = event.data;
      const text = `${decision === 'approve' ? 'Approved' : 'Rejected'} by ${by}${comment === null ? '' : `: ${comment}`}`;
      return [says(event, decision === 'approve' ? '✓' : '✗', text)];
    },
  },
  ApprovalVoteWithdrawn: tells('awaiting_approval', '!', ({ by }) => `Vote withdrawn by ${by}`),
  ApprovalCommented: tells('awaiting_approval', '•', ({ by, comment }) => `${by}: ${comment}`),
  ApprovalReminded: tells('awaiting_approval', '•', ({ missing }) => `Reminded: ${missing} approval(s) are missing`),
  ApprovalVoided: tells(
    'awaiting_approval',
    '!',
    ({ reason }) => `What was checked and approved does not hold any more: ${reason}`,
  ),
  ReviewRequested: tells(null, '!', ({ requested_by }) => `To be reviewed by somebody other than ${requested_by}`),
  ReviewClosed: tells(null, '✓', ({ by, findings }) => `Reviewed by ${by}: ${findings}`),
  ApprovalGranted: tells('awaiting_approval', '✓', ({ approved_by }) => `Approval granted (${approved_by.join(', ')})`),
  ApprovalEscalated: tells('awaiting_approval', '!', () => 'Approval is overdue and was escalated'),
  StartDelayed: tells(null, '•', ({ blocks, resume_at }) => {
    const text = blocks.map((block) => blockText(block)).join('; ');
    return `Waiting to start: ${text}${resume_at === null ? '' : `; expected at ${clock(resume_at)}`}`;
  }),
  StartOverridden: tells(null, '!', ({ by, reason, blocks }) => {
    const text = blocks.map((block) => blockText(block)).join('; ');
    return `Start allowed by ${by} all the same: ${reason} (${text})`;
  }),
  SlotAwaited: tells(null, '•', ({ ahead }) => `Waiting for ${ahead.length} publish(es) ahead on this target`),
  ...rollbackTellings,
  ...trafficTellings,
  BackupRequested: tells('backing_up', '•', () => 'Backup started'),
  BackupTaken: {
    step: 'backing_up',
    tell: (event) => [...quoted(event.data.log), says(event, '✓', `Backup created: ${event.data.name}`)],
  },
  BackupFailed: tells('backing_up', '✗', ({ reason }) => `Backup failed: ${reason}`),
  DeploymentRequested: tells('deploying', '•', () => 'Deployment of artifacts started'),
  ArtifactsDeployed: {
    step: 'deploying',
    tell: (event) => [...quoted(event.data.log), says(event, '✓', `Artifacts deployed: ${counted(event.data.counts)}`)],
  },
  ActivationRequested: tells('activating', '•', () => 'Activation started'),
  VersionActivated: {
    step: 'activating',
    tell: (event) => {
      const { version, previous_version, draining, log } = event.data;
      const from = previous_version === null ? '' : ` (was ${previous_version})`;
      const left = draining.map(({ version: old, running }) => `${running} execution(s) still on ${old}`);
      const lines = left.map((text) => says(event, '•', text));
      return [...quoted(log), says(event, '✓', `Activated: ${version}${from}`), ...lines];
    },
  },
  VerificationRequested: tells('verifying', '•', ({ verifies }) =>
    verifies === 'publish' ? 'Verification started' : 'Verification of the rollback started',
  ),
  VerificationCompleted: {
    step: 'verifying',
    tell: (event) => round(event, 'Verification', event.data.outcome, event.data.checks),
  },
  NotificationRequested: tells('notifying', '•', () => 'Notification started'),
  NotificationAttempted: {
    step: 'notifying',
    tell: (event) => {
      const { deliveries } = event.data;
      if (deliveries.length === 0) return [says(event, '•', 'No notification channel is configured')];
      return deliveries.map((delivery) => delivered(event, delivery));
    },
  },
  NotificationRetried: { step: 'notifying', tell: (event) => [delivered(event, event.data.delivery)] },
  PublishCancelRequested: tells(null, '!', ({ by, reason }) => `Cancel requested by ${by}: ${reason}`),
  TargetStateRequested: tells('rolling_back', '•', ({ step, reason }) => `${step}: ${reason}; the target is asked`),
  TargetStateFound: tells('rolling_back', '•', ({ reason }) => reason),
  RestoreRequested: tells('rolling_back', '!', ({ reason }) => `Rollback started: ${reason}`),
  BackupRestored: {
    step: 'rolling_back',
    tell: (event) => {
      const back = event.data.active_version ?? 'no version';
      return [...quoted(event.data.log), says(event, '✓', `Backup restored: ${back} is active again`)];
    },
  },
  BackupRestoreFailed: tells('rolling_back', '✗', ({ reason }) => `Restore failed: ${reason}`),
  TargetRestoredByHand: tells('rolling_back', '✓', ({ active_version, reason }) => {
    return `Restored by hand: ${active_version ?? 'no version'} is active again (${reason})`;
  }),
  PublishSucceeded: tells(null, '✓', ({ version }) => `Publish succeeded: ${version}`),
  PublishRolledBack: tells(
    null,
    '✗',
    ({ restored_version, reason }) => `Rolled back to ${restored_version ?? 'no version'}: ${reason}`,
  ),
  PublishRollbackFailed: {
    step: 'rolling_back',
    tell: (event) => [
      says(event, '✗', `Rollback failed: ${event.data.reason}`),
      ...event.data.manual_steps.map((step) => says(event, '!', `Do by hand: ${step}`)),
    ],
  },
  PublishFailed: tells(null, '✗', ({ step, reason }) => `Publish failed while ${step.replace('_', ' ')}: ${reason}`),
  PublishRejected: tells(
    null,
    '✗',
    ({ by, comment }) => `Publish rejected${by === null ? '' : ` by ${by}`}: ${comment}`,
  ),
  PublishSuperseded: tells(null, '✗', ({ reason }) => `Publish superseded: ${reason}`),
  PublishCancelled: tells(null, '✗', ({ by, reason }) => `Publish cancelled by ${by}: ${reason}`),
};

function levelOf(mark: Mark): LogLine['level'] {
  if (mark === '✗') return 'error';
  return mark === '!' ? 'warning' : 'info';
}

function counted(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`);
  return parts.join(', ') || 'nothing to do';
}
