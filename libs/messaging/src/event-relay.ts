import type { RecordedEvent } from '@m3/contracts';
import { createInbox, headers, type Msg, type MsgHdrs, type NatsConnection } from '@nats-io/nats-core';
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

/**
 * Messages that were sent together. The bus takes them in their order, so that the last one's confirmation stands for all;
 * whichever it refused all the same comes through catch-up.
 */
interface Pending {
  readonly messages: readonly OutgoingMessage[];
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
    // After a pause of this process, confirmations that wait to be read come first.
    this.sweeper = setInterval(() => setImmediate(() => this.sweep()), SWEEP_EVERY_MS).unref();
  }

  /** Sends events that were appended. */
  publish(events: readonly RecordedEvent[]): void {
    if (!this.connection) return this.drop(events.length);
    this.sendTogether(events.map((event) => this.message(event)));
  }

  /** Sends any message that may be lost. */
  send(message: OutgoingMessage): void {
    this.sendTogether([message]);
  }

  /** Messages that wait for the bus to confirm them. */
  get unconfirmed(): number {
    return [...this.pending.values()].reduce((count, { messages }) => count + messages.length, 0);
  }

  close(): void {
    clearInterval(this.sweeper);
    this.detach();
  }

  private sendTogether(messages: readonly OutgoingMessage[]): void {
    if (!this.connection || this.pending.size >= MAX_PENDING) return this.drop(messages.length);
    if (messages.length > 0) this.transmit(String(++this.counter), { messages, tries: 0, sentAt: 0 });
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
    this.drop(this.unconfirmed);
    this.pending.clear();
  }

  private transmit(key: string, pending: Pending): void {
    const { connection } = this;
    if (!connection) return;
    const { messages } = pending;
    pending.tries++;
    pending.sentAt = performance.now();
    this.pending.set(key, pending);
    try {
      messages.forEach((message, index) => {
        const reply = index === messages.length - 1 ? { reply: `${this.inbox}.${key}` } : {};
        connection.publish(message.subject, message.payload, { ...reply, headers: headersOf(message) });
      });
    } catch {
      this.pending.delete(key);
      this.drop(messages.length);
    }
  }

  private confirm(reply: Msg): void {
    const key = reply.subject.slice(this.inbox.length + 1);
    const confirmed = this.pending.get(key);
    if (!confirmed) return;
    if (reply.headers?.code === NO_RESPONDERS) return this.bus.repair();
    // Refused for now: it stays pending and the sweeper sends it again.
    if (reply.string().includes('"error"')) return;
    this.pending.delete(key);
    this.metrics.relayed(confirmed.messages.length, 0);
  }

  private sweep(): void {
    const before = performance.now() - CONFIRM_WITHIN_MS;
    for (const [key, pending] of this.pending) {
      if (pending.sentAt > before) return;
      this.pending.delete(key);
      if (pending.tries < MAX_TRIES) this.transmit(key, pending);
      else this.drop(pending.messages.length);
    }
  }

  private drop(count: number): void {
    if (count > 0) this.metrics.relayed(0, count);
  }
}

function headersOf({ id, headers: more = {} }: OutgoingMessage): MsgHdrs {
  const fields = headers();
  fields.set('Nats-Msg-Id', id);
  for (const [name, value] of Object.entries(more)) fields.set(name, value);
  return fields;
}
