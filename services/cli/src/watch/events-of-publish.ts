import type { LogEvent } from '@m3/contracts';

/** The publishes that an event is about: it names one itself, or in its subject. */
export function publishIdsOf({ data }: Pick<LogEvent, 'data'>): readonly string[] {
  const named = [textIn(data, 'publish_id'), textIn(Reflect.get(data, 'subject'), 'publish_id')];
  return named.filter((id) => id !== null);
}

function textIn(value: unknown, field: string): string | null {
  if (typeof value !== 'object' || value === null) return null;
  const text: unknown = Reflect.get(value, field);
  return typeof text === 'string' ? text : null;
}
