import { Type } from '@sinclair/typebox';
import { defineEvent, type EventsOf } from '../define-event.js';
import {
  closed,
  Id,
  Nullable,
  PersonId,
  PublishSubject,
  Reason,
  Roles,
  Sha256,
  Timestamp,
  approvalTermFields,
} from '../shapes.js';
import { at, digest, ids, approvalTerms, subject } from './examples.js';

const approval = { approval_id: Id('approval'), publish_id: Id('publish') };
const example = { approval_id: ids.approval, publish_id: ids.publish };

/** Stream `approval-<approval id>`, owned by approvals. */
export const approvalEvents = [
  defineEvent({
    type: 'ApprovalOpened',
    category: 'approval',
    schema: Type.Object(
      {
        ...approvalTermFields,
        publish_id: Id('publish'),
        /** Absent in approvals of release 0.1.0, which nobody is reminded of. */
        opened_at: Type.Optional(Timestamp),
      },
      closed,
    ),
    example: { ...approvalTerms, publish_id: ids.publish },
  }),
  defineEvent({
    type: 'ApprovalVoted',
    category: 'approval',
    schema: Type.Object(
      {
        ...approval,
        by: PersonId,
        decision: Type.Union([Type.Literal('approve'), Type.Literal('reject')]),
        comment: Nullable(Reason),
        /** The roles of the voter at the time. Absent in votes of release 0.1.0. */
        roles: Type.Optional(Roles),
      },
      closed,
    ),
    example: { ...example, by: 'bob', decision: 'approve', comment: 'looks right' },
  }),
  defineEvent({
    type: 'ApprovalVoteWithdrawn',
    category: 'approval',
    schema: Type.Object({ ...approval, by: PersonId }, closed),
    example: { ...example, by: 'bob' },
  }),
  defineEvent({
    type: 'ApprovalCommented',
    category: 'approval',
    schema: Type.Object({ ...approval, by: PersonId, comment: Reason }, closed),
    example: { ...example, by: 'carol', comment: 'who is on call tonight?' },
  }),
  defineEvent({
    type: 'ApprovalReminded',
    category: 'approval',
    schema: Type.Object(
      {
        ...approval,
        subject: PublishSubject,
        at: Type.Union([Type.Literal('half_time'), Type.Literal('last_call')]),
        missing: Type.Integer({ minimum: 0 }),
        /** Named approvers who have not decided; empty: anyone with the role. */
        waiting_for: Type.Array(PersonId),
        expires_at: Timestamp,
      },
      closed,
    ),
    example: {
      ...{ ...example, subject, at: 'half_time' as const },
      ...{ missing: 1, waiting_for: ['alice', 'carol'], expires_at: at },
    },
  }),
  defineEvent({
    type: 'ApprovalGranted',
    category: 'approval',
    schema: Type.Object({ ...approval, approved_digest: Sha256, approved_by: Type.Array(PersonId) }, closed),
    example: { ...example, approved_digest: digest, approved_by: ['alice', 'bob'] },
  }),
  defineEvent({
    type: 'ApprovalRejected',
    category: 'approval',
    schema: Type.Object({ ...approval, by: Nullable(PersonId), comment: Reason }, closed),
    example: { ...example, by: 'bob', comment: 'not before the audit' },
  }),
  defineEvent({
    type: 'ApprovalEscalated',
    category: 'approval',
    schema: Type.Object({ ...approval, waiting_since: Timestamp }, closed),
    example: { ...example, waiting_since: at },
  }),
  defineEvent({
    type: 'ApprovalClosed',
    category: 'approval',
    schema: Type.Object({ ...approval, reason: Reason }, closed),
    example: { ...example, reason: 'the publish was cancelled' },
  }),
] as const;
export type ApprovalEvent = EventsOf<typeof approvalEvents>;
