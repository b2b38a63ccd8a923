import { deadLetterEvents, type DeadLetterEvent, type EventData } from '@m3/contracts';
import type { AppendContext, EventStore } from '@m3/event-store';
import type { DeadLetterPayloads, DeadLetterReplay } from '@m3/messaging';
import { decideAndAppend, eventsIn, StreamStates, type Decided } from '@m3/process';
import { deadLetter, type DeadLetterCommand, type DeadLetterState } from '../domain/dead-letter.js';

export interface DeadLetterParts {
  readonly store: EventStore;
  readonly payloads: DeadLetterPayloads;
  readonly replay: DeadLetterReplay;
}

const isDeadLetterEvent = eventsIn<DeadLetterEvent>(deadLetterEvents);

/** Replays and discards messages that could not be handled. */
export class SettleDeadLetters {
  private readonly states: StreamStates<DeadLetterState, DeadLetterEvent>;

  constructor(private readonly parts: DeadLetterParts) {
    this.states = new StreamStates(parts.store, {
      initial: deadLetter.initial,
      evolve: deadLetter.evolve,
      accepts: isDeadLetterEvent,
    });
  }

  /** A replay first brings the message back, then says so: killed in between, it is replayed again, which is harmless. */
  async settle(command: DeadLetterCommand, context: AppendContext): Promise<Decided<DeadLetterState>> {
    const stream = `deadletter-${command.deadLetterId}`;
    if (command.type === 'replay') {
      const { state } = await this.states.reload(stream);
      const decision = deadLetter.decide(command, state);
      if (decision.outcome === 'rejected') return { ...decision, state };
      await this.bringBack(stream);
    }
    return decideAndAppend({
      store: this.parts.store,
      states: this.states,
      stream,
      decide: (state) => deadLetter.decide(command, state),
      context,
    });
  }

  private async bringBack(stream: string): Promise<void> {
    const { consumer, subject, sha256 } = await this.recorded(stream);
    const bytes = await this.parts.payloads.read(sha256);
    if (!bytes) throw new Error(`the original of ${stream} is missing`);
    await this.parts.replay.replay({ consumer, subject, bytes });
  }

  private async recorded(stream: string): Promise<EventData<'DeadLetterRecorded'>> {
    for (const { type, data } of await this.parts.store.readStream(stream)) {
      const event = { type, data };
      if (isDeadLetterEvent(event) && event.type === 'DeadLetterRecorded') return event.data;
    }
    throw new Error(`${stream} has no record of its message`);
  }
}
