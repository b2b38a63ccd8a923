import { fencesPerGrant, type SlotEvent } from '@m3/contracts';
import { assertNever } from '@m3/decider';

/**
 * Who may change a target now. A publish asks for a slot only when nothing else holds it up; it waits in line for one,
 * and gives it back when it ends. Every grant raises the fence, so that an older attempt that wakes up late is refused
 * by the target's own database.
 */
export interface SlotState {
  readonly holders: readonly string[];
  readonly queue: readonly string[];
  readonly grants: number;
}

export const initialSlot: SlotState = { holders: [], queue: [], grants: 0 };

/** The fence that outranks everything done under `fence`. */
export const outranking = (fence: number): number => fence + 1;

export function evolveSlot(state: SlotState, event: SlotEvent): SlotState {
  const { publish_id } = event.data;
  const without = (ids: readonly string[]) => ids.filter((id) => id !== publish_id);
  switch (event.type) {
    case 'SlotGranted':
      return { holders: [...state.holders, publish_id], queue: without(state.queue), grants: state.grants + 1 };
    case 'SlotQueued':
      return { ...state, queue: [...state.queue, publish_id] };
    case 'SlotReleased':
      return { ...state, holders: without(state.holders), queue: without(state.queue) };
    default:
      return assertNever(event);
  }
}

export interface SlotRequest {
  readonly target_id: string;
  readonly publish_id: string;
  readonly slots: number;
}

/** Grants a slot at once or queues. Asking again changes nothing. */
export function requestSlot(state: SlotState, { target_id, publish_id, slots }: SlotRequest): readonly SlotEvent[] {
  if (state.holders.includes(publish_id) || state.queue.includes(publish_id)) return [];
  const free = state.holders.length < slots && state.queue.length === 0;
  return free ? [grant(state, target_id, publish_id)] : [{ type: 'SlotQueued', data: { target_id, publish_id } }];
}

/** Gives a slot, or a place in the line, back; the next in line gets it. */
export function releaseSlot(state: SlotState, { target_id, publish_id, slots }: SlotRequest): readonly SlotEvent[] {
  if (!state.holders.includes(publish_id) && !state.queue.includes(publish_id)) return [];
  const released: SlotEvent = { type: 'SlotReleased', data: { target_id, publish_id } };
  const after = evolveSlot(state, released);
  const [next] = after.queue;
  return next !== undefined && after.holders.length < slots ? [released, grant(after, target_id, next)] : [released];
}

function grant(state: SlotState, target_id: string, publish_id: string): SlotEvent {
  return { type: 'SlotGranted', data: { target_id, publish_id, fence: (state.grants + 1) * fencesPerGrant } };
}
