import { targetEvents, type TargetEvent } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import { evolveTarget, type Target, type TargetState } from '@m3/policies';
import { eventsIn } from '@m3/process';
import type { PlanFacts } from '../domain/plan.facts.js';

const isTargetEvent = eventsIn<TargetEvent>(targetEvents);

/** A target as it stands in the log, with who holds it. Null: there is no such target. */
export async function readTarget(
  store: EventStore,
  targetId: string,
): Promise<{ readonly target: Target; readonly hold: PlanFacts['hold'] } | null> {
  let target: TargetState = null;
  let hold: PlanFacts['hold'] = null;
  for (const { type, data, metadata } of await store.readStream(`target-${targetId}`)) {
    const event = { type, data };
    if (!isTargetEvent(event)) continue;
    target = evolveTarget(target, event);
    const { actor, occurredAt: since } = metadata;
    if (event.type === 'TargetHeld') hold = { reason: event.data.reason, by: actor.id, since };
    if (event.type === 'TargetReleased') hold = null;
  }
  return target && { target, hold };
}
