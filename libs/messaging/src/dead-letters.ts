/** A message that cannot be handled, with its original bytes. */
export interface DeadLetter {
  /** `inbox`: from another system; `consumer`: an event of the log. */
  readonly origin: 'inbox' | 'consumer';
  /** Name of the durable consumer that gave up on it. */
  readonly consumer: string;
  /** Identity of the message for this consumer: the same in each redelivery. */
  readonly messageId: string;
  /** When the message was made, ISO 8601: the same in each redelivery. */
  readonly messageTime: string;
  readonly subject: string;
  readonly eventId?: string;
  readonly correlationId?: string;
  readonly code: string;
  readonly reason: string;
  readonly field?: string;
  readonly attempts: number;
  readonly bytes: Uint8Array;
  /** The letter that the message was replayed from. */
  readonly replayOf?: string;
}

/** Keeps what cannot be handled. Recording the same message of the same consumer again changes nothing. */
export interface DeadLetters {
  /** Resolves when the letter is durable; throws when that is not known. */
  record(letter: DeadLetter): Promise<void>;
}
