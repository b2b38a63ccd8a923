import { Type } from '@sinclair/typebox';
import { defineEvent, type EventsOf } from '../define-event.js';
import { closed, Id, Nullable, PersonId, Reason, Sha256, Timestamp, approvalTermFields } from '../shapes.js';
import { at, digest, ids, approvalTerms } from './examples.js';

const approval = { approval_id: Id('approval'), publish_id: Id('publish') };
const example = { approval_id: ids.approval, publish_id: ids.publish };

/** Stream `approval-<approval id>`, owned by approvals. */
export const approvalEvents = [
  defineEvent({
    type: 'ApprovalOpened',
    category: 'approval',
    schema: Type.Object({ ...approvalTermFields, publish_id: Id('publish') }, closed),
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
      },
      closed,
    ),
    example: { ...example, by: 'bob', decision: 'approve', comment: 'looks right' },
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
