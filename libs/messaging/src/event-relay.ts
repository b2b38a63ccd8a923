import type { RecordedEvent } from '@m3/contracts';
import { createInbox, headers, type Msg, type NatsConnection } from '@nats-io/nats-core';
import type { BusConnection } from './bus-connection.js';
import { encodeEvent } from './cloud-event.js';
import type { MessagingMetrics } from './metrics.js';
import { eventSubject } from './subjects.js';

/** One message for the bus. `id` makes a repeat within two minutes harmless. */
export interface OutgoingMessage {
  readonly id: string;
  readonly subject: string;
  readonly payload: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Pending extends OutgoingMessage {
  tries: number;
  sentAt: number;
}

const MAX_PENDING = 10_000;
const MAX_TRIES = 3;
const CONFIRM_WITHIN_MS = 2_000;
const SWEEP_EVERY_MS = 250;
/** Room that subject and headers take of the server's limit on a message. */
const ENVELOPE_BYTES = 4_096;
/** Status of a reply when no stream takes the subject. */
const NO_RESPONDERS = 503;

/**
 * The fast path to the bus: takes events right after their commit, never waits and never fails. What the bus does not
 * confirm after a few tries is counted and dropped, because catch-up from the log brings it.
 */
export class EventRelay {
  private readonly pending = new Map<string, Pending>();
  private connection: NatsConnection | undefined;
  private inbox = '';
  private unsubscribe: () => void = () => undefined;
  private counter = 0;
  private readonly sweeper: NodeJS.Timeout;

  constructor(
    private readonly bus: BusConnection,
    private readonly service: string,
    private readonly metrics: MessagingMetrics,
    private readonly maxMessageBytes = Infinity,
  ) {
    bus.listen({ up: (connection) => this.attach(connection), down: () => this.detach() });
    this.sweeper = setInterval(() => this.sweep(), SWEEP_EVERY_MS).unref();
  }

  /** Sends events that were appended. */
  publish(events: readonly RecordedEvent[]): void {
    if (!this.connection) return this.drop(events.length);
    for (const event of events) this.send(this.message(event));
  }

  /** Sends any message that may be lost. */
  send(message: OutgoingMessage): void {
    if (!this.connection || this.pending.size >= MAX_PENDING) return this.drop(1);
    this.transmit(String(++this.counter), { ...message, tries: 0, sentAt: 0 });
  }

  /** Messages that wait for the bus to confirm them. */
  get unconfirmed(): number {
    return this.pending.size;
  }

  close(): void {
    clearInterval(this.sweeper);
    this.detach();
  }

  private message(event: RecordedEvent): OutgoingMessage {
    const whole = encodeEvent(event, this.service);
    const limit = Math.min((this.connection?.info?.max_payload ?? 0) - ENVELOPE_BYTES, this.maxMessageBytes);
    // A string has at most three bytes for each of its units: the exact count is only needed near the limit.
    const fits = whole.length * 3 <= limit || Buffer.byteLength(whole) <= limit;
    const { traceparent } = event.metadata;
    return {
      id: event.eventId,
      subject: eventSubject(event),
      payload: fits ? whole : encodeEvent(event, this.service, false),
      ...(traceparent === undefined ? {} : { headers: { traceparent } }),
    };
  }

  private attach(connection: NatsConnection): void {
    this.connection = connection;
    this.inbox = createInbox(this.bus.inboxPrefix);
    const subscription = connection.subscribe(`${this.inbox}.*`, {
      callback: (error, reply) => {
        if (error === null) this.confirm(reply);
      },
    });
    this.unsubscribe = () => subscription.unsubscribe();
  }

  private detach(): void {
    if (!this.connection) return;
    this.unsubscribe();
    this.connection = undefined;
    this.drop(this.pending.size);
    this.pending.clear();
  }

  private transmit(key: string, message: Pending): void {
    const { connection } = this;
    if (!connection) return;
    message.tries++;
    message.sentAt = Date.now();
    this.pending.set(key, message);
    const fields = headers();
    fields.set('Nats-Msg-Id', message.id);
    for (const [name, value] of Object.entries(message.headers ?? {})) fields.set(name, value);
    try {
      connection.publish(message.subject, message.payload, { reply: `${this.inbox}.${key}`, headers: fields });
    } catch {
      this.pending.delete(key);
      this.drop(1);
    }
  }

  private confirm(reply: Msg): void {
    const key = reply.subject.slice(this.inbox.length + 1);
    const message = this.pending.get(key);
    if (!message) return;
    if (reply.headers?.code === NO_RESPONDERS) return this.bus.repair();
    // Refused for now: it stays pending and the sweeper sends it again.
    if (reply.string().includes('"error"')) return;
    this.pending.delete(key);
    this.metrics.relayed(1, 0);
  }

  private sweep(): void {
    const before = Date.now() - CONFIRM_WITHIN_MS;
    for (const [key, message] of this.pending) {
      if (message.sentAt > before) return;
      this.pending.delete(key);
      if (message.tries < MAX_TRIES) this.transmit(key, message);
      else this.drop(1);
    }
  }

  private drop(count: number): void {
    if (count > 0) this.metrics.relayed(0, count);
  }
}
