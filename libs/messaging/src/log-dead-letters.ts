import { createHash } from 'node:crypto';
import { maskSecrets } from '@m3/secrets';
import type { AppendContext, EventStore } from '@m3/event-store';
import type { Pool } from 'pg';
import type { DeadLetter, DeadLetters } from './dead-letters.js';
import type { EventRelay } from './event-relay.js';

/** Keeps the original bytes of dead letters, by digest. */
export interface DeadLetterPayloads {
  /** Stores the bytes; storing them again changes nothing. */
  store(sha256: string, bytes: Uint8Array): Promise<void>;
  read(sha256: string): Promise<Uint8Array | undefined>;
}

/** Insert-only table `messaging.dead_letter_payload`. */
export class PostgresDeadLetterPayloads implements DeadLetterPayloads {
  constructor(private readonly pool: Pick<Pool, 'query'>) {}

  async store(sha256: string, bytes: Uint8Array): Promise<void> {
    await this.pool.query(
      'INSERT INTO messaging.dead_letter_payload (sha256, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      [sha256, Buffer.from(bytes)],
    );
  }

  async read(sha256: string): Promise<Uint8Array | undefined> {
    const { rows } = await this.pool.query<{ bytes: Buffer }>(
      'SELECT bytes FROM messaging.dead_letter_payload WHERE sha256 = $1',
      [sha256],
    );
    return rows[0]?.bytes;
  }
}

/** For tests. */
export class MemoryDeadLetterPayloads implements DeadLetterPayloads {
  private readonly stored = new Map<string, Uint8Array>();

  store(sha256: string, bytes: Uint8Array): Promise<void> {
    this.stored.set(sha256, bytes);
    return Promise.resolve();
  }

  read(sha256: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.stored.get(sha256));
  }
}

export interface LogDeadLettersOptions {
  readonly service: string;
  readonly store: EventStore;
  readonly payloads: DeadLetterPayloads;
  /** Also announces each letter on the bus, for those who subscribe to `deadletter.>`. */
  readonly relay?: Pick<EventRelay, 'send'>;
}

const EXCERPT_LENGTH = 500;

/** Keeps dead letters in the log, because the bus may lose them: the bytes in a table, the rest as `DeadLetterRecorded`. */
export class LogDeadLetters implements DeadLetters {
  constructor(private readonly options: LogDeadLettersOptions) {}

  async record(letter: DeadLetter): Promise<void> {
    if (letter.replayOf !== undefined && (await this.failedAgain(letter.replayOf, letter))) return;
    const { store, payloads } = this.options;
    const id = deadLetterId(letter);
    const sha256 = createHash('sha256').update(letter.bytes).digest('hex');
    await payloads.store(sha256, letter.bytes);
    const event = { type: 'DeadLetterRecorded', data: recorded(id, sha256, letter) };
    // A conflict means that an earlier delivery has recorded it.
    const writes = [{ stream: streamOf(id), expectedVersion: 0, events: [event] }];
    const { outcome } = await store.append(writes, this.context(id, letter));
    if (outcome === 'appended') this.announce(id, letter);
  }

  /** Says that a replay of a letter failed too. False: there is no such letter of this consumer. */
  private async failedAgain(id: string, letter: DeadLetter): Promise<boolean> {
    const { store } = this.options;
    const stream = streamOf(id);
    const { messageId: replay_id, attempts } = letter;
    const event = {
      type: 'DeadLetterFailedAgain',
      data: { dead_letter_id: id, replay_id, attempts, ...fault(letter) },
    };
    for (;;) {
      const history = await store.readStream(stream);
      // Whoever sends to the inbox writes its headers too.
      if (!history.some(({ data }) => 'consumer' in data && data.consumer === letter.consumer)) return false;
      if (history.some(({ data }) => 'replay_id' in data && data.replay_id === replay_id)) return true;
      const writes = [{ stream, expectedVersion: history.length, events: [event] }];
      if ((await store.append(writes, this.context(id, letter))).outcome === 'appended') return true;
    }
  }

  private context(
    id: string,
    { correlationId = id, eventId = null }: { correlationId?: string; eventId?: string | null },
  ): AppendContext {
    return {
      actor: { kind: 'system', id: this.options.service },
      correlationId,
      causationId: eventId,
      occurredAt: new Date().toISOString(),
    };
  }

  private announce(id: string, { consumer, code, subject, bytes }: DeadLetter): void {
    const headers = { 'M3-Code': code, 'M3-Subject': printable(subject) };
    this.options.relay?.send({ id, subject: `deadletter.${consumer}`, payload: bytes, headers });
  }
}

/** The id that a message's dead letter has, however often it is recorded: a UUIDv7 of the message's time and identity. */
export function deadLetterId({ consumer, messageId, messageTime }: DeadLetter): string {
  const identity = createHash('sha256').update(`${consumer}\n${messageId}`).digest('hex');
  const time = Math.max(0, Date.parse(messageTime) || 0)
    .toString(16)
    .padStart(12, '0');
  const variant = ((Number.parseInt(identity.charAt(3), 16) & 0x3) | 0x8).toString(16);
  const rest = `7${identity.slice(0, 3)}-${variant}${identity.slice(4, 7)}-${identity.slice(7, 19)}`;
  return `dlq_${time.slice(0, 8)}-${time.slice(8)}-${rest}`;
}

const streamOf = (id: string): string => `deadletter-${id}`;

function recorded(id: string, sha256: string, letter: DeadLetter): object {
  return {
    dead_letter_id: id,
    origin: letter.origin,
    consumer: letter.consumer,
    subject: letter.subject,
    ...(letter.eventId === undefined ? {} : { event_id: letter.eventId }),
    ...fault(letter),
    attempts: letter.attempts,
    bytes: letter.bytes.length,
    sha256,
    excerpt: excerpt(letter.bytes),
  };
}

function fault({ code, reason, field }: DeadLetter): object {
  return {
    code,
    reason: maskSecrets(printable(reason)).slice(0, 1_000) || 'no reason was given',
    ...(field === undefined ? {} : { field }),
  };
}

/** The start of the message as text, without secrets. Bytes that are not UTF-8 show as replacement characters. */
function excerpt(bytes: Uint8Array): string {
  const text = maskSecrets(printable(new TextDecoder().decode(bytes.subarray(0, EXCERPT_LENGTH * 4))));
  return text.slice(0, EXCERPT_LENGTH).replace(/[\uD800-\uDBFF]$/, '');
}

/** Without the characters that move a terminal's cursor or break a log line. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}
