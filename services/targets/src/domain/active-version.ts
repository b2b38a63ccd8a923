import type { DomainEvent } from '@m3/contracts';
import type { ActiveVersion } from './scheduled-version.js';

/** What a target runs, and what it ran before: that comes back when a publish is rolled back. */
export interface Activations {
  readonly active: ActiveVersion | null;
  readonly previous: ActiveVersion | null;
}

export type ActivationEvent = Extract<
  DomainEvent,
  { type: 'VersionActivated' | 'VersionReactivated' | 'PublishRolledBack' }
>;

export const noActivations: Activations = { active: null, previous: null };

/** What a target runs after an event. A rollback names just the version; whose it is, is known from before. */
export function evolveActivations({ active, previous }: Activations, event: ActivationEvent): Activations {
  if (event.type !== 'PublishRolledBack') {
    const { project, version } = event.data;
    return { active: { project, version }, previous: active };
  }
  const { restored_version } = event.data;
  const known = [previous, active].filter((each) => each !== null);
  const project = (known.find(({ version }) => version === restored_version) ?? known[0])?.project;
  if (restored_version === null || project === undefined) return noActivations;
  return { active: { project, version: restored_version }, previous: null };
}
