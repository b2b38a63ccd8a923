import type { DomainEventType, RecordedEvent } from '@m3/contracts';
import { isLogEntry, type LogEntry } from './log-entry.js';

/** How one read model is made of the log: pure functions from events to documents, one document for each row. */
export interface Projection<Document> {
  /** Name of its table. */
  readonly table: string;
  /** Which row an event concerns; null: none. Asked only about the types below. */
  keyOf(event: LogEntry): string | null;
  /** Events that begin a row. On a row that exists they do nothing. */
  readonly begins: Begins<Document>;
  /** Events that change a row. Without a row they do nothing. */
  readonly changes: Changes<Document>;
  /** What lists filter by. */
  columns(document: Document): Readonly<Record<string, string | null>>;
}

export type Begins<Document> = { readonly [Type in DomainEventType]?: (event: LogEntry<Type>) => Document };
export type Changes<Document> = {
  readonly [Type in DomainEventType]?: (document: Document, event: LogEntry<Type>) => Document;
};

export interface Row<Document> {
  readonly id: string;
  /** The event that began it. */
  readonly seq: number;
  /** The last event that went into it. */
  readonly asOf: number;
  readonly document: Document;
}

/** A row after an event: a new one, a changed one, or the same one if the event is old news or none of its business. */
export function evolveRow<Document>(
  projection: Projection<Document>,
  id: string,
  row: Row<Document> | undefined,
  event: LogEntry,
): Row<Document> | undefined {
  const { seq } = event;
  if (seq === null) return row;
  if (row === undefined) {
    const document = begun(projection.begins, event);
    return document === undefined ? undefined : { id, seq, asOf: seq, document };
  }
  if (seq <= row.asOf) return row;
  const document = changed(projection.changes, row.document, event) ?? row.document;
  return document === row.document ? row : { ...row, asOf: seq, document };
}

/** The row that an event may begin or change; null: the read model has nothing to do with it. */
export function rowOf<Document>(projection: Projection<Document>, event: RecordedEvent): string | null {
  if (!isLogEntry(event)) return null;
  if (projection.begins[event.type] === undefined && projection.changes[event.type] === undefined) return null;
  return projection.keyOf(event);
}

function begun<Document, Type extends DomainEventType>(
  handlers: Begins<Document>,
  event: LogEntry<Type>,
): Document | undefined {
  const handler: ((event: LogEntry<Type>) => Document) | undefined = handlers[event.type];
  return handler?.(event);
}

function changed<Document, Type extends DomainEventType>(
  handlers: Changes<Document>,
  document: Document,
  event: LogEntry<Type>,
): Document | undefined {
  const handler: ((document: Document, event: LogEntry<Type>) => Document) | undefined = handlers[event.type];
  return handler?.(document, event);
}
