import type { PublishEvent, SlotEvent } from '@m3/contracts';
import { isAutomatic } from '@m3/policies';
import { overtakenBy, overtakeOlder } from './overtaking.js';
import { renewed, type Now } from './publish.approval.js';
import { superseded } from './publish.checks.js';
import { withSlot } from './publish.deploy.js';
import { evolvePublish } from './publish.evolve.js';
import type { Moment } from './publish.inputs.js';
import { reviewOf } from './publish.review.js';
import type { InStatus, PublishRequest, PublishState } from './publish.state.js';
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

/** What is looked at beside the publish: the slots of its target, and that target's configuration and rules for starts. */
export interface Surroundings {
  readonly slots: SlotState;
  readonly rules: StartRules | null;
}

/** Whether a publish that got these events depends on how its target is configured now. */
export function concernsTarget(state: PublishState, events: readonly PublishEvent[]): boolean {
  const after = events.reduce(evolvePublish, state);
  return after.status === 'awaiting_approval' || isStartable(after);
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
  if (after.status === 'ended') {
    const slot = releaseSlot(slots, slotRequest(after), leftActive(after.request, events));
    return { publish: [...reviewOf(state, after), ...events], slot };
  }
  if (after.status !== 'awaiting_approval' && !isStartable(after)) return { publish: events, slot: [] };
  const voided = renewed(after, known(after, surroundings), moment);
  const asked = voided.reduce(evolvePublish, after);
  if (asked.status === 'validating') return { publish: [...events, ...voided], slot: checkedAgain(after, slots) };
  const { publish, slot } = waitOrStart(asked, surroundings, moment);
  return { publish: [...events, ...voided, ...publish], slot };
}

/** Another round of checks: the publish keeps its place in the line, and no slot. */
function checkedAgain(state: Startable | InStatus<'awaiting_approval'>, slots: SlotState): readonly SlotEvent[] {
  return lineUp(slots, slotRequest(state), state.status === 'awaiting_approval' ? 'approval' : 'start');
}

function waitOrStart(state: PublishState, surroundings: Surroundings, moment: Moment): Advance {
  if (state.status === 'awaiting_approval') return awaitApproval(state, surroundings.slots);
  return isStartable(state) ? start(state, surroundings, moment) : { publish: [], slot: [] };
}

/** What would be deployed to, and in the stead of what: as the log says it, which the append checks. */
function known(state: Startable | InStatus<'awaiting_approval'>, { slots, rules }: Surroundings): Now {
  const { request, active_version } = state;
  const since = slots.activeSince.get(request.publish_id);
  return { target: rules?.snapshot ?? request.target, active_version: since === undefined ? active_version : since };
}

/** The version that is active after a publish; undefined: the one from before, or nobody knows. */
function leftActive({ version }: PublishRequest, events: readonly PublishEvent[]): string | null | undefined {
  const end = events.at(-1);
  if (end?.type === 'PublishSucceeded') return version;
  return end?.type === 'PublishRolledBack' ? end.data.restored_version : undefined;
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
