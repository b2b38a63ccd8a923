import type { RecordedEvent } from '@m3/contracts';
import type { Pool } from 'pg';
import { binaryArray } from './binary-array.js';
import { CategoryNotOwnedError } from './errors.js';
import type { AppendResult } from './event-store.js';
import type { PreparedAppend, PreparedWrite } from './prepared-append.js';
import { recordedEvent, type Receipt } from './recorded-event.js';

const STATEMENT = {
  name: 'event_store.append_batch',
  text: `SELECT request, outcome, stream, version, event_id, position, recorded_at_ms
         FROM event_store.append_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
};

/** One row of event_store.append_batch; numbers of 64 bits come as text. */
type AnswerRow = AppendedRow | RefusedRow;

interface AppendedRow {
  readonly outcome: 'appended';
  readonly event_id: string;
  readonly position: string;
  readonly recorded_at_ms: string;
}

interface RefusedRow {
  readonly outcome: 'conflict' | 'forbidden';
  readonly request: number;
  readonly stream: string;
  /** The one that the stream has. */
  readonly version: string;
}

/** Sends independent appends in one statement. What happened to each stands at its index. */
export async function sendBatch(
  pool: Pool,
  batch: readonly PreparedAppend[],
): Promise<readonly (AppendResult | Error)[]> {
  const { rows } = await pool.query<AnswerRow>({ ...STATEMENT, values: parameters(batch) });
  const refusals = new Map<number, RefusedRow>();
  const receipts = new Map<string, Receipt>();
  for (const row of rows) {
    if (row.outcome === 'appended') receipts.set(row.event_id, receiptOf(row));
    else if (!refusals.has(row.request)) refusals.set(row.request, row);
  }
  return batch.map((append, index) => {
    const refusal = refusals.get(index);
    return refusal ? refused(append, refusal) : { outcome: 'appended', events: recorded(append, receipts) };
  });
}

function parameters(batch: readonly PreparedAppend[]): unknown[] {
  const writes = batch.flatMap((append, request) => append.map((write) => ({ request, write })));
  const events = writes.flatMap(({ write }, index) => write.events.map((event) => ({ event, write: index + 1 })));
  return [
    writes.map(({ request }) => request),
    writes.map(({ write }) => write.stream),
    writes.map(({ write }) => write.expectedVersion),
    events.map(({ write }) => write),
    events.map(({ event }) => event.type),
    events.map(({ event }) => event.schemaVersion),
    events.map(({ event }) => event.eventId),
    binaryArray(
      'json',
      events.map(({ event }) => event.json.data),
    ),
    binaryArray(
      'json',
      events.map(({ event }) => event.json.metadata),
    ),
    binaryArray(
      'bytea',
      events.map(({ event }) => event.digest),
    ),
  ];
}

function receiptOf(row: AppendedRow): Receipt {
  return { position: Number(row.position), recordedAt: new Date(Number(row.recorded_at_ms)).toISOString() };
}

function refused(append: PreparedAppend, { outcome, stream, version }: RefusedRow): AppendResult | Error {
  if (outcome === 'forbidden') return new CategoryNotOwnedError(stream);
  const write = append.find((candidate: PreparedWrite) => candidate.stream === stream);
  const expectedVersion = write?.expectedVersion ?? 0;
  return { outcome: 'conflict', conflict: { stream, expectedVersion, actualVersion: Number(version) } };
}

function recorded(append: PreparedAppend, receipts: ReadonlyMap<string, Receipt>): RecordedEvent[] {
  return append.flatMap(({ events }) =>
    events.map((event) => {
      const receipt = receipts.get(event.eventId);
      if (!receipt) throw new Error(`the event store answered nothing for event ${event.eventId}`);
      return recordedEvent(event, receipt, null);
    }),
  );
}
