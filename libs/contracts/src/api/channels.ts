import { Type, type Static } from '@sinclair/typebox';
import { closed, Id, Nullable } from '../shapes.js';

/** Where notifications go, and which of them. */

/**
 * Which notifications a channel is told of. All fields that are given have to fit; a field that is given fits only what
 * has such a thing, so that a rule about an environment never takes what is about no target.
 */
export const ChannelRule = Type.Object(
  {
    events: Type.Optional(
      Type.Array(Type.String({ pattern: '^([a-z_]+\\.([a-z_]+|\\*)|\\*)$' }), {
        minItems: 1,
        description: 'kinds like publish.failed; publish.* for all that begin so, * for all',
      }),
    ),
    environments: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
    targets: Type.Optional(Type.Array(Type.String(), { minItems: 1, description: 'names or ids' })),
  },
  closed,
);
export type ChannelRule = Static<typeof ChannelRule>;

/** A channel without its address and its secrets: only its settings have those. */
export const ChannelView = Type.Object(
  {
    name: Type.String(),
    kind: Type.String({ description: 'webhook, slack, email or pagerduty' }),
    /** It is told of what any of them takes; none: of everything. */
    rules: Type.Array(ChannelRule),
  },
  closed,
);
export type ChannelView = Static<typeof ChannelView>;

/** `GET /channels` */
export const ChannelList = Type.Object({ items: Type.Array(ChannelView) }, closed);
export type ChannelList = Static<typeof ChannelList>;

/** Answer of `POST /channels/{name}/test`. */
export const ChannelTested = Type.Object(
  {
    channel: Type.String(),
    notification_id: Id('notification'),
    /** `undelivered`: `reason` says why; a test is not tried again. */
    outcome: Type.Union([Type.Literal('delivered'), Type.Literal('undelivered')]),
    reason: Nullable(Type.String()),
  },
  closed,
);
export type ChannelTested = Static<typeof ChannelTested>;
