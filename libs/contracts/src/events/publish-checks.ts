import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define-event.js';
import { GateSettings } from '../gate-settings.js';
import {
  closed,
  GateThresholds,
  Id,
  Nullable,
  PersonId,
  PublishSubject,
  Reason,
  Sha256,
  TargetSnapshot,
  Timestamp,
  VersionName,
  approvalTermFields,
  publishRequestFields,
} from '../shapes.js';
import { TrafficStrategy } from '../traffic-plan.js';
import { StartBlock } from '../start-rules.js';
import { at, digest, ids, subject, target, approvalTerms, publishRequest } from './examples.js';

const publishId = { publish_id: Id('publish') };

/** Of what an approval is bound to, what is not any more as it was: a digest of the configuration, or a version. */
const ApprovedChange = Type.Object(
  {
    what: Type.Union([Type.Literal('target_configuration'), Type.Literal('active_version')]),
    was: Nullable(Type.String()),
    is: Nullable(Type.String()),
  },
  closed,
);

/** What a publish does before its target may be touched: request, validation, gates, approval, waiting for a slot. */
export const publishCheckEvents = [
  defineEvent({
    type: 'PublishRequested',
    category: 'publish',
    schema: Type.Object(publishRequestFields, closed),
    example: publishRequest,
  }),
  defineEvent({
    type: 'ValidationRequested',
    category: 'publish',
    schema: Type.Object(
      {
        subject: PublishSubject,
        gate_run_id: Id('gateRun'),
        requires_marie: Type.Optional(Type.String()),
        /** Needs a gateway that routes by version. Absent: none of these. */
        strategy: Type.Optional(TrafficStrategy),
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
        settings: Type.Optional(GateSettings),
        active_version: Nullable(VersionName),
        /** When the publish stops waiting for the gates, and for an override of one that did not pass. */
        deadline_at: Timestamp,
        /** When the gates have to have their results, where an override may be waited for afterwards. */
        results_by: Type.Optional(Timestamp),
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
    schema: Type.Object(approvalTermFields, closed),
    example: approvalTerms,
  }),
  defineEvent({
    type: 'ApprovalWaived',
    logOnly: true,
    category: 'publish',
    schema: Type.Object(
      {
        ...publishId,
        reason: Reason,
        /** Absent in publishes of release 0.1.0. */
        active_version: Type.Optional(Nullable(VersionName)),
      },
      closed,
    ),
    example: { publish_id: ids.publish, reason: 'the target asks for no approvals', active_version: 'v1.2.0' },
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
    /**
     * What was approved, or needed no approval, is not what would be deployed now: it is asked for again, with the
     * configuration of the target that is in force. `approval_id` is null where none had been needed.
     */
    type: 'ApprovalVoided',
    category: 'publish',
    schema: Type.Object(
      {
        ...publishId,
        target_id: Id('target'),
        approval_id: Nullable(Id('approval')),
        reason: Reason,
        changes: Type.Array(ApprovedChange),
        target: TargetSnapshot,
        active_version: Nullable(VersionName),
      },
      closed,
    ),
    example: {
      ...{ publish_id: ids.publish, target_id: ids.target, approval_id: ids.approval },
      reason: 'the version that is active on the target changed from v1.2.0 to v1.2.1',
      changes: [{ what: 'active_version', was: 'v1.2.0', is: 'v1.2.1' }],
      ...{ target, active_version: 'v1.2.1' },
    },
  }),
  defineEvent({
    /** It may not start yet. What it was judged by, and the time of the event, are all that the judgement needs. */
    type: 'StartDelayed',
    category: 'publish',
    schema: Type.Object(
      {
        subject: PublishSubject,
        blocks: Type.Array(StartBlock, { minItems: 1 }),
        /** The earliest start, when it looks again by itself; null: a person, or another publish, has to move it. */
        resume_at: Nullable(Timestamp),
        judged_by: Type.Object(
          { target_revision: Type.Integer({ minimum: 0 }), calendar_revision: Type.Integer({ minimum: 0 }) },
          closed,
        ),
      },
      closed,
    ),
    example: {
      subject,
      blocks: [{ kind: 'window', since: null, until: at, unblocked_by: ['admin'] }],
      resume_at: at,
      judged_by: { target_revision: 3, calendar_revision: 1 },
    },
  }),
  defineEvent({
    type: 'StartOverridden',
    category: 'publish',
    schema: Type.Object(
      { ...publishId, target_id: Id('target'), by: PersonId, reason: Reason, blocks: Type.Array(StartBlock) },
      closed,
    ),
    example: {
      publish_id: ids.publish,
      target_id: ids.target,
      by: 'ann',
      reason: 'the fix for the outage',
      blocks: [{ kind: 'window', since: null, until: at, unblocked_by: ['admin'] }],
    },
  }),
  defineEvent({
    type: 'SlotAwaited',
    category: 'publish',
    schema: Type.Object({ ...publishId, target_id: Id('target'), ahead: Type.Array(Id('publish')) }, closed),
    example: { publish_id: ids.publish, target_id: ids.target, ahead: [ids.publish] },
  }),
] as const;
