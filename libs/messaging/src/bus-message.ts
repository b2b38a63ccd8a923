import type { Msg } from '@nats-io/nats-core';

const ACK = '+ACK';
const WORKING = '+WPI';

/** Where a delivered message stands in its stream, read from its reply subject. */
export interface DeliveryInfo {
  readonly streamSequence: number;
  /** How often the message was delivered, this time included. */
  readonly deliveries: number;
  /** When the stream took the message, in nanoseconds since the epoch, as text: larger than a number holds exactly. */
  readonly timestamp: string;
}

/** Reads `$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<deliveries>.<streamSeq>.<deliverySeq>.<time>.<pending>[.<random>]`. */
export function deliveryInfo(message: Msg): DeliveryInfo {
  const tokens = message.reply?.split('.') ?? [];
  const first = tokens.length === 9 ? 5 : 7;
  return {
    streamSequence: Number(tokens[first]),
    deliveries: Number(tokens[first - 1]),
    timestamp: tokens[first + 2] ?? '0',
  };
}

/** When the stream took the message, ISO 8601. */
export function storedAt({ timestamp }: DeliveryInfo): string {
  return new Date(Number(timestamp.slice(0, -6))).toISOString();
}

/** Done with it. Not confirmed by the server: an acknowledgement that is lost makes a repeat, which is skipped. */
export function acknowledge(message: Msg): void {
  message.respond(ACK);
}

/** To be delivered again after a time. */
export function postpone(message: Msg, afterMs: number): void {
  message.respond(`-NAK {"delay": ${Math.max(1, Math.round(afterMs)) * 1_000_000}}`);
}

/** Still at it: the time to acknowledge starts anew. */
export function stillWorking(message: Msg): void {
  message.respond(WORKING);
}
