import { hash } from 'node:crypto';
import { canonicalForm, canonicalJson, InvalidEventError, type CanonicalForm, type EventMetadata } from '@m3/contracts';

/** An event as it is stored: data of the version it was written in, never upcast. What the digest covers. */
export interface StoredEvent {
  readonly eventId: string;
  readonly stream: string;
  readonly streamVersion: number;
  readonly category: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: unknown;
  readonly metadata: EventMetadata;
}

const MAX_BYTES = 1_048_576;
/** PostgreSQL's functions on JSON choke on NUL and on half a surrogate pair; RFC 8785 has no form for the latter. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/** Event data in the form that is stored; throws {@link InvalidEventError} for what cannot be. */
export function storable(type: string, value: unknown): CanonicalForm {
  const result = canonical(type, value);
  assertStorable(type, result.json);
  return result;
}

/** Throws {@link InvalidEventError} for JSON that the log does not take. */
export function assertStorable(type: string, json: string): void {
  if (Buffer.byteLength(json) > MAX_BYTES) throw new InvalidEventError(type, '', `larger than ${MAX_BYTES} bytes`);
  if (UNSTORABLE.test(json)) throw new InvalidEventError(type, '', 'a text holds a NUL or half a surrogate pair');
}

function canonical(type: string, value: unknown): CanonicalForm {
  try {
    return canonicalForm(value);
  } catch (error) {
    throw new InvalidEventError(type, '', error instanceof Error ? error.message : 'it has no JSON form');
  }
}

/** SHA-256 over the RFC 8785 canonical form of a {@link StoredEvent}. */
export function eventDigest(event: StoredEvent): Buffer {
  return digestOf(event, canonicalJson(event.data), canonicalJson(event.metadata));
}

/** The same from parts that are canonical already; the keys are in RFC 8785 order. */
export function digestOf(event: Omit<StoredEvent, 'data' | 'metadata'>, data: string, metadata: string): Buffer {
  const text =
    `{"category":${JSON.stringify(event.category)},"data":${data},"eventId":"${event.eventId}",` +
    `"metadata":${metadata},"schemaVersion":${event.schemaVersion},"stream":${JSON.stringify(event.stream)},` +
    `"streamVersion":${event.streamVersion},"type":${JSON.stringify(event.type)}}`;
  return hash('sha256', text, 'buffer');
}
