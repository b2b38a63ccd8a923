import type { EventsOf, RecordedEvent } from '../define-event.js';
import { approvalEvents } from './approval.js';
import { backupEvents } from './backup.js';
import { deadLetterEvents } from './deadletter.js';
import { emergencyEvents } from './emergency.js';
import { freezeEvents } from './freeze.js';
import { gateRunEvents } from './gaterun.js';
import { notificationEvents } from './notification.js';
import { dutyEvents, overdueEvents } from './overdue.js';
import { personEvents } from './person.js';
import { publishEvents } from './publish.js';
import { reviewEvents } from './review.js';
import { secretEvents } from './secrets.js';
import { scheduleEvents } from './schedule.js';
import { slotEvents } from './slot.js';
import { targetEvents } from './target.js';
import { targetHealthEvents } from './target-health.js';
import { versionEvents } from './version.js';

/** Every event type of the product. */
export const eventCatalogue = [
  ...targetEvents,
  ...targetHealthEvents,
  ...secretEvents,
  ...versionEvents,
  ...freezeEvents,
  ...scheduleEvents,
  ...emergencyEvents,
  ...publishEvents,
  ...slotEvents,
  ...gateRunEvents,
  ...approvalEvents,
  ...personEvents,
  ...reviewEvents,
  ...backupEvents,
  ...notificationEvents,
  ...overdueEvents,
  ...dutyEvents,
  ...deadLetterEvents,
] as const;
export type DomainEvent = EventsOf<typeof eventCatalogue>;
export type DomainEventType = DomainEvent['type'];

type Declared<Type extends DomainEventType> = Extract<(typeof eventCatalogue)[number], { readonly type: Type }>;

/** The declaration of an event type by its name, for handlers. */
export function declared<Type extends DomainEventType>(type: Type): Declared<Type> {
  const found = eventCatalogue.find((definition): definition is Declared<Type> => definition.type === type);
  if (!found) throw new Error(`no event type ${type} is declared`);
  return found;
}

/** An event of one type as the log holds it. */
export type RecordedEventOf<Type extends DomainEventType> = RecordedEvent<Extract<DomainEvent, { type: Type }>>;

/** The data of one event type. */
export type EventData<Type extends DomainEventType> = Extract<DomainEvent, { type: Type }>['data'];

/** Which service may append to which categories (design section 1); the database refuses everything else. */
export const categoryOwners = {
  targets: ['target', 'version', 'freeze', 'schedule', 'emergency', 'deadletter'],
  gates: ['gaterun', 'deadletter'],
  approvals: ['approval', 'person', 'review', 'deadletter'],
  backups: ['backup', 'deadletter'],
  deployer: ['publish', 'slot', 'deadletter'],
  notifier: ['notification', 'deadletter'],
  gateway: ['deadletter'],
} as const;
export type ServiceName = keyof typeof categoryOwners;
