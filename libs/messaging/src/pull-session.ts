import { AckPolicy, DeliverPolicy, jetstreamManager, JetStreamApiError, type ConsumerConfig } from '@nats-io/jetstream';
import { createInbox, nanos, type Msg, type NatsConnection } from '@nats-io/nats-core';

/** A durable pull consumer as one service wants it; every replica of the service asks for the same. */
export interface DurableConsumer {
  readonly stream: string;
  readonly durable: string;
  /** One subject filter: all that nats-server 2.9 takes. */
  readonly filter: string;
  readonly ackWaitMs: number;
  /** How far back a consumer that is made anew starts; absent: at the stream's first message. */
  readonly startAgoMs?: number;
}

export interface PullHooks {
  /** How many messages can be taken now. */
  free(): number;
  message(message: Msg): void;
  /** The consumer, its stream or the server does not answer any more. Called once; the session is over. */
  lost(reason: string): void;
}

const EXPIRES_MS = 30_000;
const HEARTBEAT_MS = 5_000;
/** Status codes of the server's answers to a request for messages. */
const HEARTBEAT = 100;
const CONFLICT = 409;
const NO_RESPONDERS = 503;
const SILENCE_MS = 2.5 * HEARTBEAT_MS;
/** Unacknowledged messages of one consumer, those that wait for another attempt included. */
const MAX_ACK_PENDING = 20_000;

/** Makes the consumer when it is missing, and brings its limits up to date. */
export async function ensureConsumer(connection: NatsConnection, wanted: DurableConsumer): Promise<void> {
  const { consumers } = await jetstreamManager(connection, { checkAPI: false, timeout: 3_000 });
  // How often a message is tried is decided here: a server that gives up loses it.
  const limits = { ack_wait: nanos(wanted.ackWaitMs), max_ack_pending: MAX_ACK_PENDING, max_deliver: -1 };
  const existing = await consumers.info(wanted.stream, wanted.durable).catch((error: unknown) => {
    if (error instanceof JetStreamApiError && error.status === 404) return undefined;
    throw error;
  });
  if (!existing) {
    await consumers.add(wanted.stream, { ...limits, ...identity(wanted) });
    return;
  }
  const { config } = existing;
  if (config.ack_wait === limits.ack_wait && config.max_deliver === -1) return;
  await consumers.update(wanted.stream, wanted.durable, limits);
}

function identity({ durable, filter, startAgoMs }: DurableConsumer): Partial<ConsumerConfig> {
  return {
    durable_name: durable,
    filter_subject: filter,
    ack_policy: AckPolicy.Explicit,
    ...(startAgoMs === undefined
      ? { deliver_policy: DeliverPolicy.All }
      : { deliver_policy: DeliverPolicy.StartTime, opt_start_time: new Date(Date.now() - startAgoMs).toISOString() }),
  };
}

/**
 * Pulls from one durable consumer over one connection: never asks for more messages than can be handled at once, so
 * none waits here until its time is up. The client library's own `consume` prefetches, and looks for a consumer that was
 * wiped only every 30 seconds.
 */
export class PullSession {
  private readonly inbox: string;
  private readonly unsubscribe: () => void;
  private readonly monitor: NodeJS.Timeout;
  private readonly request: string;
  private lastHeard = performance.now();
  /** Messages asked for and not yet received. */
  private asked = 0;
  private asking = false;
  private over = false;

  constructor(
    private readonly connection: NatsConnection,
    consumer: DurableConsumer,
    inboxPrefix: string,
    private readonly hooks: PullHooks,
  ) {
    this.inbox = createInbox(inboxPrefix);
    this.request = `$JS.API.CONSUMER.MSG.NEXT.${consumer.stream}.${consumer.durable}`;
    const subscription = connection.subscribe(this.inbox, {
      callback: (error, message) => (error ? this.lose(error.message) : this.receive(message)),
    });
    this.unsubscribe = () => subscription.unsubscribe();
    this.monitor = setInterval(() => this.checkSilence(), HEARTBEAT_MS / 2).unref();
    this.pull();
  }

  /** Something may have become free. Many calls in one turn of the event loop make one request. */
  pull(): void {
    if (this.asking || this.over) return;
    this.asking = true;
    setImmediate(() => {
      this.asking = false;
      this.ask();
    });
  }

  close(): void {
    if (this.over) return;
    this.over = true;
    clearInterval(this.monitor);
    if (!this.connection.isClosed()) this.unsubscribe();
  }

  private ask(): void {
    const batch = this.hooks.free() - this.asked;
    // Asking again only when half of what was asked for has come makes one request serve many messages.
    if (this.over || batch <= 0 || this.asked > batch) return;
    if (this.asked === 0) this.lastHeard = performance.now();
    this.asked += batch;
    const body = JSON.stringify({ batch, expires: nanos(EXPIRES_MS), idle_heartbeat: nanos(HEARTBEAT_MS) });
    try {
      this.connection.publish(this.request, body, { reply: this.inbox });
    } catch (error) {
      this.lose(String(error));
    }
  }

  private receive(message: Msg): void {
    this.lastHeard = performance.now();
    if (message.subject === this.inbox) return this.receiveStatus(message);
    this.asked = Math.max(0, this.asked - 1);
    this.hooks.message(message);
    this.pull();
  }

  private receiveStatus(message: Msg): void {
    const { code, description } = message.headers ?? { code: 0, description: '' };
    // A request that ends before all of it was served says how much is left.
    const left = Number(message.headers?.get('Nats-Pending-Messages') ?? 0) || 0;
    this.asked = Math.max(0, this.asked - left);
    if (isOver(code, description)) this.lose(description || 'no responders');
    else if (code !== HEARTBEAT) this.pull();
  }

  /** With a request open the server sends heartbeats. None: it forgot the request, or the consumer is gone. */
  private checkSilence(): void {
    if (this.asked === 0) return this.pull();
    if (performance.now() - this.lastHeard > SILENCE_MS) this.lose('no heartbeat');
  }

  private lose(reason: string): void {
    if (this.over) return;
    this.close();
    this.hooks.lost(reason);
  }
}

function isOver(code: number, description: string): boolean {
  return code === NO_RESPONDERS || (code === CONFLICT && /deleted|push based|shutdown|leadership/i.test(description));
}
