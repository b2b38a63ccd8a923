import type { RecordedEvent } from '@m3/contracts';
import type { PreparedEvent } from './prepared-append.js';

/** Where and when the log took an event. */
export interface Receipt {
  readonly position: number;
  readonly recordedAt: string;
}

/** The event as {@link RecordedEvent}; `seq` is null until the sealer has stamped it. */
export function recordedEvent(
  event: PreparedEvent,
  { position, recordedAt }: Receipt,
  seq: number | null,
): RecordedEvent {
  const { type, data, stream, streamVersion, category, schemaVersion, eventId, metadata } = event;
  return { type, data, position, seq, stream, streamVersion, category, schemaVersion, eventId, metadata, recordedAt };
}
