import { secretEvents, type SecretEvent, type SecretsRotation } from '@m3/contracts';
import type { AppendContext, EventStore } from '@m3/event-store';
import { decideAndAppend, eventsIn, StreamStates, type Clock } from '@m3/process';
import type { Rotation } from '@m3/secrets';
import { rotation } from '../domain/rotation.js';

/** An operator waits: what is left is done when the command comes again. */
const runMs = 2_500;

/** Puts secrets under the current key, and records what was done: counts and key ids, never keys. */
export class RotateSecrets {
  private readonly states;

  constructor(
    private readonly store: EventStore,
    /** Rotates batch by batch, as long as it is to go on. */
    private readonly run: (goOn: () => boolean) => Promise<Rotation>,
    private readonly clock: Clock,
  ) {
    this.states = new StreamStates(store, {
      initial: rotation.initial,
      evolve: rotation.evolve,
      accepts: eventsIn<SecretEvent>(secretEvents),
    });
  }

  async rotate(context: AppendContext): Promise<SecretsRotation> {
    const end = this.clock().getTime() + runMs;
    const { rewrapped, unopenable, ...run } = await this.run(() => this.clock().getTime() < end);
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
