import type { RecordedEvent } from '@m3/contracts';

/** The JetStream stream that carries events of the log: a cache of it, to be thrown away at will. */
export const EVENTS_STREAM = 'EVENTS';
/** The stream of messages from other systems. */
export const INBOX_STREAM = 'INBOX';
/** The stream that announces dead letters; the log keeps them. */
export const DEADLETTER_STREAM = 'DEADLETTER';

const INBOX_PREFIX = 'inbox:';

/** What a handler's pattern asks for. `filter` is the subject filter of its consumer. */
export type Route =
  | { readonly kind: 'event'; readonly pattern: string; readonly type: string; readonly filter: string }
  | { readonly kind: 'inbox'; readonly pattern: string; readonly filter: string };

/** One subject token: whatever could split it or act as a wildcard is replaced. The true stream is in the message. */
function token(text: string): string {
  return text.replace(/[^A-Za-z0-9_-]/g, '_') || '_';
}

/** `evt.<category>.<Type>.<streamId>`, where `streamId` is the stream's name without its category. */
export function eventSubject(event: Pick<RecordedEvent, 'category' | 'type' | 'stream'>): string {
  return `evt.${event.category}.${event.type}.${token(event.stream.slice(event.category.length + 1))}`;
}

/**
 * Reads a handler's pattern: `<category>.<Type>` for events, `inbox:<subject>` for raw messages on `<subject>.>`.
 * Throws on anything else, so that a mistyped pattern stops the service at start instead of never being called.
 */
export function parsePattern(pattern: string): Route {
  if (pattern.startsWith(INBOX_PREFIX)) {
    const subject = pattern.slice(INBOX_PREFIX.length);
    if (/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(subject)) return { kind: 'inbox', pattern, filter: `${subject}.>` };
  }
  const [, category, type] = /^([a-z][a-z0-9_]*)\.([A-Z][A-Za-z0-9]*)$/.exec(pattern) ?? [];
  if (category !== undefined && type !== undefined) {
    return { kind: 'event', pattern, type, filter: `evt.${category}.${type}.>` };
  }
  throw new Error(
    `"${pattern}" is not a pattern of the event bus: use <category>.<Type>, e.g. publish.BackupRequested, ` +
      'or inbox:<subject>, e.g. inbox:version.tagged',
  );
}

/** The stream that a route's messages come from. */
export function streamOf(route: Route): string {
  return route.kind === 'event' ? EVENTS_STREAM : INBOX_STREAM;
}

/** Where a handler that the bus brings no events to gets those that are brought back to it. */
export function replaySubject(durable: string): string {
  return `evt.replay.${durable}`;
}

/** The name of a route's durable consumer, the same for every replica of a service: `<service>-<Type>`. */
export function durableName(service: string, route: Route): string {
  return route.kind === 'event' ? `${service}-${route.type}` : `${service}-${token(route.pattern)}`;
}
