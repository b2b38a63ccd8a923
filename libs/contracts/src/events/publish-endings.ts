import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define-event.js';
import {
  closed,
  failureFields,
  Fence,
  Id,
  Nullable,
  PersonId,
  ProjectName,
  PublishSubject,
  Reason,
  Timestamp,
  VersionName,
} from '../shapes.js';
import { reviewFields, reviewTerms } from './review.js';
import { at, ids, subject } from './examples.js';

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

/** The events that end a publish. Each publish has one of them. */
export const publishEndings = [
  'PublishSucceeded',
  'PublishFailed',
  'PublishRejected',
  'PublishCancelled',
  'PublishSuperseded',
  'PublishRolledBack',
  'PublishRollbackFailed',
] as const;

const publishId = { publish_id: Id('publish') };

/** How a publish ends, and what is undone before it does. */
export const publishEndingEvents = [
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
    /** An emergency publish has changed its target and ends: somebody else has to review it. */
    type: 'ReviewRequested',
    category: 'publish',
    schema: Type.Object(reviewFields, closed),
    example: reviewTerms,
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
        fence: Fence,
        /** The step that went wrong. Only a version that had been activated is *rolled back*; before that the publish fails and nothing remains. */
        failed_step: PublishStep,
        ...failureFields,
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
    schema: Type.Object({ ...publishId, target_id: Id('target'), step: PublishStep, ...failureFields }, closed),
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
  defineEvent({
    /** Another publish went in its stead; `by` is null when only the version that is active now is known. */
    type: 'PublishSuperseded',
    category: 'publish',
    schema: Type.Object({ ...publishId, target_id: Id('target'), by: Nullable(Id('publish')), reason: Reason }, closed),
    example: { publish_id: ids.publish, target_id: ids.target, by: ids.publish, reason: 'v1.4.0 goes in its stead' },
  }),
] as const;
