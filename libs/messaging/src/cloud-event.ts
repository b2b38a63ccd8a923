import type { Actor, EventMetadata, EventRegistry, RecordedEvent } from '@m3/contracts';
import { InvalidEventError } from '@m3/contracts';
import { Unprocessable } from './errors.js';

/** An event that travelled without its data because it was larger than the bus carries: read it from the store. */
export interface EventReference {
  readonly eventId: string;
  readonly stream: string;
  readonly streamVersion: number;
}

export type Decoded =
  | { readonly complete: true; readonly event: RecordedEvent }
  | { readonly complete: false; readonly reference: EventReference };

/** The event as a CloudEvents 1.0 structured JSON message. Without data it is a nudge to read the store. */
export function encodeEvent(event: RecordedEvent, service: string, withData = true): string {
  const { metadata } = event;
  return JSON.stringify({
    specversion: '1.0',
    id: event.eventId,
    source: `m3-publish/${service}`,
    type: event.type,
    subject: event.stream,
    time: metadata.occurredAt,
    category: event.category,
    streamversion: event.streamVersion,
    schemaversion: event.schemaVersion,
    // CloudEvents integers have 32 bits; positions grow beyond.
    position: String(event.position),
    recordedat: event.recordedAt,
    actorkind: metadata.actor.kind,
    actorid: metadata.actor.id,
    correlationid: metadata.correlationId,
    ...(metadata.causationId === null ? {} : { causationid: metadata.causationId }),
    ...(metadata.traceparent === undefined ? {} : { traceparent: metadata.traceparent }),
    ...(withData ? { datacontenttype: 'application/json', data: event.data } : { dataomitted: true }),
  });
}

/** The event in a message. Throws {@link Unprocessable} when it is not a message that {@link encodeEvent} made. */
export function decodeEvent(text: string, registry: EventRegistry): Decoded {
  const fields = parseFields(text);
  const stream = requireText(fields, 'subject');
  const streamVersion = requireCount(fields, 'streamversion');
  const eventId = requireText(fields, 'id');
  if (fields['dataomitted'] === true) return { complete: false, reference: { eventId, stream, streamVersion } };
  const type = requireText(fields, 'type');
  const schemaVersion = requireCount(fields, 'schemaversion');
  const event: RecordedEvent = {
    type,
    data: readData(registry, type, schemaVersion, fields['data']),
    position: Number(requireText(fields, 'position')),
    seq: null,
    stream,
    streamVersion,
    category: requireText(fields, 'category'),
    schemaVersion,
    eventId,
    metadata: readMetadata(fields),
    recordedAt: requireText(fields, 'recordedat'),
  };
  return { complete: true, event };
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseFields(text: string): Fields {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Unprocessable('not_json', 'the message is not JSON');
  }
  if (!isFields(parsed) || parsed['specversion'] !== '1.0') {
    throw new Unprocessable('not_a_cloudevent', 'the message is not a CloudEvents 1.0 event', 'specversion');
  }
  return parsed;
}

function readMetadata(fields: Fields): EventMetadata {
  const { causationid, traceparent } = fields;
  return {
    actor: { kind: readActorKind(fields), id: requireText(fields, 'actorid') },
    correlationId: requireText(fields, 'correlationid'),
    causationId: typeof causationid === 'string' ? causationid : null,
    ...(typeof traceparent === 'string' ? { traceparent } : {}),
    occurredAt: requireText(fields, 'time'),
  };
}

function readActorKind(fields: Fields): Actor['kind'] {
  const kind = fields['actorkind'];
  if (kind === 'user' || kind === 'service' || kind === 'system') return kind;
  throw new Unprocessable('not_a_log_event', 'actorkind must be user, service or system', 'actorkind');
}

function readData(registry: EventRegistry, type: string, schemaVersion: number, data: unknown): object {
  try {
    const { version } = registry.definition(type);
    // A newer release of the writer runs already; a newer release of this service will understand it.
    if (schemaVersion > version) throw new Error(`${type} has version ${schemaVersion}; this service knows ${version}`);
    return registry.read(type, schemaVersion, data);
  } catch (error) {
    if (error instanceof InvalidEventError) throw new Unprocessable(error.code, error.message, error.field);
    throw error;
  }
}

function requireText(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new Unprocessable('not_a_log_event', `${name} must be a text that is not empty`, name);
}

function requireCount(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw new Unprocessable('not_a_log_event', `${name} must be a whole number above 0`, name);
}
