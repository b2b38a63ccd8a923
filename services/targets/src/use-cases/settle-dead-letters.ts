import { deadLetterEvents, type DeadLetterEvent, type EventData } from '@m3/contracts';
import type { Refusal } from '@m3/decider';
import type { AppendContext, EventStore } from '@m3/event-store';
import type { DeadLetterPayloads, DeadLetterReplay } from '@m3/messaging';
import { decideAndAppend, eventsIn, StreamStates, type Decided } from '@m3/process';
import type { CommandOutcome } from '@m3/service-kit';
import { deadLetter, type DeadLetterCommand, type DeadLetterState } from '../domain/dead-letter.js';
import { shownMessage } from '../domain/shown-message.js';

export interface DeadLetterParts {
  readonly store: EventStore;
  readonly payloads: DeadLetterPayloads;
  readonly replay: Pick<DeadLetterReplay, 'replay'>;
}

const isDeadLetterEvent = eventsIn<DeadLetterEvent>(deadLetterEvents);

/** Shows, replays and discards messages that could not be handled. */
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
      const refusal = await this.bringBack(stream, command.replayId);
      if (refusal) return { outcome: 'rejected', rejection: refusal, state };
    }
    return decideAndAppend({
      store: this.parts.store,
      states: this.states,
      stream,
      decide: (state) => deadLetter.decide(command, state),
      context,
    });
  }

  /** The original, fit to be shown. */
  async message(id: string): Promise<CommandOutcome<'deadletters.message'>> {
    const letter = await this.recorded(`deadletter-${id}`);
    if (letter === null) return { outcome: 'rejected', rejection: notFound };
    const bytes = await this.parts.payloads.read(letter.sha256);
    if (!bytes) return { outcome: 'rejected', rejection: originalMissing };
    return { outcome: 'accepted', result: { dead_letter_id: id, ...shownMessage(bytes), sha256: letter.sha256 } };
  }

  /** Null: the bus has taken it. */
  private async bringBack(stream: string, replayId: string): Promise<Refusal | null> {
    const letter = await this.recorded(stream);
    if (letter === null) return notFound;
    const { dead_letter_id: id, consumer, subject, sha256 } = letter;
    const bytes = await this.parts.payloads.read(sha256);
    if (!bytes) return originalMissing;
    try {
      await this.parts.replay.replay({ id, replayId, consumer, subject, bytes });
      return null;
    } catch {
      return busUnavailable;
    }
  }

  private async recorded(stream: string): Promise<EventData<'DeadLetterRecorded'> | null> {
    for (const { type, data } of await this.parts.store.readStream(stream)) {
      const event = { type, data };
      if (isDeadLetterEvent(event) && event.type === 'DeadLetterRecorded') return event.data;
    }
    return null;
  }
}

const notFound: Refusal = {
  code: 'dead_letter_not_found',
  detail: 'there is no such dead letter',
  field: 'dead_letter_id',
};
const originalMissing: Refusal = {
  code: 'dead_letter_original_missing',
  detail: 'the original message is not kept any more: ask its sender to send it again, and discard this one',
};
const busUnavailable: Refusal = {
  code: 'bus_unavailable',
  detail: 'the bus did not take the message, so nothing was replayed: try again when the bus can be reached',
};
