import type { Msg, NatsConnection } from '@nats-io/nats-core';
import type { BusConnection } from './bus-connection.js';
import type { BusLog } from './bus-log.js';
import { acknowledge, postpone, stillWorking } from './bus-message.js';
import type { Outcome } from './handling.js';
import type { Lane } from './lane.js';
import { ensureConsumer, PullSession, type DurableConsumer } from './pull-session.js';

export interface Subscription {
  readonly consumer: DurableConsumer;
  readonly lane: Lane;
  /** Handles one message. Never rejects. */
  readonly handle: (message: Msg) => Promise<Outcome> | Outcome;
}

/** So many wait only when nothing can be handled at all. */
const MAX_HELD = 500;

/** Keeps one durable consumer of this service served, whatever happens to the bus. */
export class PullSubscription {
  private session: PullSession | undefined;
  /** Messages in hand, and when the server last heard about each. */
  private readonly inHand = new Map<Msg, number>();
  /** Messages that wait here for a while. */
  private readonly held = new Map<Msg, NodeJS.Timeout>();
  private readonly keepAlive: NodeJS.Timeout;
  private closed = false;

  constructor(
    private readonly bus: BusConnection,
    private readonly subscription: Subscription,
    private readonly log: BusLog,
  ) {
    bus.listen({ up: (connection) => void this.attach(connection), down: () => this.detach() });
    // Catch-up takes places of the same lane, so that they also become free without a message of the bus.
    subscription.lane.onFree(() => this.session?.pull());
    const { ackWaitMs } = subscription.consumer;
    this.keepAlive = setInterval(() => this.sayStillWorking(ackWaitMs / 3), ackWaitMs / 6).unref();
  }

  /** Whether messages are being asked for. */
  get attached(): boolean {
    return this.session !== undefined;
  }

  /** Takes no further messages; those in hand are finished. */
  stop(): void {
    this.closed = true;
    this.detach();
    this.sendBackHeld();
  }

  close(): void {
    this.stop();
    clearInterval(this.keepAlive);
  }

  private async attach(connection: NatsConnection): Promise<void> {
    const { consumer } = this.subscription;
    try {
      await ensureConsumer(connection, consumer);
    } catch (error) {
      if (this.bus.ready !== connection || this.closed) return;
      this.log.warn({ consumer: consumer.durable, err: error }, 'a consumer cannot be made; trying on');
      this.bus.repair();
      setTimeout(() => this.again(connection), 1_000).unref();
      return;
    }
    if (this.bus.ready === connection && !this.closed) this.open(connection);
  }

  private again(connection: NatsConnection): void {
    if (this.bus.ready === connection && !this.session) void this.attach(connection);
  }

  private open(connection: NatsConnection): void {
    this.detach();
    const { consumer, lane } = this.subscription;
    this.session = new PullSession(connection, consumer, this.bus.inboxPrefix, {
      free: () => (this.held.size < MAX_HELD ? lane.free : 0),
      message: (message) => void this.receive(message),
      lost: (reason) => this.lose(connection, reason),
    });
  }

  private lose(connection: NatsConnection, reason: string): void {
    this.session = undefined;
    if (this.bus.ready !== connection) return;
    this.log.warn({ consumer: this.subscription.consumer.durable, reason }, 'a consumer was lost; making it again');
    this.bus.repair();
    setTimeout(() => this.again(connection), 1_000).unref();
  }

  private detach(): void {
    this.session?.close();
    this.session = undefined;
  }

  private async receive(message: Msg): Promise<void> {
    this.inHand.set(message, performance.now());
    const outcome = await this.subscription.handle(message);
    switch (outcome.kind) {
      case 'wait':
        this.hold(message, outcome.afterMs);
        return;
      case 'retry':
        postpone(message, outcome.afterMs);
        break;
      case 'handled':
      case 'dead-lettered':
        acknowledge(message);
        break;
    }
    this.inHand.delete(message);
  }

  /** Keeps a message that has to wait. Sent back, it would look to the server like one that fails. */
  private hold(message: Msg, afterMs: number): void {
    const again = (): void => {
      this.held.delete(message);
      this.session?.pull();
      void this.receive(message);
    };
    this.held.set(message, setTimeout(again, afterMs));
  }

  private sendBackHeld(): void {
    for (const [message, timer] of this.held) {
      clearTimeout(timer);
      postpone(message, 1);
    }
    this.held.clear();
  }

  private sayStillWorking(olderThanMs: number): void {
    const now = performance.now();
    for (const [message, heardAt] of this.inHand) {
      if (now - heardAt < olderThanMs) continue;
      this.inHand.set(message, now);
      stillWorking(message);
    }
  }
}
