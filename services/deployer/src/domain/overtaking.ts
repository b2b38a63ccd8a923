import { compareVersions } from '@m3/artifacts';
import type { SlotEvent } from '@m3/contracts';
import type { InLine, SlotRequest, SlotState } from './slot.js';

/**
 * Which of several waiting publishes to one target go on (spec sections 8 and 9). A newer publish supersedes older ones
 * that wait for approval; of automatic ones that wait for anything, only the newest version of a project runs.
 */

/** Who has taken this publish's place, or does so as it arrives; null: nobody. */
export function overtakenBy(state: SlotState, request: SlotRequest, arrivesAt: 'approval' | 'start'): string | null {
  const known = state.overtaken.get(request.publish_id);
  if (known !== undefined) return known;
  const arriving: InLine = { ...request, waits_for: arrivesAt };
  const newer = state.line.find((other) => other.publish_id !== request.publish_id && overtakes(other, arriving));
  return newer?.publish_id ?? null;
}

/** Overtakes what is older and waits. */
export function overtakeOlder(state: SlotState, request: SlotRequest): readonly SlotEvent[] {
  const { target_id, publish_id: by } = request;
  const arriving: InLine = { ...request, waits_for: 'start' };
  return state.line
    .filter((other) => other.publish_id !== by && overtakes(arriving, other))
    .map(({ publish_id }) => ({ type: 'PublishOvertaken', data: { target_id, publish_id, by } }));
}

function overtakes(newer: InLine, older: InLine): boolean {
  const requestedLater = newer.publish_id > older.publish_id;
  const rivals = newer.automatic && older.automatic && newer.project === older.project;
  if (!rivals || newer.version === null || older.version === null)
    return older.waits_for === 'approval' && requestedLater;
  const order = compareVersions(newer.version, older.version);
  return order > 0 || (order === 0 && requestedLater);
}
