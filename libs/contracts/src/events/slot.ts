import { Type, type TSchema } from '@sinclair/typebox';
import { defineEvent, type EventsOf } from '../define-event.js';
import { closed, Fence, Id, Nullable, ProjectName, VersionName } from '../shapes.js';
import { ids } from './examples.js';

const slot = { target_id: Id('target'), publish_id: Id('publish') };
/** What decides whether a newer publish overtakes a waiting one. */
const identity = { automatic: Type.Boolean(), project: ProjectName, version: VersionName };

const optional = <Fields extends Record<string, TSchema>>(fields: Fields) =>
  Type.Partial(Type.Object(fields)).properties;

/**
 * Room above each grant's fence: what is done later under one grant (each share of the traffic, a restore) outranks what
 * was done earlier.
 */
export const fencesPerGrant = 100;

/** The fence of an operator who acts by hand: above all that the grants so far can do, below what the next one gets. */
export const fenceByHand = (highest: number): number => (Math.floor(highest / fencesPerGrant) + 1) * fencesPerGrant - 1;

/** Stream `slot-<target id>`, owned by the deployer: who may change the target now, and who is next. */
export const slotEvents = [
  defineEvent({
    type: 'SlotGranted',
    logOnly: true,
    category: 'slot',
    schema: Type.Object({ ...slot, fence: Fence }, closed),
    example: { target_id: ids.target, publish_id: ids.publish, fence: 100 },
  }),
  defineEvent({
    type: 'SlotQueued',
    logOnly: true,
    category: 'slot',
    /** Absent in slots of release 0.1.0, when nothing was overtaken. */
    schema: Type.Object({ ...slot, ...optional(identity) }, closed),
    example: { target_id: ids.target, publish_id: ids.publish },
  }),
  defineEvent({
    type: 'SlotReleased',
    logOnly: true,
    category: 'slot',
    schema: Type.Object(
      {
        ...slot,
        /** The version that is active on the target now; absent: the publish changed nothing, or that is not known. */
        active_version: Type.Optional(Nullable(VersionName)),
      },
      closed,
    ),
    example: { target_id: ids.target, publish_id: ids.publish },
  }),
  defineEvent({
    /** It waits for something other than a slot, and holds none. */
    type: 'PublishLinedUp',
    category: 'slot',
    schema: Type.Object(
      { ...slot, ...identity, waits_for: Type.Union([Type.Literal('approval'), Type.Literal('start')]) },
      closed,
    ),
    example: {
      ...{ target_id: ids.target, publish_id: ids.publish, automatic: true },
      ...{ project: 'invoice-pipeline', version: 'v1.3.0', waits_for: 'start' },
    },
  }),
  defineEvent({
    /** A rollback takes the slot from a publish that has it: whatever that one still does is outranked. */
    type: 'SlotTakenOver',
    category: 'slot',
    schema: Type.Object({ ...slot, by: Id('publish') }, closed),
    example: { target_id: ids.target, publish_id: ids.publish, by: ids.publish },
  }),
  defineEvent({
    /** A newer publish goes in its stead: it can be granted no slot from now on, whenever it hears of this. */
    type: 'PublishOvertaken',
    category: 'slot',
    schema: Type.Object({ ...slot, by: Id('publish') }, closed),
    example: { target_id: ids.target, publish_id: ids.publish, by: ids.publish },
  }),
] as const;
export type SlotEvent = EventsOf<typeof slotEvents>;
