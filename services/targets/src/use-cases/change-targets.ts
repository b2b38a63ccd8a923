import { targetEvents, type TargetEvent } from '@m3/contracts';
import type { AppendContext, EventStore } from '@m3/event-store';
import { decideAndAppend, eventsIn, StreamStates, type Decided } from '@m3/process';
import type { TargetState } from '@m3/policies';
import { target, type TargetCommand } from '../domain/target.js';
import type { TargetRegistry } from './target-registry.js';

export const targetStream = (targetId: string): string => `target-${targetId}`;

/** Enables, disables, holds and releases targets. */
export class ChangeTargets {
  private readonly states: StreamStates<TargetState, TargetEvent>;

  constructor(
    private readonly store: EventStore,
    private readonly registry: TargetRegistry,
  ) {
    this.states = new StreamStates(store, {
      initial: target.initial,
      evolve: target.evolve,
      accepts: eventsIn<TargetEvent>(targetEvents),
    });
  }

  async handle(targetId: string, command: TargetCommand, context: AppendContext): Promise<Decided<TargetState>> {
    const decided = await decideAndAppend({
      store: this.store,
      states: this.states,
      stream: targetStream(targetId),
      decide: (state) => target.decide(command, state),
      context,
    });
    const last = decided.outcome === 'accepted' ? decided.events.at(-1) : undefined;
    if (last && decided.state) this.registry.settle(decided.state, last.streamVersion);
    return decided;
  }
}
