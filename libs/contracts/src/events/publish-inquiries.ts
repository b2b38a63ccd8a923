import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define-event.js';
import {
  closed,
  failureFields,
  Fence,
  Id,
  Nullable,
  PublishSubject,
  Reason,
  Timestamp,
  VersionName,
} from '../shapes.js';
import { at, ids, subject } from './examples.js';

/** The steps whose outcome a target can tell afterwards. */
const step = Type.Union([Type.Literal('deploying'), Type.Literal('activating'), Type.Literal('rolling_back')]);

/** What a target said that was asked what is true. */
export const TargetTruth = Type.Object(
  {
    active_version: Nullable(VersionName),
    /** Under which fence that became active; null: nothing is active. */
    active_fence: Nullable(Fence),
    /** The highest fence that has written to the target. */
    fence: Fence,
    /** Whether the target holds the version that is published. */
    release: Type.Union([Type.Literal('present'), Type.Literal('absent'), Type.Literal('other_contents')]),
    gateway: Type.Union([Type.Literal('answers'), Type.Literal('silent')]),
  },
  closed,
);

/** Before it is decided about a step whose outcome nobody knows, the target is asked. */
export const publishInquiryEvents = [
  defineEvent({
    type: 'TargetStateRequested',
    category: 'publish',
    schema: Type.Object(
      {
        subject: PublishSubject,
        /** Whose outcome is not known, and under which fence it was to write. */
        step,
        fence: Fence,
        ...failureFields,
        deadline_at: Timestamp,
      },
      closed,
    ),
    example: {
      ...{ subject, step: 'activating', fence: 100, code: 'database_timeout', reason: 'the database gave no answer' },
      ...{ timed_out: false, unknown: 'whether the version became active', deadline_at: at },
    },
  }),
  defineEvent({
    type: 'TargetStateFound',
    category: 'publish',
    schema: Type.Object(
      {
        publish_id: Id('publish'),
        target_id: Id('target'),
        step,
        /** Null: it did not answer, so that nothing more is known. */
        found: Nullable(TargetTruth),
        reason: Reason,
      },
      closed,
    ),
    example: {
      ...{ publish_id: ids.publish, target_id: ids.target, step: 'activating' },
      found: { active_version: 'v1.3.0', active_fence: 100, fence: 100, release: 'present', gateway: 'answers' },
      reason: 'v1.3.0 is active, and v1.3.0 is on the target',
    },
  }),
] as const;
