import type { EventData, NotificationView } from '@m3/contracts';
import type { LogEntry } from './log-entry.js';
import type { Projection } from './projection.js';

type Delivery = EventData<'NotificationRetried'>['delivery'];

export const notifications: Projection<NotificationView> = {
  table: 'notification',
  keyOf: ({ data }) => ('notification_id' in data ? data.notification_id : null),
  begins: {
    NotificationAttempted: ({ data, metadata }: LogEntry<'NotificationAttempted'>) => ({
      notification_id: data.notification_id,
      publish_id: data.publish_id,
      kind: data.kind,
      attempted_at: metadata.occurredAt,
      deliveries: data.deliveries.map((delivery) => ({ ...delivery, at: metadata.occurredAt })),
    }),
  },
  changes: {
    NotificationRetried: (notification, { data, metadata }) => ({
      ...notification,
      deliveries: withLatest(notification.deliveries, data.delivery, metadata.occurredAt),
    }),
  },
  columns: ({ publish_id }) => ({ publish_id }),
};

/** One entry a channel: the latest attempt. */
function withLatest(deliveries: NotificationView['deliveries'], latest: Delivery, at: string) {
  return [...deliveries.filter(({ channel }) => channel !== latest.channel), { ...latest, at }];
}
