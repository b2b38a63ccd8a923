import type { EventMetadata, EventRegistry, RecordedEvent } from '@m3/contracts';
import type { CustomTypesConfig } from 'pg';
import type { StoredEvent } from './canonical-event.js';

/** What the queries of `read-queries` answer. Arrays and parsers of our own: reading the log costs little more than the driver does. */
export type EventRow = [
  seq: number | null,
  position: number,
  stream: string,
  streamVersion: number,
  category: string,
  type: string,
  schemaVersion: number,
  eventId: string,
  data: unknown,
  metadata: EventMetadata,
  recordedAtMs: number,
];

export type EventHeadRow = [seq: number, type: string, eventId: string, recordedAtMs: number];

const INT8 = 20;
const INT4 = 23;
const JSON_OID = 114;

/** 64-bit numbers of the log are far below 2^53: they are read as JavaScript numbers. */
export const eventTypeParsers: CustomTypesConfig = {
  getTypeParser: (oid: number) => {
    if (oid === INT8 || oid === INT4) return Number;
    return oid === JSON_OID ? JSON.parse : String;
  },
};

/** The event as the current version of its type declares it; throws InvalidEventError. */
export function toRecordedEvent(registry: EventRegistry, row: EventRow): RecordedEvent {
  const [seq, position, stream, streamVersion, category, type, schemaVersion, eventId, stored, metadata, at] = row;
  const data = registry.read(type, schemaVersion, stored);
  const recordedAt = new Date(at).toISOString();
  return { type, data, position, seq, stream, streamVersion, category, schemaVersion, eventId, metadata, recordedAt };
}

/** A row of the log as it is stored, for proofs: nothing is upcast. */
export interface SealedRow extends StoredEvent {
  readonly seq: number;
  readonly position: number;
  readonly recordedAt: string;
  /** SHA-256 in hex, over the RFC 8785 canonical form of the {@link StoredEvent}. */
  readonly digest: string;
}

/** `digest` comes as PostgreSQL writes bytea: `\x` and hex. */
export type SealedEventRow = [...EventRow, digest: string];

export function toSealedRow(row: SealedEventRow): SealedRow {
  const [seq, position, stream, streamVersion, category, type, schemaVersion, eventId, data, metadata, at, digest] =
    row;
  const stored = { eventId, stream, streamVersion, category, type, schemaVersion, data, metadata };
  return { ...stored, seq: seq ?? 0, position, recordedAt: new Date(at).toISOString(), digest: digest.slice(2) };
}
