import type { LogEvent, RecordedEvent } from '@m3/contracts';

/** A sealed event as the API shows it. @throws when it is not sealed yet: nobody may see it before */
export function logEvent(event: RecordedEvent): LogEvent {
  const { seq, position, eventId, type, schemaVersion, stream, streamVersion, category, data, metadata } = event;
  if (seq === null) throw new Error(`event ${eventId} is not sealed yet`);
  return {
    ...{ seq, position, event_id: eventId, type, schema_version: schemaVersion },
    ...{ stream, stream_version: streamVersion, category },
    data: { ...data },
    actor: { ...metadata.actor },
    correlation_id: metadata.correlationId,
    causation_id: metadata.causationId,
    traceparent: metadata.traceparent ?? null,
    occurred_at: metadata.occurredAt,
    recorded_at: event.recordedAt,
  };
}

const jsonOf = new WeakMap<RecordedEvent, string>();

/** The same as one line of JSON, made once for all who read the event. */
export function logEventJson(event: RecordedEvent): string {
  const known = jsonOf.get(event);
  if (known !== undefined) return known;
  const json = JSON.stringify(logEvent(event));
  jsonOf.set(event, json);
  return json;
}
