import { Type } from '@sinclair/typebox';
import { defineEvent, type EventsOf } from '../define-event.js';
import { closed, Id, Nullable, Reason, Timestamp } from '../shapes.js';
import { at, ids } from './examples.js';

const Delivery = Type.Object(
  {
    channel: Type.String(),
    attempt: Type.Integer({ minimum: 1 }),
    outcome: Type.Union([Type.Literal('delivered'), Type.Literal('deferred'), Type.Literal('abandoned')]),
    reason: Nullable(Reason),
    next_attempt_at: Nullable(Timestamp),
  },
  closed,
);
const notification = { notification_id: Id('notification'), publish_id: Nullable(Id('publish')), kind: Type.String() };
const example = { notification_id: ids.notification, publish_id: ids.publish, kind: 'publish.succeeded' };
const delivery = {
  channel: 'release-webhook',
  attempt: 1,
  outcome: 'delivered' as const,
  reason: null,
  next_attempt_at: null,
};

/** Stream `notification-<notification id>`, owned by notifier. */
export const notificationEvents = [
  defineEvent({
    type: 'NotificationAttempted',
    category: 'notification',
    /** The first round over all channels that a rule chose; no deliveries: no channel is configured. */
    schema: Type.Object(
      { ...notification, payload: Type.Object({}, { additionalProperties: true }), deliveries: Type.Array(Delivery) },
      closed,
    ),
    example: { ...example, payload: { type: 'publish.succeeded' }, deliveries: [delivery] },
  }),
  defineEvent({
    type: 'NotificationRetried',
    category: 'notification',
    schema: Type.Object({ ...notification, delivery: Delivery, next_due_at: Nullable(Timestamp) }, closed),
    example: {
      ...example,
      delivery: { ...delivery, attempt: 2, outcome: 'deferred', reason: 'HTTP 503', next_attempt_at: at },
      next_due_at: at,
    },
  }),
] as const;
export type NotificationEvent = EventsOf<typeof notificationEvents>;
