import { secretEvents, type SecretEvent, type SecretsRotation } from '@m3/contracts';
import type { AppendContext, EventStore } from '@m3/event-store';
import { decideAndAppend, eventsIn, StreamStates } from '@m3/process';
import type { Rotation } from '@m3/secrets';
import { rotation } from '../domain/rotation.js';

/** Puts secrets under the current key, and records what was done: counts and key ids, never keys. */
export class RotateSecrets {
  private readonly states;

  constructor(
    private readonly store: EventStore,
    /** One run, of a few seconds at most. */
    private readonly run: () => Promise<Rotation>,
  ) {
    this.states = new StreamStates(store, {
      initial: rotation.initial,
      evolve: rotation.evolve,
      accepts: eventsIn<SecretEvent>(secretEvents),
    });
  }

  async rotate(context: AppendContext): Promise<SecretsRotation> {
    const { rewrapped, unopenable, ...run } = await this.run();
    const done: SecretsRotation = { ...run, rewrapped: [...rewrapped], unopenable: [...unopenable] };
    await decideAndAppend({
      store: this.store,
      states: this.states,
      stream: 'target-secrets',
      decide: (state) => rotation.decide(done, state),
      context,
    });
    return done;
  }
}
