import type { EventRegistry, RecordedEvent } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import type { Msg } from '@nats-io/nats-core';
import { deliveryInfo, storedAt } from './bus-message.js';
import { decodeEvent, encodeEvent, type EventReference } from './cloud-event.js';
import { replayOf, type Replay } from './dead-letter-replay.js';
import type { DeadLetter } from './dead-letters.js';
import { Unprocessable, type Fault } from './errors.js';
import { HANDLED, type Handling, type Outcome, type Task } from './handling.js';
import { Lane } from './lane.js';
import type { Source } from './metrics.js';
import { durableName, INBOX_STREAM, type Route } from './subjects.js';

/** A message from another system, as it came. */
export interface InboxMessage {
  readonly subject: string;
  /** First value of each header. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
  /** When the bus took it, ISO 8601. */
  readonly receivedAt: string;
}

/** How a message came to its handler: the second argument of each handler. */
export interface Delivery {
  readonly source: Source;
  /** Name of the durable consumer. */
  readonly consumer: string;
  /** Somebody may have been given the message before, and may even be at it. */
  readonly repeated: boolean;
}

/** One handler of a service and the limits that it asked for. */
export interface Handler {
  readonly route: Route;
  /** Resolves when the effect is recorded; what it throws decides between another attempt and a dead letter. */
  readonly call: (payload: RecordedEvent | InboxMessage, delivery: Delivery) => Promise<unknown>;
  /** Messages at a time in this process. */
  readonly concurrency: number;
  /** How long the bus waits before it delivers again when this process has gone silent. */
  readonly ackWaitMs: number;
  /** Only this service appends these events: each is handed over by the process that appended it, not by the bus. */
  readonly own?: boolean;
}

export interface ConsumerContext {
  readonly service: string;
  readonly store: EventStore;
  readonly registry: EventRegistry;
  readonly handling: Handling;
}

/**
 * Deliveries after which an inbox message is not given to its handler any more. A message that fails is counted here, and
 * one that has to wait stays in hand, so that only one which ends its process each time comes this far.
 */
const MAX_DELIVERIES = 30;

function giveUpUnread(): never {
  const reason = `the service ended, or was cut off, each of the ${MAX_DELIVERIES} times that it was given this message`;
  throw new Unprocessable('max_deliveries_exceeded', reason);
}

type Way = Pick<Delivery, 'source' | 'repeated'>;

function wayOf(message: Msg): Way {
  return { source: 'bus', repeated: replayOf(message) !== undefined || deliveryInfo(message).deliveries > 1 };
}

/** Turns messages of one pattern into tasks for its handler, wherever they come from. */
export class Consumer {
  readonly durable: string;
  readonly lane: Lane;

  constructor(
    readonly handler: Handler,
    private readonly context: ConsumerContext,
  ) {
    this.durable = durableName(context.service, handler.route);
    this.lane = new Lane(handler.concurrency);
  }

  /** Handles a message of the bus. Never rejects. */
  fromBus(message: Msg): Promise<Outcome> | Outcome {
    const replay = replayOf(message);
    if (replay && replay.consumer !== this.durable) return HANDLED;
    return this.handler.route.kind === 'inbox' ? this.fromInbox(message, replay) : this.fromEvents(message, replay);
  }

  /** Handles an event of the log. Never rejects. */
  fromLog(event: RecordedEvent): Promise<Outcome> | Outcome {
    return this.handle(this.eventTask(event, { source: 'catch-up', repeated: true }));
  }

  /** Handles an event that this process has just appended. Never rejects. */
  fromHere(event: RecordedEvent): Promise<Outcome> | Outcome {
    return this.handle(this.eventTask(event, { source: 'here', repeated: false }));
  }

  private fromEvents(message: Msg, replay: Replay | undefined): Promise<Outcome> | Outcome {
    try {
      const decoded = decodeEvent(message.string(), this.context.registry);
      return decoded.complete
        ? this.handle(this.eventTask(decoded.event, wayOf(message), replay))
        : this.fromReference(decoded.reference, wayOf(message), replay);
    } catch (error) {
      return this.handle(this.brokenTask(message, error instanceof Error ? error : new Error(String(error)), replay));
    }
  }

  private handle(task: Task): Promise<Outcome> | Outcome {
    return this.context.handling.handle(task);
  }

  private async fromReference(reference: EventReference, way: Way, replay?: Replay): Promise<Outcome> {
    const { stream, streamVersion, eventId } = reference;
    try {
      const [event] = await this.context.store.readStream(stream, streamVersion - 1);
      if (event?.eventId === eventId) return await this.handle(this.eventTask(event, way, replay));
    } catch {
      // The store cannot be read now; the message comes again.
    }
    return { kind: 'retry', afterMs: 1_000 };
  }

  private eventTask(event: RecordedEvent, way: Way, replay?: Replay): Task {
    const { eventId, metadata } = event;
    const key = replay?.id ?? eventId;
    return this.task(way, key, event, () => ({
      origin: 'consumer',
      messageTime: event.recordedAt,
      subject: event.stream,
      eventId,
      correlationId: metadata.correlationId,
      ...ofLetter(replay),
      bytes: Buffer.from(encodeEvent(event, this.context.service)),
    }));
  }

  private fromInbox(message: Msg, replay: Replay | undefined): Promise<Outcome> | Outcome {
    const info = deliveryInfo(message);
    const receivedAt = storedAt(info);
    const { subject, data: bytes } = message;
    const payload: InboxMessage = { subject, headers: firstValues(message), bytes, receivedAt };
    // The time is part of the identity because numbers start at 1 again when the bus has lost its data.
    const key = `${INBOX_STREAM}:${receivedAt}:${info.streamSequence}`;
    const task = this.task(wayOf(message), key, payload, () => ({
      ...{ origin: 'inbox', messageTime: receivedAt, subject, bytes },
      ...ofLetter(replay),
    }));
    return this.handle(info.deliveries > MAX_DELIVERIES ? { ...task, run: giveUpUnread } : task);
  }

  /** A message on an event subject that is no event. */
  private brokenTask(message: Msg, error: Error, replay: Replay | undefined): Task {
    const info = deliveryInfo(message);
    const messageTime = storedAt(info);
    const { subject, data: bytes } = message;
    const key = `${messageTime}:${info.streamSequence}`;
    const task = this.task(wayOf(message), key, undefined, () => ({
      ...{ origin: 'consumer', messageTime, subject, bytes },
      ...ofLetter(replay),
    }));
    return {
      ...task,
      run: () => {
        throw error;
      },
    };
  }

  private task(
    { source, repeated }: Way,
    key: string,
    payload: RecordedEvent | InboxMessage | undefined,
    original: () => Omit<DeadLetter, 'consumer' | 'messageId' | 'code' | 'reason' | 'field' | 'attempts'>,
  ): Task {
    const { handler, durable, lane } = this;
    return {
      key,
      pattern: handler.route.pattern,
      lane,
      source,
      run: (tried) =>
        payload === undefined
          ? Promise.resolve()
          : handler.call(payload, { source, consumer: durable, repeated: repeated || tried }),
      letter: (fault: Fault, attempts: number) => ({
        ...original(),
        ...fault,
        consumer: durable,
        messageId: key,
        attempts,
      }),
    };
  }
}

function ofLetter(replay: Replay | undefined): Pick<DeadLetter, 'replayOf'> {
  return replay === undefined || replay.letter === '' ? {} : { replayOf: replay.letter };
}

function firstValues(message: Msg): Record<string, string> {
  const { headers } = message;
  return headers ? Object.fromEntries(headers.keys().map((name) => [name, headers.get(name)])) : {};
}
