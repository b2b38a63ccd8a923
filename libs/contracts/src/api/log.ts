import { Type, type Static } from '@sinclair/typebox';
import { closed, Nullable, Timestamp } from '../shapes.js';

/** The event log as the API shows it: live streams, a publish's events, the audit export. */

/**
 * One event of the log. In a server-sent stream it is the `data` of a message whose `id` is `seq` and whose `event` is
 * `type`; in the audit export it is one line of NDJSON.
 */
export const LogEvent = Type.Object(
  {
    seq: Type.Integer({ minimum: 1, description: 'dense global order: 1, 2, 3 …' }),
    position: Type.Integer(),
    event_id: Type.String(),
    type: Type.String(),
    schema_version: Type.Integer(),
    stream: Type.String(),
    stream_version: Type.Integer(),
    category: Type.String(),
    data: Type.Object({}, { additionalProperties: true }),
    actor: Type.Object({ kind: Type.String(), id: Type.String() }, closed),
    correlation_id: Type.String(),
    causation_id: Nullable(Type.String()),
    traceparent: Nullable(Type.String()),
    occurred_at: Timestamp,
    recorded_at: Timestamp,
  },
  closed,
);
export type LogEvent = Static<typeof LogEvent>;

/** `GET /publishes/{id}/events`: in order of `seq`. */
export const PublishEvents = Type.Object({ items: Type.Array(LogEvent) }, closed);
export type PublishEvents = Static<typeof PublishEvents>;

/** `GET /stream` and `GET /publishes/{id}/stream`: events with `seq` greater than `from`; the header `Last-Event-ID` wins. */
export const StreamQuery = Type.Object(
  {
    from: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'exclusive; absent: from now (everything), from the start (one publish)',
      }),
    ),
    target: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'id or name; `GET /stream` only' })),
  },
  closed,
);
export type StreamQuery = Static<typeof StreamQuery>;

/** `GET /audit/events`: NDJSON, one LogEvent a line, with `seq` greater than `from`. */
export const AuditQuery = Type.Object(
  {
    from: Type.Optional(Type.Integer({ minimum: 0, default: 0 })),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'absent: to the end of the log' }),
    ),
  },
  closed,
);
export type AuditQuery = Static<typeof AuditQuery>;

/** `GET /me`: who the gateway takes the caller for. */
export const MeReply = Type.Object({ id: Type.String(), roles: Type.Array(Type.String()) }, closed);
export type MeReply = Static<typeof MeReply>;
