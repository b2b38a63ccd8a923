import { notificationEvents, type NotificationEvent, type RecordedEvent } from '@m3/contracts';
import { Deadlines, eventsIn, type DeadlineChange } from '@m3/process';
import type { ServiceRuntime } from '@m3/service-kit';
import { evolveNotification, initialNotification, nextDue } from '../domain/delivery.js';
import type { Notify } from './notify.js';

const isOwn = eventsIn<NotificationEvent>(notificationEvents);

/** Lets deliveries that were put off be tried again in time. */
export function watchRetries({ pool, store, clock, log, service }: ServiceRuntime, notify: Notify): Deadlines {
  return new Deadlines({
    pool,
    store,
    service,
    types: notificationEvents.map(({ type }) => type),
    change: retryChange,
    onDue: async (notificationId) => {
      await notify.retry(notificationId);
      return null;
    },
    clock,
    onError: (error) => log.error({ err: error }, 'retries could not be looked at; trying again'),
  });
}

function retryChange({ stream, type, data }: RecordedEvent): DeadlineChange | null {
  const event = { type, data };
  if (!isOwn(event)) return null;
  const first = event.type === 'NotificationAttempted';
  const dueAt = first ? nextDue(evolveNotification(initialNotification, event)) : event.data.next_due_at;
  return { key: stream.slice('notification-'.length), dueAt };
}
