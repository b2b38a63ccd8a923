import { Type } from '@sinclair/typebox';
import { defineEvent, type EventsOf } from '../define-event.js';
import { closed, Id, Nullable, PersonId, PublishSubject, Reason } from '../shapes.js';
import { ids, subject } from './examples.js';

/** What is to be reviewed. */
export const reviewFields = {
  review_id: Id('review'),
  subject: PublishSubject,
  requested_by: PersonId,
  justification: Nullable(Reason),
};
export const reviewTerms = {
  ...{ review_id: ids.review, subject },
  ...{ requested_by: 'ann', justification: 'orders are lost' },
};

/** Stream `review-<review id>`, owned by approvals: what is learnt from an emergency, by somebody who did not ask for it. */
export const reviewEvents = [
  defineEvent({
    type: 'ReviewOpened',
    category: 'review',
    schema: Type.Object({ ...reviewFields, publish_id: Id('publish'), target_id: Id('target') }, closed),
    example: { ...reviewTerms, publish_id: ids.publish, target_id: ids.target },
  }),
  defineEvent({
    type: 'ReviewClosed',
    category: 'review',
    schema: Type.Object(
      {
        ...{ review_id: Id('review'), publish_id: Id('publish'), target_id: Id('target') },
        by: PersonId,
        findings: Reason,
        follow_ups: Type.Array(Reason, { maxItems: 50 }),
      },
      closed,
    ),
    example: {
      ...{ review_id: ids.review, publish_id: ids.publish, target_id: ids.target, by: 'bob' },
      findings: 'the queue was full; nobody was paged',
      follow_ups: ['page on a full queue'],
    },
  }),
] as const;
export type ReviewEvent = EventsOf<typeof reviewEvents>;
