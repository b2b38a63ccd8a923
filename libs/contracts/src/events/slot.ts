import { Type } from '@sinclair/typebox';
import { defineEvent, type EventsOf } from '../define-event.js';
import { closed, Fence, Id } from '../shapes.js';
import { ids } from './examples.js';

const slot = { target_id: Id('target'), publish_id: Id('publish') };

/** Room below each grant's fence, so that what is done later under one grant (a restore) outranks what was done earlier. */
export const fencesPerGrant = 10;

/** The fence of an operator who acts by hand: above all that the grants so far can do, below what the next one gets. */
export const fenceByHand = (highest: number): number => (Math.floor(highest / fencesPerGrant) + 1) * fencesPerGrant - 1;

/** Stream `slot-<target id>`, owned by the deployer: who may change the target now, and who is next. */
export const slotEvents = [
  defineEvent({
    type: 'SlotGranted',
    category: 'slot',
    schema: Type.Object({ ...slot, fence: Fence }, closed),
    example: { target_id: ids.target, publish_id: ids.publish, fence: 100 },
  }),
  defineEvent({
    type: 'SlotQueued',
    category: 'slot',
    schema: Type.Object(slot, closed),
    example: { target_id: ids.target, publish_id: ids.publish },
  }),
  defineEvent({
    type: 'SlotReleased',
    category: 'slot',
    schema: Type.Object(slot, closed),
    example: { target_id: ids.target, publish_id: ids.publish },
  }),
] as const;
export type SlotEvent = EventsOf<typeof slotEvents>;
