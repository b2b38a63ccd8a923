import type { PublishEvent, SlotEvent } from '@m3/contracts';
import { isAutomatic } from '@m3/policies';
import { overtakenBy, overtakeOlder } from './overtaking.js';
import { superseded } from './publish.checks.js';
import { withSlot } from './publish.deploy.js';
import { evolvePublish } from './publish.evolve.js';
import type { Moment } from './publish.inputs.js';
import type { InStatus, PublishState } from './publish.state.js';
import {
  evolveSlot,
  fenceOf,
  lineUp,
  queueOf,
  releaseSlot,
  requestSlot,
  type SlotRequest,
  type SlotState,
} from './slot.js';
import { delayed, isStartable, judge, overriddenByRequest, type Startable } from './start.js';
import type { StartRules } from './start-rules.js';

/** What one reaction appends: to the publish, and to its target's slots, together or not at all. */
export interface Advance {
  readonly publish: readonly PublishEvent[];
  readonly slot: readonly SlotEvent[];
}

/** What is looked at beside the publish: the slots of its target, and the rules for starts if it may start. */
export interface Surroundings {
  readonly slots: SlotState;
  readonly rules: StartRules | null;
}

/** Whether a publish that got these events may start, and so has to be judged. */
export function mayStart(state: PublishState, events: readonly PublishEvent[]): boolean {
  return isStartable(events.reduce(evolvePublish, state));
}

/** Whether a publish that got these events needs its target's slots looked at. */
export function concernsSlot(state: PublishState, events: readonly PublishEvent[]): boolean {
  const after = events.reduce(evolvePublish, state);
  if (after.status === 'ended') return events.length > 0;
  return after.status === 'awaiting_approval' || isStartable(after);
}

/**
 * Adds what the slots and the rules say: a publish that has to wait stands in line, and may overtake older ones; one that
 * may start takes a slot or waits for it; one that ended gives it back.
 */
export function advance(
  state: PublishState,
  events: readonly PublishEvent[],
  surroundings: Surroundings,
  moment: Moment,
): Advance {
  const { slots } = surroundings;
  const after = events.reduce(evolvePublish, state);
  const onTop = ({ publish, slot }: Advance): Advance => ({ publish: [...events, ...publish], slot });
  if (after.status === 'ended') return onTop({ publish: [], slot: releaseSlot(slots, slotRequest(after)) });
  if (after.status === 'awaiting_approval') return onTop(awaitApproval(after, slots));
  return isStartable(after) ? onTop(start(after, surroundings, moment)) : onTop({ publish: [], slot: [] });
}

function awaitApproval(state: InStatus<'awaiting_approval'>, slots: SlotState): Advance {
  const request = slotRequest(state);
  const by = overtakenBy(slots, request, 'approval');
  if (by !== null) return overtaken(state, slots, by);
  const overtaking = overtakeOlder(slots, request);
  return { publish: [], slot: [...overtaking, ...lineUp(overtaking.reduce(evolveSlot, slots), request, 'approval')] };
}

function start(state: Startable, { slots, rules }: Surroundings, moment: Moment): Advance {
  const request = slotRequest(state);
  const by = overtakenBy(slots, request, 'start');
  if (by !== null) return overtaken(state, slots, by);
  if (rules === null) throw new Error('a publish that may start is judged by the rules in force');
  const overtaking = overtakeOlder(slots, request);
  const left = overtaking.reduce(evolveSlot, slots);
  const judged = judge(state, rules, moment.now);
  const overriding = overriddenByRequest(state, judged);
  const goesOn =
    judged.blocks.length > 0 && overriding.length === 0
      ? { publish: delayed(state, judged, rules), slot: lineUp(left, request, 'start') }
      : takeSlot(state, left, moment);
  return { publish: [...overriding, ...goesOn.publish], slot: [...overtaking, ...goesOn.slot] };
}

/** Takes a slot, or the one that it was granted while it waited; else it waits for one. */
function takeSlot(state: Startable, slots: SlotState, moment: Moment): Advance {
  const request = slotRequest(state);
  const slot = requestSlot(slots, request);
  const fence = fenceOf(slot.reduce(evolveSlot, slots), request.publish_id);
  if (fence !== null) return { publish: withSlot(state, fence, moment), slot };
  if (state.status === 'awaiting_slot') return { publish: [], slot };
  const { publish_id, target_id } = request;
  const ahead = [...slots.holders.map((holder) => holder.publish_id), ...queueOf(slots)];
  return { publish: [{ type: 'SlotAwaited', data: { publish_id, target_id, ahead } }], slot };
}

/** Ends in favour of another one. Whatever else it was about to do, it does not do any more. */
function overtaken(state: Startable | InStatus<'awaiting_approval'>, slots: SlotState, by: string): Advance {
  const newer = slots.line.find(({ publish_id }) => publish_id === by)?.version;
  const reason = newer ? `the newer publish of ${newer} goes in its stead` : 'a newer publish goes in its stead';
  return { publish: [superseded(state.request, by, reason)], slot: releaseSlot(slots, slotRequest(state)) };
}

function slotRequest({ request }: Startable | InStatus<'awaiting_approval' | 'ended'>): SlotRequest {
  const { target, publish_id, project, version, trigger } = request;
  return {
    target_id: target.target_id,
    publish_id,
    automatic: isAutomatic(trigger),
    project,
    version,
    slots: target.max_concurrent_deployments,
  };
}
