import { eventCatalogue, type DomainEventType, type EventData, type RecordedEvent } from '@m3/contracts';

/** An event of the log whose type tells the shape of its data. */
export type LogEntry<Type extends DomainEventType = DomainEventType> = {
  readonly [T in Type]: Omit<RecordedEvent, 'type' | 'data'> & { readonly type: T; readonly data: EventData<T> };
}[Type];

const declaredTypes: ReadonlySet<string> = new Set(eventCatalogue.map(({ type }) => type));

/** True for an event whose type is declared; the store has checked its data against that declaration. */
export function isLogEntry(event: RecordedEvent): event is LogEntry {
  return declaredTypes.has(event.type);
}

/** An identifier in an event's data, or in the subject that requests carry. Null: the event does not concern such a thing. */
export function idIn(data: object, field: 'publish_id' | 'target_id'): string | null {
  const direct: unknown = Reflect.get(data, field);
  if (typeof direct === 'string') return direct;
  const subject: unknown = Reflect.get(data, 'subject');
  return typeof subject === 'object' && subject !== null ? idIn(subject, field) : null;
}
