import { Type, type Static } from '@sinclair/typebox';
import { closed, Id, Nullable, PersonId, Timestamp } from '../shapes.js';
import { Page, pageQuery } from './page.js';

/** What publishes leave behind: notifications and dead letters. */

export const DeliveryView = Type.Object(
  {
    channel: Type.String(),
    attempt: Type.Integer(),
    outcome: Type.Union([Type.Literal('delivered'), Type.Literal('deferred'), Type.Literal('abandoned')]),
    reason: Nullable(Type.String()),
    next_attempt_at: Nullable(Timestamp),
    at: Timestamp,
  },
  closed,
);

export const NotificationView = Type.Object(
  {
    notification_id: Id('notification'),
    publish_id: Nullable(Id('publish')),
    kind: Type.String(),
    attempted_at: Timestamp,
    /** The latest attempt per channel. Empty: no channel is configured. */
    deliveries: Type.Array(DeliveryView),
  },
  closed,
);
export type NotificationView = Static<typeof NotificationView>;

/** `GET /notifications`: newest first. */
export const NotificationListQuery = Type.Object({ ...pageQuery, publish: Type.Optional(Id('publish')) }, closed);
export type NotificationListQuery = Static<typeof NotificationListQuery>;
export const NotificationList = Page(NotificationView);
export type NotificationList = Page<NotificationView>;

export const DeadLetterStatus = Type.Union([Type.Literal('open'), Type.Literal('replayed'), Type.Literal('discarded')]);
export type DeadLetterStatus = Static<typeof DeadLetterStatus>;

export const DeadLetterView = Type.Object(
  {
    dead_letter_id: Id('deadLetter'),
    status: DeadLetterStatus,
    origin: Type.Union([Type.Literal('inbox'), Type.Literal('consumer')]),
    consumer: Type.String(),
    subject: Type.String(),
    event_id: Nullable(Type.String()),
    code: Type.String(),
    reason: Type.String(),
    field: Nullable(Type.String()),
    attempts: Type.Integer(),
    bytes: Type.Integer(),
    sha256: Type.String(),
    excerpt: Type.String(),
    recorded_at: Timestamp,
    settled_by: Nullable(PersonId),
    settled_at: Nullable(Timestamp),
    settled_reason: Nullable(Type.String()),
  },
  closed,
);
export type DeadLetterView = Static<typeof DeadLetterView>;

/** `GET /dead-letters`: newest first. */
export const DeadLetterListQuery = Type.Object({ ...pageQuery, status: Type.Optional(DeadLetterStatus) }, closed);
export type DeadLetterListQuery = Static<typeof DeadLetterListQuery>;
export const DeadLetterList = Page(DeadLetterView);
export type DeadLetterList = Page<DeadLetterView>;

/** Answer of `POST /dead-letters/{id}/replay|discard`. */
export const DeadLetterAccepted = Type.Object({ dead_letter_id: Id('deadLetter') }, closed);
export type DeadLetterAccepted = Static<typeof DeadLetterAccepted>;
