import {
  notificationEvents,
  type Actor,
  type NotificationEvent,
  type RecordedEvent,
  type RecordedEventOf,
} from '@m3/contracts';
import { accept } from '@m3/decider';
import type { AppendContext, EventStore } from '@m3/event-store';
import type { Delivery, EffectLease } from '@m3/messaging';
import { causedBy, decideAndAppend, eventsIn, startedBy, StreamStates, type Clock } from '@m3/process';
import { Value } from '@sinclair/typebox/value';
import type { Channel } from '../channels/channel.js';
import { announcementOf, type Announced } from '../domain/announcement.js';
import {
  deliveryAfter,
  dueDeliveries,
  evolveNotification,
  initialNotification,
  nextDue,
  type Delivery as DeliveryState,
  type NotificationState,
} from '../domain/delivery.js';
import { NotificationPayload, payloadOf } from '../domain/payload.js';
import { aboutOf } from './about.js';

export interface NotifyParts {
  readonly store: EventStore;
  readonly channels: readonly Channel[];
  /** Where people reach the API; null: links are paths. */
  readonly publicUrl: string | null;
  readonly lease: EffectLease;
  readonly clock: Clock;
}

const notifier: Actor = { kind: 'service', id: 'notifier' };

/** The id of the notification about an event that names none: one event, one notification. */
export const about = ({ eventId }: { readonly eventId: string }): string => `ntf_${eventId}`;

/** Tells the channels of an event, by their rules: at least once each, with an id that stays the same over all attempts. */
export class Notify {
  private readonly states: StreamStates<NotificationState, NotificationEvent>;

  constructor(private readonly parts: NotifyParts) {
    this.states = new StreamStates(parts.store, {
      initial: initialNotification,
      evolve: evolveNotification,
      accepts: eventsIn<NotificationEvent>(notificationEvents),
    });
  }

  /** The first round over all channels. */
  announce(
    notificationId: string,
    event: RecordedEvent<Announced> & Announced,
    delivery: Pick<Delivery, 'repeated'> = { repeated: true },
  ): Promise<void> {
    const { channels, publicUrl, lease, clock, store } = this.parts;
    const announcing = async () => {
      const stream = streamOf(notificationId);
      const { state } = delivery.repeated ? await this.states.load(stream) : this.states.presumeNew(stream);
      if (state.attempted) return;
      const announcement = announcementOf(event);
      const payload = payloadOf(announcement, event, { ...(await aboutOf(event, store)), publicUrl });
      const told = channels.filter((channel) => channel.wants(payload));
      const deliveries = await Promise.all(told.map((channel) => this.deliver(notificationId, channel, payload, 1)));
      const { kind, publish_id } = announcement;
      const attempted: NotificationEvent = {
        type: 'NotificationAttempted',
        data: { notification_id: notificationId, publish_id, kind, payload, deliveries },
      };
      await this.append(notificationId, causedBy(event, notifier, clock), (current) =>
        current.attempted ? [] : [attempted],
      );
    };
    return lease.tryRun(`notify:${notificationId}`, announcing, delivery);
  }

  /** Tells ahead when a publish that waits is expected to start: once for each time that is planned. */
  async announcePlan(event: RecordedEventOf<'StartDelayed'>): Promise<void> {
    const { resume_at } = event.data;
    if (resume_at === null) return;
    const history = await this.parts.store.readStream(event.stream);
    const first = history.find((each) => isDelay(each) && each.data.resume_at === resume_at);
    await this.announce(about(first ?? event), event);
  }

  /** Tries again what is due. */
  retry(notificationId: string): Promise<void> {
    const { lease, clock } = this.parts;
    return lease.tryRun(`notify:${notificationId}`, async () => {
      const { state } = await this.states.reload(streamOf(notificationId));
      if (!state.attempted) return;
      const { payload, publish_id, kind } = state.attempted;
      const context = startedBy(`retry-${notificationId}`, notifier, clock);
      for (const due of dueDeliveries(state, context.occurredAt)) {
        const delivery = await this.deliverAgain(notificationId, payload, due);
        await this.append(notificationId, context, (current) =>
          current.channels.get(due.channel)?.attempt === due.attempt
            ? [retried(current, { notification_id: notificationId, publish_id, kind, delivery })]
            : [],
        );
      }
    });
  }

  private async deliverAgain(id: string, payload: object, due: DeliveryState): Promise<DeliveryState> {
    const channel = this.parts.channels.find(({ name }) => name === due.channel);
    const attempt = due.attempt + 1;
    if (channel && Value.Check(NotificationPayload, payload)) return this.deliver(id, channel, payload, attempt);
    const gone = { outcome: 'refused', reason: 'the channel is no longer configured' } as const;
    return deliveryAfter(due.channel, attempt, gone, this.parts.clock().toISOString());
  }

  private async deliver(id: string, channel: Channel, payload: NotificationPayload, attempt: number) {
    const now = this.parts.clock();
    const result = await channel.send({ id, payload, now });
    return deliveryAfter(channel.name, attempt, result, now.toISOString());
  }

  private async append(
    id: string,
    context: AppendContext,
    decide: (state: NotificationState) => readonly NotificationEvent[],
  ): Promise<void> {
    const { store } = this.parts;
    await decideAndAppend({
      store,
      states: this.states,
      stream: streamOf(id),
      decide: (state) => accept(...decide(state)),
      context,
    });
  }
}

function isDelay(event: Pick<RecordedEvent, 'type'>): event is RecordedEventOf<'StartDelayed'> {
  return event.type === 'StartDelayed';
}

const streamOf = (notificationId: string): string => `notification-${notificationId}`;

function retried(
  state: NotificationState,
  data: Omit<Extract<NotificationEvent, { type: 'NotificationRetried' }>['data'], 'next_due_at'>,
): NotificationEvent {
  const { delivery } = data;
  const channels = new Map(state.channels).set(delivery.channel, delivery);
  return { type: 'NotificationRetried', data: { ...data, next_due_at: nextDue({ ...state, channels }) } };
}
