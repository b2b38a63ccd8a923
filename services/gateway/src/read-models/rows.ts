import { setTimeout as pause } from 'node:timers/promises';
import { escapeIdentifier, type Pool } from 'pg';
import type { Page } from '@m3/contracts';
import { refuse } from '../http/problem-error.js';
import { patienceFor } from './patience.js';

const STEP_MS = 20;

/** Which rows of a read model, newest first. */
export interface RowQuery {
  /** Columns that must have these values; undefined: any. Names are ours, values are the caller's. */
  readonly where?: Readonly<Record<string, string | undefined>>;
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
  /** Fields of the documents that are not read: the type argument leaves them out too. */
  readonly without?: readonly string[];
}

/** A document with the position of the last event that went into it. */
export interface Found<Document> {
  readonly document: Document;
  readonly asOf: number;
}

/** Reads rows of the read models. */
export class RowReader {
  constructor(
    readonly pool: Pool,
    private readonly schema: string,
    readonly now: () => Date,
  ) {}

  /** Quoted, with its schema. */
  table(name: string): string {
    return `${escapeIdentifier(this.schema)}.${escapeIdentifier(name)}`;
  }

  /** Pages are stable while rows are added: the cursor is the place in the log where a row began. */
  async page<Document>(table: string, query: RowQuery): Promise<Page<Document>> {
    const limit = query.limit ?? 50;
    const wanted = Object.entries(query.where ?? {}).flatMap(([column, value]) =>
      value === undefined ? [] : [{ column, value }],
    );
    const before = query.cursor === undefined ? null : seqOfCursor(query.cursor);
    const conditions = wanted.map(({ column }, index) => `${escapeIdentifier(column)} = $${index + 4}`);
    if (before !== null) conditions.push('seq < $2');
    else conditions.push('$2::bigint IS NULL');
    const { rows } = await this.pool.query<{ seq: string; document: Document }>(
      `SELECT seq, document - $3::text[] AS document FROM ${this.table(table)} WHERE ${conditions.join(' AND ')} ORDER BY seq DESC LIMIT $1`,
      [limit + 1, before, query.without ?? [], ...wanted.map(({ value }) => value)],
    );
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return { items: items.map(({ document }) => document), next_cursor: last ? cursorOfSeq(last.seq) : null };
  }

  /** Reads again for a moment if what is asked for may be so new that it is not projected yet. */
  async found<Result>(idOrName: string, read: () => Promise<Result | undefined>): Promise<Result | undefined> {
    const deadline = performance.now() + patienceFor(idOrName, this.now().getTime());
    for (;;) {
      const result = await read();
      if (result !== undefined || performance.now() >= deadline) return result;
      await pause(STEP_MS);
    }
  }

  async one<Document>(table: string, id: string): Promise<Found<Document> | undefined> {
    const { rows } = await this.pool.query<{ as_of: string; document: Document }>(
      `SELECT as_of, document FROM ${this.table(table)} WHERE id = $1`,
      [id],
    );
    const [row] = rows;
    return row && { document: row.document, asOf: Number(row.as_of) };
  }
}

function cursorOfSeq(seq: string): string {
  return Buffer.from(`seq:${seq}`).toString('base64url');
}

function seqOfCursor(cursor: string): string {
  const seq = /^seq:([1-9]\d{0,17})$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1];
  if (seq === undefined) {
    throw refuse('invalid_cursor', 'Take the cursor from next_cursor of the page before, unchanged.', {
      field: '/cursor',
    });
  }
  return seq;
}
