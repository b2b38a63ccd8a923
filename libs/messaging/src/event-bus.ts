import type { EventRegistry } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import type { ConnectionOptions } from '@nats-io/nats-core';
import { BusConnection } from './bus-connection.js';
import type { BusLog } from './bus-log.js';
import type { Checkpoints } from './checkpoints.js';
import type { Handler } from './consumer.js';
import { Consumers } from './consumers.js';
import { DeadLetterReplay } from './dead-letter-replay.js';
import { EffectLease } from './effect-lease.js';
import { EventBusStrategy } from './event-bus-strategy.js';
import { EventRelay } from './event-relay.js';
import { defaultRetryPolicy, Handling, type RetryPolicy } from './handling.js';
import { LogDeadLetters, type DeadLetterPayloads } from './log-dead-letters.js';
import { noMetrics, type MessagingMetrics } from './metrics.js';
import { PublishingEventStore } from './publishing-event-store.js';
import type { SessionLocks } from './session-locks.js';
import { ensureStreams, type StreamOptions } from './streams.js';

export interface EventBusOptions {
  /** Name of the service: of its consumers, its checkpoint and its inbox. */
  readonly service: string;
  /** Servers and login of the bus. */
  readonly nats: ConnectionOptions;
  /** The log, without relaying: {@link EventBus.store} adds it. */
  readonly store: EventStore;
  readonly registry: EventRegistry;
  readonly checkpoints: Checkpoints;
  readonly locks: SessionLocks;
  readonly payloads: DeadLetterPayloads;
  readonly log: BusLog;
  readonly metrics?: MessagingMetrics;
  readonly streams?: StreamOptions;
  readonly retry?: Partial<RetryPolicy>;
  /** How long the bus gets to bring an event before catch-up does. Default: 2,000. */
  readonly graceMs?: number;
  /** Events larger than this travel without their data, which is then read from the log. Default: what the server takes. */
  readonly maxMessageBytes?: number;
  /** Where a service that was never here before starts in the log. Default: `beginning`. */
  readonly firstStart?: 'beginning' | 'end';
  /** How long closing waits for handlers that run. Default: 10,000. */
  readonly stopWithinMs?: number;
}

/** The messaging of one service process: a store that relays, the Nest strategy, leases and replays. */
export class EventBus {
  /** Append through this one: what is committed is sent to the bus at once. */
  readonly store: EventStore;
  readonly relay: EventRelay;
  readonly strategy: EventBusStrategy;
  readonly lease: EffectLease;
  readonly replay: DeadLetterReplay;
  private readonly connection: BusConnection;
  private readonly handling: Handling;
  private consumers: Consumers | undefined;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: EventBusOptions) {
    const { service, store, payloads, locks, log, registry } = options;
    const metrics = options.metrics ?? noMetrics;
    this.connection = new BusConnection({
      nats: options.nats,
      service,
      log,
      prepare: (connection) => ensureStreams(connection, options.streams),
    });
    this.relay = new EventRelay(this.connection, service, metrics, options.maxMessageBytes);
    this.store = new PublishingEventStore(store, (events) => {
      this.relay.publish(events.filter(({ type }) => !registry.definition(type).logOnly));
      this.consumers?.appended(events);
    });
    const deadLetters = new LogDeadLetters({ service, store: this.store, payloads, relay: this.relay });
    this.handling = new Handling(deadLetters, { ...defaultRetryPolicy, ...options.retry }, metrics, log);
    this.lease = new EffectLease(locks);
    this.replay = new DeadLetterReplay(this.connection);
    this.strategy = new EventBusStrategy(this);
  }

  /** Whether the bus can be used and brings messages to all handlers. Without it all goes on, through catch-up. */
  get connected(): boolean {
    return this.connection.ready !== undefined && (this.consumers?.attached ?? true);
  }

  /** Connects and hands messages to the handlers. The strategy calls it; a process without handlers calls it itself. */
  start(handlers: readonly Handler[] = []): void {
    const { options, connection: bus, handling } = this;
    this.consumers = new Consumers(
      {
        graceMs: 2_000,
        firstStart: 'beginning',
        stopWithinMs: 10_000,
        metrics: noMetrics,
        ...options,
        bus,
        handling,
      },
      handlers,
    );
    this.connection.open();
    this.consumers.start();
  }

  /** Finishes what runs, and leaves the bus. Locks and database connections are closed by those who made them. */
  stop(): Promise<void> {
    this.closing ??= this.close();
    return this.closing;
  }

  private async close(): Promise<void> {
    await this.consumers?.stop();
    this.relay.close();
    await this.connection.close();
  }
}
