import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { BusConnection } from './bus-connection.js';
import type { BusLog } from './bus-log.js';
import type { DeadLetter, DeadLetters } from './dead-letters.js';
import { INBOX_STREAM } from './subjects.js';

/**
 * Deliveries of one inbox message after which the server gives up. Far above the attempts that a handler gets: only a
 * message that ends its process each time comes this far, because nobody counts its attempts.
 */
export const INBOX_MAX_DELIVERIES = 30;

export interface MaxDeliveriesOptions {
  readonly bus: BusConnection;
  readonly deadLetters: DeadLetters;
  readonly log: BusLog;
}

/** Makes a dead letter of each inbox message that the server gives up on. */
export function captureMaxDeliveries(consumer: string, options: MaxDeliveriesOptions): void {
  const { bus, deadLetters, log } = options;
  const up = (connection: NatsConnection): void => {
    const subject = `$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${INBOX_STREAM}.${consumer}`;
    // One replica of the service takes each advisory.
    const subscription = connection.subscribe(subject, {
      queue: consumer,
      callback: (error, advisory) => {
        if (error) return;
        keep(connection, consumer, advisory.string(), deadLetters).catch((fault: unknown) =>
          log.error({ consumer, err: fault }, 'a message that the bus gave up on could not be kept'),
        );
      },
    });
    unsubscribe = () => {
      if (!connection.isClosed()) subscription.unsubscribe();
    };
  };
  let unsubscribe: () => void = () => undefined;
  bus.listen({ up, down: () => unsubscribe() });
}

async function keep(
  connection: NatsConnection,
  consumer: string,
  advisory: string,
  deadLetters: DeadLetters,
): Promise<void> {
  const { seq, deliveries } = readAdvisory(advisory);
  const { streams } = await jetstreamManager(connection, { checkAPI: false });
  const stored = await streams.getMessage(INBOX_STREAM, { seq });
  if (!stored) throw new Error(`message ${seq} is no longer in the stream`);
  const messageTime = stored.time.toISOString();
  await deadLetters.record({
    origin: 'inbox',
    consumer,
    messageId: inboxKey(messageTime, seq),
    messageTime,
    subject: stored.subject,
    code: 'max_deliveries_exceeded',
    reason: 'the service ended or never answered each time that it was given this message',
    attempts: deliveries,
    bytes: stored.data,
  } satisfies DeadLetter);
}

/** Identity of an inbox message. The time is part of it because numbers start at 1 again when the bus has lost its data. */
export function inboxKey(messageTime: string, sequence: number): string {
  return `${INBOX_STREAM}:${messageTime}:${sequence}`;
}

function readAdvisory(text: string): { readonly seq: number; readonly deliveries: number } {
  const advisory: unknown = JSON.parse(text);
  if (
    typeof advisory !== 'object' ||
    advisory === null ||
    !('stream_seq' in advisory && typeof advisory.stream_seq === 'number') ||
    !('deliveries' in advisory && typeof advisory.deliveries === 'number')
  ) {
    throw new Error('the advisory of the bus has no stream_seq and deliveries');
  }
  return { seq: advisory.stream_seq, deliveries: advisory.deliveries };
}
