import {
  eventCatalogue,
  type CheckResult,
  type EventData,
  type DomainEventType,
  type PublishEvent,
} from '@m3/contracts';
import type { Moment, PublishInput, VerificationResult } from './publish.inputs.js';
import { approvedDigest } from './publish.approval.js';

/** A publish's history for specifications, made of the catalogue's own examples. */

export const now = '2026-03-19T14:23:45.000Z';
const later = '2026-03-19T14:33:45.000Z';
const id = (prefix: string, n: number) => `${prefix}_01930d8c-0000-7000-8000-00000000000${n}`;

export const moment: Moment = {
  now,
  newIds: {
    ...{ gateRun: id('gtr', 2), approval: id('apr', 2), nextApproval: id('apr', 3) },
    ...{ backup: id('bkp', 2), notification: id('ntf', 2) },
  },
};
export const momentAt = (time: string): Moment => ({ ...moment, now: time });

export function example<Type extends DomainEventType>(type: Type): EventData<Type> {
  const definition = eventCatalogue.find((each) => each.type === type);
  if (!definition) throw new Error(`no event ${type}`);
  // The catalogue's test proves that each example has its type's shape; the compiler cannot follow the lookup.
  return structuredClone(definition.example) as EventData<Type>;
}

const catalogued = example('PublishRequested');
export const request: EventData<'PublishRequested'> = {
  ...catalogued,
  target: { ...catalogued.target, approval: { ...catalogued.target.approval, quorum: 0 } },
};
export const withQuorum = (quorum: number): EventData<'PublishRequested'> => ({
  ...request,
  target: { ...request.target, approval: { ...request.target.approval, quorum } },
});
export const subject = example('ValidationRequested').subject;
const { publish_id } = request;
const { target_id } = request.target;

export const requested = (data = request): PublishEvent => ({ type: 'PublishRequested', data });
export const validating: PublishEvent = {
  type: 'ValidationRequested',
  data: { subject, gate_run_id: id('gtr', 1), allow_older: false, deadline_at: later },
};
export const gating: PublishEvent = {
  type: 'GatesRequested',
  data: {
    subject,
    gate_run_id: id('gtr', 1),
    thresholds: request.target.thresholds,
    active_version: 'v1.2.0',
    deadline_at: later,
  },
};
export const askedForApproval: PublishEvent = {
  type: 'ApprovalRequested',
  data: {
    ...example('ApprovalRequested'),
    subject,
    approval_id: id('apr', 1),
    approved_digest: approvedDigest(withQuorum(2), 'v1.2.0'),
  },
};
export const waived: PublishEvent = {
  type: 'ApprovalWaived',
  data: { publish_id, reason: 'the target asks for no approvals' },
};
export const backingUp: PublishEvent = {
  type: 'BackupRequested',
  data: { subject, backup_id: id('bkp', 1), required: true, fence: 10, deadline_at: later },
};
export const deploying: PublishEvent = {
  type: 'DeploymentRequested',
  data: { subject, fence: 10, backup_id: id('bkp', 1), expected_version: 'v1.2.0', deadline_at: later },
};
export const deployed: PublishEvent = {
  type: 'ArtifactsDeployed',
  data: { ...example('ArtifactsDeployed'), publish_id },
};
export const activating: PublishEvent = {
  type: 'ActivationRequested',
  data: { subject, fence: 10, expected_version: 'v1.2.0', deadline_at: later },
};
export const activated: PublishEvent = {
  type: 'VersionActivated',
  data: { ...example('VersionActivated'), fence: 10 },
};
export const verifying: PublishEvent = {
  type: 'VerificationRequested',
  data: { subject, verifies: 'publish', expected_version: 'v1.3.0', smoke_tests: true, deadline_at: later },
};
export const verified: PublishEvent = { type: 'VerificationCompleted', data: example('VerificationCompleted') };
export const notifying: PublishEvent = {
  type: 'NotificationRequested',
  data: {
    subject,
    notification_id: id('ntf', 1),
    message: 'v1.3.0 is active and verified on Production US East',
    deadline_at: later,
  },
};
export const restoring: PublishEvent = {
  type: 'RestoreRequested',
  data: { ...example('RestoreRequested'), subject, backup_id: id('bkp', 1), fence: 11, deadline_at: later },
};

const check: CheckResult = {
  name: 'gateway',
  outcome: 'passed',
  message: 'ok',
  duration_ms: 4,
  findings: [],
  log: [],
};

export const untilGates = [requested(), validating, gating];
export const untilBackup = [...untilGates, waived, backingUp];
export const untilDeployment = [...untilBackup, deploying];
export const untilActivation = [...untilDeployment, deployed, activating];
export const untilVerification = [...untilActivation, activated, verifying];
export const untilNotification = [...untilVerification, verified, notifying];

const failedVerification: VerificationResult = {
  outcome: 'failed',
  checks: [{ ...check, outcome: 'failed', message: 'job failed' }],
  duration_ms: 9,
};

export const input = {
  triggered: { type: 'PublishTriggered', data: { ...request, trigger_key: 'tag' } },
  validation: (outcome: 'passed' | 'failed' | 'inconclusive' = 'passed'): PublishInput => ({
    type: 'ValidationCompleted',
    data: {
      ...example('ValidationCompleted'),
      gate_run_id: id('gtr', 1),
      outcome,
      checks: [{ ...check, outcome, message: 'connection refused' }],
    },
  }),
  gates: (outcome: 'passed' | 'failed' | 'inconclusive' = 'passed'): PublishInput => ({
    type: 'GatesCompleted',
    data: {
      ...example('GatesCompleted'),
      gate_run_id: id('gtr', 1),
      outcome,
      gates: [{ ...check, outcome, message: 'plan has a cycle' }],
    },
  }),
  approved: (digest = approvedDigest(withQuorum(2), 'v1.2.0')): PublishInput => ({
    type: 'ApprovalGranted',
    data: { ...example('ApprovalGranted'), approval_id: id('apr', 1), approved_digest: digest },
  }),
  rejected: { type: 'ApprovalRejected', data: { ...example('ApprovalRejected'), approval_id: id('apr', 1) } },
  slotGranted: { type: 'SlotGranted', data: { target_id, publish_id, fence: 20 } },
  backupTaken: (active_version: string | null = 'v1.2.0'): PublishInput => ({
    type: 'BackupTaken',
    data: { ...example('BackupTaken'), backup_id: id('bkp', 1), active_version },
  }),
  backupFailed: { type: 'BackupFailed', data: { ...example('BackupFailed'), backup_id: id('bkp', 1) } },
  deployed: {
    type: 'Deployed',
    result: { outcome: 'deployed', checksum: request.bundle_digest, counts: { workflows: 3 }, duration_ms: 6, log: [] },
  },
  deploymentFailed: {
    type: 'Deployed',
    result: { outcome: 'failed', code: 'planner_conflict', reason: 'the gateway has other plans', unknown: null },
  },
  deploymentFenced: {
    type: 'Deployed',
    result: { outcome: 'failed', code: 'fenced', reason: 'a newer attempt has taken over the target', unknown: null },
  },
  activationFenced: {
    type: 'Activated',
    result: { outcome: 'failed', code: 'fenced', reason: 'a newer attempt has taken over the target', unknown: null },
  },
  activated: {
    type: 'Activated',
    result: { outcome: 'activated', previous_version: 'v1.2.0', draining: [], duration_ms: 3, log: [] },
  },
  verified: { type: 'Verified', verifies: 'publish', result: { outcome: 'passed', checks: [], duration_ms: 9 } },
  unhealthy: { type: 'Verified', verifies: 'publish', result: failedVerification },
  restoredVerified: {
    type: 'Verified',
    verifies: 'rollback',
    result: { outcome: 'passed', checks: [], duration_ms: 9 },
  },
  restoredUnhealthy: { type: 'Verified', verifies: 'rollback', result: failedVerification },
  notified: {
    type: 'NotificationAttempted',
    data: { ...example('NotificationAttempted'), notification_id: id('ntf', 1) },
  },
  restored: { type: 'BackupRestored', data: { ...example('BackupRestored'), backup_id: id('bkp', 1) } },
  restoreFailed: { type: 'BackupRestoreFailed', data: { ...example('BackupRestoreFailed'), backup_id: id('bkp', 1) } },
  deadline: { type: 'DeadlinePassed' },
} satisfies Record<string, PublishInput | ((...parameters: never[]) => PublishInput)>;
