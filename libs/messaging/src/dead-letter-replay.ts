import { jetstream } from '@nats-io/jetstream';
import { headers, type Msg } from '@nats-io/nats-core';
import type { BusConnection } from './bus-connection.js';
import { replaySubject } from './subjects.js';

/** Names the only consumer that a replayed message is for; the others skip it. */
const REPLAY_FOR = 'M3-Replay-For';
/** Names the letter, so that a replay that fails is told of the same one. */
const REPLAY_OF = 'M3-Replay-Of';
/** Names the replay itself, whichever way it comes. */
const REPLAY_ID = 'M3-Replay-Id';

export interface ReplayedLetter {
  readonly id: string;
  /** The same one for the same request: asked twice, it is brought back once. */
  readonly replayId: string;
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
    fields.set(REPLAY_OF, letter.id);
    fields.set(REPLAY_ID, letter.replayId);
    // Its consumer listens to one of the two.
    for (const subject of [letter.subject, replaySubject(letter.consumer)]) {
      await jetstream(ready).publish(subject, letter.bytes, {
        msgID: `${letter.replayId} ${subject}`,
        headers: fields,
      });
    }
  }
}

/** A message that was brought back. */
export interface Replay {
  readonly consumer: string;
  /** Its own identity: another one for each replay. */
  readonly id: string;
  readonly letter: string;
}

/** Undefined for a message that was not brought back. */
export function replayOf({ headers: fields }: Msg): Replay | undefined {
  const field = (name: string) => fields?.get(name) ?? '';
  const consumer = field(REPLAY_FOR);
  return consumer === '' ? undefined : { consumer, id: field(REPLAY_ID), letter: field(REPLAY_OF) };
}
