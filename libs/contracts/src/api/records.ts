import { Type, type Static } from '@sinclair/typebox';
import { closed, Id, Nullable, PersonId, Timestamp } from '../shapes.js';
import { Page, pageQuery, ProblemReply } from './page.js';

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
    /** Over all replays. */
    attempts: Type.Integer(),
    /** How many replays of it failed too. */
    failed_replays: Type.Integer({ minimum: 0 }),
    /** The replay that failed last. */
    failed_replay_id: Nullable(Type.String()),
    bytes: Type.Integer(),
    sha256: Type.String(),
    excerpt: Type.String(),
    recorded_at: Timestamp,
    last_failed_at: Timestamp,
    settled_by: Nullable(PersonId),
    settled_at: Nullable(Timestamp),
    settled_reason: Nullable(Type.String()),
  },
  closed,
);
export type DeadLetterView = Static<typeof DeadLetterView>;

const whichLetters = {
  /** The reason code, e.g. `not_json`. */
  code: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  /** Who gave up on it, e.g. `targets-inbox_version_tagged`. */
  consumer: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
};

/** `GET /dead-letters`: newest first. */
export const DeadLetterListQuery = Type.Object(
  { ...pageQuery, status: Type.Optional(DeadLetterStatus), ...whichLetters },
  closed,
);
export type DeadLetterListQuery = Static<typeof DeadLetterListQuery>;
export const DeadLetterList = Page(DeadLetterView);
export type DeadLetterList = Page<DeadLetterView>;

/** Answer of `POST /dead-letters/{id}/replay|discard`. */
export const DeadLetterAccepted = Type.Object({ dead_letter_id: Id('deadLetter') }, closed);
export type DeadLetterAccepted = Static<typeof DeadLetterAccepted>;

/** `GET /dead-letters/{id}/message`: the original as text, without secrets and control characters. */
export const DeadLetterMessage = Type.Object(
  {
    dead_letter_id: Id('deadLetter'),
    /** `json` is laid out in lines; of `binary` only what can be read is shown. */
    form: Type.Union([Type.Literal('json'), Type.Literal('text'), Type.Literal('binary')]),
    text: Type.String(),
    /** False: it goes on; the beginning is shown. */
    complete: Type.Boolean(),
    bytes: Type.Integer({ minimum: 0 }),
    sha256: Type.String(),
  },
  closed,
);
export type DeadLetterMessage = Static<typeof DeadLetterMessage>;

/** Body of `POST /dead-letters/replay`: all open letters of a code, of a consumer, or of both. */
export const DeadLettersReplay = Type.Object(whichLetters, { ...closed, minProperties: 1 });
export type DeadLettersReplay = Static<typeof DeadLettersReplay>;

/** Answer of `POST /dead-letters/replay`. */
export const DeadLettersReplayed = Type.Object(
  {
    replayed: Type.Array(Id('deadLetter')),
    refused: Type.Array(Type.Object({ dead_letter_id: Id('deadLetter'), problem: ProblemReply }, closed)),
    /** There are more of them than one request takes: ask again. */
    more: Type.Boolean(),
  },
  closed,
);
export type DeadLettersReplayed = Static<typeof DeadLettersReplayed>;
