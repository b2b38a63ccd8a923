import { setTimeout as pause } from 'node:timers/promises';
import type { EventRegistry, RecordedEvent } from '@m3/contracts';
import type { BusConnection } from './bus-connection.js';
import type { BusLog } from './bus-log.js';
import { CatchUp } from './catch-up.js';
import type { Checkpoints } from './checkpoints.js';
import { Consumer, type ConsumerContext, type Handler } from './consumer.js';
import { HANDLED } from './handling.js';
import type { MessagingMetrics } from './metrics.js';
import { OwnEvents } from './own-events.js';
import type { DurableConsumer } from './pull-session.js';
import { PullSubscription } from './pull-subscription.js';
import { ReplicaNews } from './replica-news.js';
import type { SessionLocks } from './session-locks.js';
import { replaySubject, streamOf } from './subjects.js';

export interface ConsumersOptions extends ConsumerContext {
  readonly bus: BusConnection;
  readonly checkpoints: Checkpoints;
  readonly locks: SessionLocks;
  readonly metrics: MessagingMetrics;
  readonly log: BusLog;
  /** How long the bus gets to bring an event before catch-up does. */
  readonly graceMs: number;
  readonly firstStart: 'beginning' | 'end';
  /** How long {@link Consumers.stop} waits for handlers that run. */
  readonly stopWithinMs: number;
}

/** Events lost with a consumer come through catch-up; a consumer that is made anew only brings what is recent. */
const START_AGO_MS = 60_000;

/** All handlers of one service, fed by the bus and by catch-up from the log. */
export class Consumers {
  private readonly byType = new Map<string, Consumer>();
  private readonly subscriptions: PullSubscription[] = [];
  private readonly catchUp: CatchUp;
  private readonly ownEvents = new OwnEvents(this.byType);
  private readonly startedAt = Date.now();
  private readonly news: ReplicaNews;

  constructor(
    private readonly options: ConsumersOptions,
    handlers: readonly Handler[],
  ) {
    for (const handler of handlers) this.add(new Consumer(handler, options));
    this.news = new ReplicaNews(options.bus, options.service, options.handling);
    this.catchUp = this.makeCatchUp();
  }

  /** Starts catch-up; the bus brings messages as soon as it can be used. */
  start(): void {
    if (this.byType.size > 0) this.catchUp.start();
  }

  /** Hands over what was appended here to the handlers that take their own events. */
  appended(events: readonly RecordedEvent[]): void {
    this.ownEvents.take(events);
  }

  /** Takes nothing new, waits for the handlers that run, and keeps the checkpoint. */
  async stop(): Promise<void> {
    for (const subscription of this.subscriptions) subscription.stop();
    this.ownEvents.stop();
    const finished = this.finishRunning();
    await this.catchUp.stop(finished);
    await finished;
    this.news.close();
    for (const subscription of this.subscriptions) subscription.close();
  }

  private async finishRunning(): Promise<void> {
    const { handling, stopWithinMs } = this.options;
    const deadline = performance.now() + stopWithinMs;
    while (handling.running > 0 && performance.now() < deadline) await pause(10);
  }

  /** Whether every consumer is being served by the bus. */
  get attached(): boolean {
    return this.subscriptions.every((subscription) => subscription.attached);
  }

  private add(consumer: Consumer): void {
    const { bus, log, registry } = this.options;
    const { route } = consumer.handler;
    if (route.kind === 'event') {
      assertCarried(consumer.handler, route.type, registry);
      this.byType.set(route.type, consumer);
    }
    const subscription = {
      consumer: durableOf(consumer),
      lane: consumer.lane,
      handle: consumer.fromBus.bind(consumer),
    };
    this.subscriptions.push(new PullSubscription(bus, subscription, log));
  }

  private makeCatchUp(): CatchUp {
    const { service, handling } = this.options;
    return new CatchUp({
      ...this.options,
      name: service,
      types: [...this.byType.keys()],
      hooks: {
        graceMs: (type, recordedAt) => this.graceMs(type, recordedAt),
        isAlone: () => !this.isServed,
        isDone: ({ eventId }) => handling.isDone(eventId),
        hasRoom: (type) => this.byType.get(type)?.lane.hasRoom ?? true,
        handle: (event: RecordedEvent) => this.byType.get(event.type)?.fromLog(event) ?? HANDLED,
      },
    });
  }

  private get isServed(): boolean {
    return this.options.bus.ready !== undefined && this.attached;
  }

  /** What is older than the connection may never have reached the bus; a process that ended hands over nothing. */
  private graceMs(type: string, recordedAt: number): number {
    const { bus, graceMs } = this.options;
    if (this.byType.get(type)?.handler.own === true) return recordedAt >= this.startedAt ? graceMs : 0;
    return this.isServed && recordedAt >= Date.now() - bus.readyForMs ? graceMs : 0;
  }
}

function durableOf({ handler, durable }: Consumer): DurableConsumer {
  const { route, ackWaitMs, own } = handler;
  const filter = own === true ? replaySubject(durable) : route.filter;
  const common = { stream: streamOf(route), durable, filter, ackWaitMs };
  return route.kind === 'event' ? { ...common, startAgoMs: START_AGO_MS } : common;
}

/** A handler of events that the bus does not carry would wait for catch-up each time. */
function assertCarried({ own }: Handler, type: string, registry: EventRegistry): void {
  if (own !== true && registry.definition(type).logOnly) {
    throw new Error(`${type} is declared to be read from the log alone; the bus brings it to no handler`);
  }
}
