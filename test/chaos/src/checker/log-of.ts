import type { Evidence, LoggedEvent } from './evidence.js';

type Events = readonly LoggedEvent[];

/** How a publish can end, and how that is shown. */
export const endings: Readonly<Record<string, string>> = {
  PublishSucceeded: 'succeeded',
  PublishFailed: 'failed',
  PublishRejected: 'rejected',
  PublishCancelled: 'cancelled',
  PublishSuperseded: 'superseded',
  PublishRolledBack: 'rolled_back',
  PublishRollbackFailed: 'rollback_failed',
};

export const isEnding = ({ type }: LoggedEvent): boolean => type in endings;

/** A field of an event's data that is a text; null when it is not. */
export function text({ data }: LoggedEvent, field: string): string | null {
  const value = data[field];
  return typeof value === 'string' ? value : null;
}

/** The publish that an event is about. */
export function publishOf(event: LoggedEvent): string | null {
  const { subject } = event.data;
  if (event.stream.startsWith('publish-')) return event.stream.slice('publish-'.length);
  const inSubject =
    typeof subject === 'object' && subject !== null && 'publish_id' in subject ? subject.publish_id : null;
  return text(event, 'publish_id') ?? (typeof inSubject === 'string' ? inSubject : null);
}

/** Events in groups by a key, each in the order of the log; those without a key are in none. */
export function grouped(events: Events, keyOf: (event: LoggedEvent) => string | null): ReadonlyMap<string, Events> {
  const groups = new Map<string, LoggedEvent[]>();
  for (const event of events) {
    const key = keyOf(event);
    if (key === null) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [event]);
    else group.push(event);
  }
  return groups;
}

/** All that was logged about each publish that was ever begun. */
export function storiesOf({ events }: Pick<Evidence, 'events'>): ReadonlyMap<string, Events> {
  return grouped(events, publishOf);
}
