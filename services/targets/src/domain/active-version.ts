import type { DomainEvent } from '@m3/contracts';
import { assertNever } from '@m3/decider';
import type { ActiveVersion } from './scheduled-version.js';

/** What a target runs, and what it ran before: that comes back when a publish is rolled back. */
export interface Activations {
  readonly active: ActiveVersion | null;
  readonly previous: ActiveVersion | null;
}

export type ActivationEvent = Extract<
  DomainEvent,
  { type: 'VersionActivated' | 'VersionReactivated' | 'PublishRolledBack' | 'TargetRestoredByHand' }
>;

export const noActivations: Activations = { active: null, previous: null };

/** What a target runs after an event. */
export function evolveActivations(before: Activations, event: ActivationEvent): Activations {
  switch (event.type) {
    case 'VersionActivated':
    case 'VersionReactivated': {
      const { project, version } = event.data;
      return { active: { project, version }, previous: before.active };
    }
    case 'TargetRestoredByHand': {
      const { project, active_version: version } = event.data;
      return { active: project === null || version === null ? null : { project, version }, previous: null };
    }
    case 'PublishRolledBack':
      return restored(before, event.data.restored_version);
    default:
      return assertNever(event);
  }
}

/** A rollback names just the version; whose it is, is known from before. */
function restored({ active, previous }: Activations, version: string | null): Activations {
  const known = [previous, active].filter((each) => each !== null);
  const project = (known.find((each) => each.version === version) ?? known[0])?.project;
  return version === null || project === undefined ? noActivations : { active: { project, version }, previous: null };
}
