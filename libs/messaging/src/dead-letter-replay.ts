import { randomUUID } from 'node:crypto';
import { jetstream } from '@nats-io/jetstream';
import { headers, type Msg } from '@nats-io/nats-core';
import type { BusConnection } from './bus-connection.js';
import { replaySubject } from './subjects.js';

/** Names the only consumer that a replayed message is for; the others skip it. */
const REPLAY_FOR = 'M3-Replay-For';

export interface ReplayedLetter {
  /** The consumer that gave up on the message, as `DeadLetterRecorded` names it. */
  readonly consumer: string;
  readonly subject: string;
  readonly bytes: Uint8Array;
}

/** Brings dead letters back to the one consumer that gave up on them, as often as asked. */
export class DeadLetterReplay {
  constructor(private readonly bus: BusConnection) {}

  /** Resolves when the bus has taken the message; throws when it has not. */
  async replay(letter: ReplayedLetter): Promise<void> {
    const { ready } = this.bus;
    if (!ready) throw new Error('the bus cannot be reached at the moment; replay the dead letter again later');
    const fields = headers();
    fields.set(REPLAY_FOR, letter.consumer);
    const id = `replay-${randomUUID()}`;
    // Its consumer listens to one of the two.
    for (const subject of [letter.subject, replaySubject(letter.consumer)]) {
      await jetstream(ready).publish(subject, letter.bytes, { msgID: `${id} ${subject}`, headers: fields });
    }
  }
}

/** A message that was brought back: for which consumer, and its own identity. Undefined for all other messages. */
export function replayOf(message: Msg): { readonly consumer: string; readonly id: string } | undefined {
  const consumer = message.headers?.get(REPLAY_FOR) ?? '';
  return consumer === '' ? undefined : { consumer, id: message.headers?.get('Nats-Msg-Id') ?? '' };
}
