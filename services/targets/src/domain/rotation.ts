import type { SecretEvent, SecretsRotation } from '@m3/contracts';
import { accept, type Decider } from '@m3/decider';

/** The key that the log says secrets are under; null: no rotation yet. */
export type RotationState = string | null;

/** Records each run that changed something, and once the key that is in force. */
export const rotation: Decider<RotationState, SecretsRotation, SecretEvent> = {
  initial: null,
  evolve: (_, { data }) => data.key_id,
  decide: (run, keyInForce) =>
    run.rewrapped.length === 0 && run.key_id === keyInForce ? accept() : accept({ type: 'SecretsRotated', data: run }),
};
