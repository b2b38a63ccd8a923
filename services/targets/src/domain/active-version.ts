import type { DomainEvent, EventData } from '@m3/contracts';
import { assertNever } from '@m3/decider';
import type { ActiveVersion } from './scheduled-version.js';

/** What a target runs, and what it ran before: that comes back when a publish is rolled back. */
export interface Activations {
  readonly active: ActiveVersion | null;
  readonly previous: ActiveVersion | null;
  /** The publish that made it active; null: none did. */
  readonly activated_by: string | null;
}

export type ActivationEvent = Extract<
  DomainEvent,
  { type: 'VersionActivated' | 'VersionReactivated' | 'PublishRolledBack' | 'TargetRestoredByHand' }
>;

export const noActivations: Activations = { active: null, previous: null, activated_by: null };

/** What a target runs after an event. */
export function evolveActivations(before: Activations, event: ActivationEvent): Activations {
  switch (event.type) {
    case 'VersionActivated':
    case 'VersionReactivated': {
      const { project, version, publish_id: activated_by } = event.data;
      return { active: { project, version }, previous: before.active, activated_by };
    }
    case 'TargetRestoredByHand': {
      const { project, active_version: version } = event.data;
      return { ...noActivations, active: project === null || version === null ? null : { project, version } };
    }
    case 'PublishRolledBack':
      return neverActivated(before, event.data) ? before : restored(before, event.data.restored_version);
    default:
      return assertNever(event);
  }
}

/** A version that had a share of the traffic only: what was active has been so all the time. */
function neverActivated(
  { active, activated_by }: Activations,
  { restored_version, publish_id }: EventData<'PublishRolledBack'>,
): boolean {
  return active !== null && active.version === restored_version && activated_by !== publish_id;
}

/** A rollback names just the version; whose it is, is known from before. */
function restored({ active, previous }: Activations, version: string | null): Activations {
  const known = [previous, active].filter((each) => each !== null);
  const project = (known.find((each) => each.version === version) ?? known[0])?.project;
  return version === null || project === undefined ? noActivations : { ...noActivations, active: { project, version } };
}
