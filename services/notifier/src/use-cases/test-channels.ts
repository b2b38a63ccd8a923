import { createHash } from 'node:crypto';
import type { ChannelTested, ChannelView, NotificationEvent, RecordedEvent, RecordedEventOf } from '@m3/contracts';
import type { AppendContext, EventStore } from '@m3/event-store';
import type { Clock } from '@m3/process';
import type { CommandOutcome } from '@m3/service-kit';
import type { Channel } from '../channels/channel.js';
import { deliveryAfter, type Delivery } from '../domain/delivery.js';
import type { NotificationPayload } from '../domain/payload.js';

export interface TestParts {
  readonly store: EventStore;
  readonly channels: readonly Channel[];
  readonly clock: Clock;
}

type Outcome = CommandOutcome<'notifier.test_channel'>;

/** Shows which channels there are, and tries one out: recorded like any notification, but never tried again. */
export class TestChannels {
  constructor(private readonly parts: TestParts) {}

  list(): readonly ChannelView[] {
    return this.parts.channels.map(({ name, kind, rules }) => ({ name, kind, rules }));
  }

  /** The same command again answers what came of it the first time. */
  async test(name: string, context: AppendContext): Promise<Outcome> {
    const { channels, store } = this.parts;
    const channel = channels.find((each) => each.name === name);
    if (!channel) {
      const detail = `no channel is named "${name}"; m3-publish channel list shows them`;
      return { outcome: 'rejected', rejection: { code: 'channel_not_found', detail, field: 'channel' } };
    }
    const notification_id = testIdOf(context.correlationId, name);
    const stream = `notification-${notification_id}`;
    const before = tried(await store.readStream(stream));
    if (before) return accepted(notification_id, before);
    const payload = testPayload(context);
    const delivery = await this.send(channel, notification_id, payload);
    const attempted: NotificationEvent = {
      type: 'NotificationAttempted',
      data: { notification_id, publish_id: null, kind: payload.type, payload, deliveries: [delivery] },
    };
    const { outcome } = await store.append([{ stream, expectedVersion: 0, events: [attempted] }], context);
    const first = outcome === 'conflict' ? tried(await store.readStream(stream)) : undefined;
    return accepted(notification_id, first ?? delivery);
  }

  private async send(channel: Channel, id: string, payload: NotificationPayload): Promise<Delivery> {
    const now = this.parts.clock();
    const result = await channel.send({ id, payload, now });
    const final = result.outcome === 'failed' ? ({ ...result, outcome: 'refused' } as const) : result;
    return deliveryAfter(channel.name, 1, final, now.toISOString());
  }
}

function testPayload({ actor, occurredAt }: AppendContext): NotificationPayload {
  const message = `A test, sent by ${actor.id}: notifications reach this channel.`;
  return { type: 'channel.test', timestamp: occurredAt, data: { publish_id: null, message } };
}

function tried(history: readonly RecordedEvent[]): Delivery | undefined {
  return history.find(isAttempt)?.data.deliveries[0];
}

function isAttempt(event: Pick<RecordedEvent, 'type'>): event is RecordedEventOf<'NotificationAttempted'> {
  return event.type === 'NotificationAttempted';
}

function accepted(notification_id: string, { channel, outcome, reason }: Delivery): Outcome {
  const result: ChannelTested = {
    ...{ channel, notification_id, reason },
    outcome: outcome === 'delivered' ? 'delivered' : 'undelivered',
  };
  return { outcome: 'accepted', result };
}

/** In the form of every notification's id; the same for the same command. */
function testIdOf(commandId: string, channel: string): string {
  const hex = createHash('sha256')
    .update(JSON.stringify([commandId, channel]))
    .digest('hex');
  const at = (from: number, length: number) => hex.slice(from, from + length);
  return `ntf_${at(0, 8)}-${at(8, 4)}-7${at(12, 3)}-8${at(15, 3)}-${at(18, 12)}`;
}
