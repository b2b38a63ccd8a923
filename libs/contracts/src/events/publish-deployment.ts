import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define-event.js';
import {
  CheckResult,
  closed,
  Fence,
  Id,
  LogLine,
  Nullable,
  Outcome,
  ProjectName,
  PublishSubject,
  Sha256,
  Timestamp,
  VersionName,
} from '../shapes.js';
import { at, check, digest, ids, subject } from './examples.js';

const publishId = { publish_id: Id('publish') };
const verifies = Type.Union([Type.Literal('publish'), Type.Literal('rollback')]);

/** What a publish does to its target: backup, deployment, activation, verification; then the news of it. */
export const publishDeploymentEvents = [
  defineEvent({
    type: 'BackupRequested',
    category: 'publish',
    schema: Type.Object(
      {
        subject: PublishSubject,
        backup_id: Id('backup'),
        required: Type.Boolean(),
        fence: Fence,
        deadline_at: Timestamp,
      },
      closed,
    ),
    example: { subject, backup_id: ids.backup, required: true, fence: 100, deadline_at: at },
  }),
  defineEvent({
    type: 'DeploymentRequested',
    logOnly: true,
    category: 'publish',
    schema: Type.Object(
      {
        subject: PublishSubject,
        fence: Fence,
        backup_id: Nullable(Id('backup')),
        expected_version: Nullable(VersionName),
        /** Of what is deployed, made as that of what was approved is. Absent in publishes of release 0.1.0. */
        deployed_digest: Type.Optional(Sha256),
        deadline_at: Timestamp,
      },
      closed,
    ),
    example: {
      ...{ subject, fence: 100, backup_id: ids.backup, expected_version: 'v1.2.0' },
      ...{ deployed_digest: digest, deadline_at: at },
    },
  }),
  defineEvent({
    type: 'ArtifactsDeployed',
    logOnly: true,
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
    logOnly: true,
    category: 'publish',
    schema: Type.Object(
      { subject: PublishSubject, fence: Fence, expected_version: Nullable(VersionName), deadline_at: Timestamp },
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
        fence: Fence,
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
    logOnly: true,
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
    logOnly: true,
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
      {
        subject: PublishSubject,
        notification_id: Id('notification'),
        message: Type.String(),
        /** Absent: a publish that succeeded. */
        about: Type.Optional(Type.Literal('rollback')),
        deadline_at: Timestamp,
      },
      closed,
    ),
    example: {
      subject,
      notification_id: ids.notification,
      message: 'v1.3.0 is active and verified on Production US East',
      deadline_at: at,
    },
  }),
] as const;
