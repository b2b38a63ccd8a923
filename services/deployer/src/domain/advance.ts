import type { PublishEvent, SlotEvent } from '@m3/contracts';
import { withSlot } from './publish.deploy.js';
import { evolvePublish } from './publish.evolve.js';
import type { Moment } from './publish.inputs.js';
import type { PublishState } from './publish.state.js';
import { releaseSlot, requestSlot, type SlotRequest, type SlotState } from './slot.js';

/** What one reaction appends: to the publish, and to its target's slots, together or not at all. */
export interface Advance {
  readonly publish: readonly PublishEvent[];
  readonly slot: readonly SlotEvent[];
}

/** Whether a publish that got these events needs its target's slots looked at. */
export function concernsSlot(state: PublishState, events: readonly PublishEvent[]): boolean {
  const after = events.reduce(evolvePublish, state);
  return events.length > 0 && (after.status === 'ready' || after.status === 'ended');
}

/** Adds what the slots say: a publish that is ready takes one or waits in line; one that ended gives it back. */
export function advance(
  state: PublishState,
  events: readonly PublishEvent[],
  slots: SlotState,
  moment: Moment,
): Advance {
  const after = events.reduce(evolvePublish, state);
  if (after.status === 'ready') {
    const request = slotRequest(after);
    const slot = requestSlot(slots, request);
    const granted = slot.find((event) => event.type === 'SlotGranted');
    const next: readonly PublishEvent[] = granted
      ? withSlot(after, granted.data.fence, moment)
      : [
          {
            type: 'SlotAwaited',
            data: {
              publish_id: request.publish_id,
              target_id: request.target_id,
              ahead: [...slots.holders, ...slots.queue],
            },
          },
        ];
    return { publish: [...events, ...next], slot };
  }
  return { publish: events, slot: after.status === 'ended' ? releaseSlot(slots, slotRequest(after)) : [] };
}

function slotRequest({ request }: Extract<PublishState, { status: 'ready' | 'ended' }>): SlotRequest {
  const { target, publish_id } = request;
  return { target_id: target.target_id, publish_id, slots: target.max_concurrent_deployments };
}
