import { Type } from '@sinclair/typebox';
import { defineEvent, type EventsOf } from '../define-event.js';
import {
  ApprovalRule,
  CheckResult,
  closed,
  GateThresholds,
  Id,
  LogLine,
  Nullable,
  Outcome,
  PersonId,
  ProjectName,
  PublishSubject,
  Reason,
  Sha256,
  TargetSnapshot,
  Timestamp,
  VersionName,
} from '../shapes.js';
import { at, check, digest, ids, subject, target } from './examples.js';
import { Trigger } from './version.js';

/** The steps of a publish that can fail (spec section 6). */
export const PublishStep = Type.Union([
  Type.Literal('validating'),
  Type.Literal('gating'),
  Type.Literal('awaiting_approval'),
  Type.Literal('backing_up'),
  Type.Literal('deploying'),
  Type.Literal('activating'),
  Type.Literal('verifying'),
  Type.Literal('notifying'),
  Type.Literal('rolling_back'),
]);

const publishId = { publish_id: Id('publish') };
const fence = Type.Integer({ minimum: 1, description: 'fencing token: rises with every slot granted on the target' });
const failure = {
  step: PublishStep,
  code: Type.String(),
  reason: Reason,
  timed_out: Type.Boolean(),
  unknown: Nullable(Type.String()),
};
const verifies = Type.Union([Type.Literal('publish'), Type.Literal('rollback')]);

/** Stream `publish-<publish id>`, owned by the deployer. A `…Requested` event starts a step and says all that is needed to do it. */
export const publishEvents = [
  defineEvent({
    type: 'PublishRequested',
    category: 'publish',
    schema: Type.Object(
      {
        ...publishId,
        project: ProjectName,
        version: VersionName,
        bundle_digest: Sha256,
        trigger: Trigger,
        trigger_key: Type.String(),
        requested_by: PersonId,
        tagged_by: PersonId,
        reason: Nullable(Reason),
        requires_marie: Type.Optional(Type.String()),
        allow_older: Type.Boolean(),
        target: TargetSnapshot,
      },
      closed,
    ),
    example: {
      publish_id: ids.publish,
      project: 'invoice-pipeline',
      version: 'v1.3.0',
      bundle_digest: digest,
      trigger: 'tag',
      trigger_key: 'tag',
      requested_by: 'ann',
      tagged_by: 'ann',
      reason: null,
      allow_older: false,
      target,
    },
  }),
  defineEvent({
    type: 'ValidationRequested',
    category: 'publish',
    schema: Type.Object(
      {
        subject: PublishSubject,
        gate_run_id: Id('gateRun'),
        requires_marie: Type.Optional(Type.String()),
        allow_older: Type.Boolean(),
        deadline_at: Timestamp,
      },
      closed,
    ),
    example: { subject, gate_run_id: ids.gateRun, requires_marie: '>=3.0.0', allow_older: false, deadline_at: at },
  }),
  defineEvent({
    type: 'GatesRequested',
    category: 'publish',
    schema: Type.Object(
      {
        subject: PublishSubject,
        gate_run_id: Id('gateRun'),
        thresholds: GateThresholds,
        active_version: Nullable(VersionName),
        deadline_at: Timestamp,
      },
      closed,
    ),
    example: {
      subject,
      gate_run_id: ids.gateRun,
      thresholds: target.thresholds,
      active_version: 'v1.2.0',
      deadline_at: at,
    },
  }),
  defineEvent({
    type: 'ApprovalRequested',
    category: 'publish',
    schema: Type.Object(
      {
        subject: PublishSubject,
        approval_id: Id('approval'),
        rule: ApprovalRule,
        requested_by: PersonId,
        /** People who may not approve: the requester and who tagged the version, unless the rule allows it. */
        excluded: Type.Array(PersonId),
        approved_digest: Sha256,
        expires_at: Nullable(Timestamp),
      },
      closed,
    ),
    example: {
      subject,
      approval_id: ids.approval,
      rule: target.approval,
      requested_by: 'ann',
      excluded: ['ann'],
      approved_digest: digest,
      expires_at: at,
    },
  }),
  defineEvent({
    type: 'ApprovalWaived',
    category: 'publish',
    schema: Type.Object({ ...publishId, reason: Reason }, closed),
    example: { publish_id: ids.publish, reason: 'the target asks for no approvals' },
  }),
  defineEvent({
    type: 'ApprovalConfirmed',
    category: 'publish',
    schema: Type.Object(
      { ...publishId, approval_id: Id('approval'), approved_digest: Sha256, approved_by: Type.Array(PersonId) },
      closed,
    ),
    example: {
      publish_id: ids.publish,
      approval_id: ids.approval,
      approved_digest: digest,
      approved_by: ['alice', 'bob'],
    },
  }),
  defineEvent({
    type: 'SlotAwaited',
    category: 'publish',
    schema: Type.Object({ ...publishId, target_id: Id('target'), ahead: Type.Array(Id('publish')) }, closed),
    example: { publish_id: ids.publish, target_id: ids.target, ahead: [ids.publish] },
  }),
  defineEvent({
    type: 'BackupRequested',
    category: 'publish',
    schema: Type.Object(
      { subject: PublishSubject, backup_id: Id('backup'), required: Type.Boolean(), fence, deadline_at: Timestamp },
      closed,
    ),
    example: { subject, backup_id: ids.backup, required: true, fence: 100, deadline_at: at },
  }),
  defineEvent({
    type: 'DeploymentRequested',
    category: 'publish',
    schema: Type.Object(
      {
        subject: PublishSubject,
        fence,
        backup_id: Nullable(Id('backup')),
        expected_version: Nullable(VersionName),
        deadline_at: Timestamp,
      },
      closed,
    ),
    example: { subject, fence: 100, backup_id: ids.backup, expected_version: 'v1.2.0', deadline_at: at },
  }),
  defineEvent({
    type: 'ArtifactsDeployed',
    category: 'publish',
    schema: Type.Object(
      {
        ...publishId,
        outcome: Type.Union([Type.Literal('deployed'), Type.Literal('already_deployed')]),
        checksum: Sha256,
        counts: Type.Record(Type.String(), Type.Integer()),
        duration_ms: Type.Number(),
        log: Type.Array(LogLine),
      },
      closed,
    ),
    example: {
      publish_id: ids.publish,
      outcome: 'deployed',
      checksum: digest,
      counts: { workflows: 3, agents: 2, processors: 2 },
      duration_ms: 6.1,
      log: check.log,
    },
  }),
  defineEvent({
    type: 'ActivationRequested',
    category: 'publish',
    schema: Type.Object(
      { subject: PublishSubject, fence, expected_version: Nullable(VersionName), deadline_at: Timestamp },
      closed,
    ),
    example: { subject, fence: 100, expected_version: 'v1.2.0', deadline_at: at },
  }),
  defineEvent({
    type: 'VersionActivated',
    category: 'publish',
    schema: Type.Object(
      {
        ...publishId,
        target_id: Id('target'),
        project: ProjectName,
        version: VersionName,
        previous_version: Nullable(VersionName),
        fence,
        draining: Type.Array(Type.Object({ version: VersionName, running: Type.Integer() }, closed)),
        duration_ms: Type.Number(),
        log: Type.Array(LogLine),
      },
      closed,
    ),
    example: {
      publish_id: ids.publish,
      target_id: ids.target,
      project: 'invoice-pipeline',
      version: 'v1.3.0',
      previous_version: 'v1.2.0',
      fence: 100,
      draining: [{ version: 'v1.2.0', running: 2 }],
      duration_ms: 3.4,
      log: check.log,
    },
  }),
  defineEvent({
    type: 'VerificationRequested',
    category: 'publish',
    schema: Type.Object(
      {
        subject: PublishSubject,
        verifies,
        expected_version: Nullable(VersionName),
        smoke_tests: Type.Boolean(),
        deadline_at: Timestamp,
      },
      closed,
    ),
    example: { subject, verifies: 'publish', expected_version: 'v1.3.0', smoke_tests: true, deadline_at: at },
  }),
  defineEvent({
    type: 'VerificationCompleted',
    category: 'publish',
    schema: Type.Object(
      { ...publishId, verifies, outcome: Outcome, checks: Type.Array(CheckResult), duration_ms: Type.Number() },
      closed,
    ),
    example: {
      publish_id: ids.publish,
      verifies: 'publish',
      outcome: 'passed',
      checks: [{ ...check, name: 'smoke' }],
      duration_ms: 12.9,
    },
  }),
  defineEvent({
    type: 'NotificationRequested',
    category: 'publish',
    schema: Type.Object(
      { subject: PublishSubject, notification_id: Id('notification'), message: Type.String(), deadline_at: Timestamp },
      closed,
    ),
    example: {
      subject,
      notification_id: ids.notification,
      message: 'v1.3.0 is active and verified on Production US East',
      deadline_at: at,
    },
  }),
  defineEvent({
    type: 'PublishSucceeded',
    category: 'publish',
    schema: Type.Object(
      { ...publishId, target_id: Id('target'), project: ProjectName, version: VersionName, notified: Type.Boolean() },
      closed,
    ),
    example: {
      publish_id: ids.publish,
      target_id: ids.target,
      project: 'invoice-pipeline',
      version: 'v1.3.0',
      notified: true,
    },
  }),
  defineEvent({
    type: 'PublishCancelRequested',
    category: 'publish',
    schema: Type.Object({ ...publishId, by: PersonId, reason: Reason }, closed),
    example: { publish_id: ids.publish, by: 'ann', reason: 'wrong version' },
  }),
  defineEvent({
    type: 'RestoreRequested',
    category: 'publish',
    schema: Type.Object(
      {
        subject: PublishSubject,
        backup_id: Id('backup'),
        fence,
        reason: Reason,
        /** The step that went wrong. Only a version that had been activated is *rolled back*; before that the publish fails and nothing remains. */
        failed_step: PublishStep,
        code: Type.String(),
        timed_out: Type.Boolean(),
        unknown: Nullable(Type.String()),
        deadline_at: Timestamp,
      },
      closed,
    ),
    example: {
      subject,
      backup_id: ids.backup,
      fence: 101,
      reason: 'smoke test invoice-extraction failed',
      failed_step: 'verifying',
      code: 'verification_failed',
      timed_out: false,
      unknown: null,
      deadline_at: at,
    },
  }),
  defineEvent({
    type: 'PublishRolledBack',
    category: 'publish',
    schema: Type.Object(
      {
        ...publishId,
        target_id: Id('target'),
        restored_version: Nullable(VersionName),
        code: Type.String(),
        reason: Reason,
      },
      closed,
    ),
    example: {
      publish_id: ids.publish,
      target_id: ids.target,
      restored_version: 'v1.2.0',
      code: 'verification_failed',
      reason: 'smoke test failed',
    },
  }),
  defineEvent({
    type: 'PublishRollbackFailed',
    category: 'publish',
    schema: Type.Object(
      {
        ...publishId,
        target_id: Id('target'),
        code: Type.String(),
        reason: Reason,
        manual_steps: Type.Array(Type.String()),
      },
      closed,
    ),
    example: {
      publish_id: ids.publish,
      target_id: ids.target,
      code: 'restore_failed',
      reason: 'the database does not answer',
      manual_steps: ['m3-publish target list'],
    },
  }),
  defineEvent({
    type: 'PublishFailed',
    category: 'publish',
    schema: Type.Object({ ...publishId, target_id: Id('target'), ...failure }, closed),
    example: {
      publish_id: ids.publish,
      target_id: ids.target,
      step: 'validating',
      code: 'gateway_unreachable',
      reason: 'connection refused',
      timed_out: false,
      unknown: null,
    },
  }),
  defineEvent({
    type: 'PublishRejected',
    category: 'publish',
    schema: Type.Object({ ...publishId, target_id: Id('target'), by: Nullable(PersonId), comment: Reason }, closed),
    example: { publish_id: ids.publish, target_id: ids.target, by: 'bob', comment: 'not before the audit' },
  }),
  defineEvent({
    type: 'PublishCancelled',
    category: 'publish',
    schema: Type.Object({ ...publishId, target_id: Id('target'), by: PersonId, reason: Reason }, closed),
    example: { publish_id: ids.publish, target_id: ids.target, by: 'ann', reason: 'wrong version' },
  }),
] as const;
export type PublishEvent = EventsOf<typeof publishEvents>;

const slot = { target_id: Id('target'), publish_id: Id('publish') };

/** Stream `slot-<target id>`, owned by the deployer: who may change the target now, and who is next. */
export const slotEvents = [
  defineEvent({
    type: 'SlotGranted',
    category: 'slot',
    schema: Type.Object({ ...slot, fence }, closed),
    example: { target_id: ids.target, publish_id: ids.publish, fence: 100 },
  }),
  defineEvent({
    type: 'SlotQueued',
    category: 'slot',
    schema: Type.Object(slot, closed),
    example: { target_id: ids.target, publish_id: ids.publish },
  }),
  defineEvent({
    type: 'SlotReleased',
    category: 'slot',
    schema: Type.Object(slot, closed),
    example: { target_id: ids.target, publish_id: ids.publish },
  }),
] as const;
export type SlotEvent = EventsOf<typeof slotEvents>;
