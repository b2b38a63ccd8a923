import { LRUCache } from 'lru-cache';
import { escapeIdentifier, type PoolClient } from 'pg';
import type { RecordedEvent } from '@m3/contracts';
import { isLogEntry, type LogEntry } from './log-entry.js';
import { evolveRow, rowOf, type Projection, type Row } from './projection.js';

/** Rows kept in memory between batches, so that an event of a publish under way needs no read. */
const ROWS_KEPT = 500;

/** A read model that batches of events can be applied to, whatever its documents are. */
export interface BatchWriter {
  /** Applies a batch within the caller's transaction: at most one read and one write, however many rows it touches. */
  apply(client: PoolClient, events: readonly RecordedEvent[]): Promise<void>;
  /** Forgets what it keeps in memory: after a transaction that failed, or when somebody else has written. */
  forget(): void;
}

/** Writes the rows of one projection. Only whoever holds the projector's lock may use it, for it trusts its memory. */
export class TableWriter<Document extends object> implements BatchWriter {
  private readonly kept = new LRUCache<string, Row<Document>>({ max: ROWS_KEPT });
  private readonly table: string;
  private upsert: string | null = null;

  constructor(
    private readonly projection: Projection<Document>,
    schema: string,
  ) {
    this.table = `${escapeIdentifier(schema)}.${escapeIdentifier(projection.table)}`;
  }

  async apply(client: PoolClient, events: readonly RecordedEvent[]): Promise<void> {
    const byRow = this.group(events);
    if (byRow.size === 0) return;
    await this.load(client, [...byRow.keys()]);
    const touched = [...byRow].flatMap(([id, entries]) => this.evolve(id, entries));
    if (touched.length > 0) await this.write(client, touched);
  }

  forget(): void {
    this.kept.clear();
  }

  private group(events: readonly RecordedEvent[]): Map<string, LogEntry[]> {
    const byRow = new Map<string, LogEntry[]>();
    for (const event of events) {
      const id = rowOf(this.projection, event);
      if (id === null || !isLogEntry(event)) continue;
      const entries = byRow.get(id);
      if (entries) entries.push(event);
      else byRow.set(id, [event]);
    }
    return byRow;
  }

  private async load(client: PoolClient, ids: readonly string[]): Promise<void> {
    const missing = ids.filter((id) => !this.kept.has(id));
    if (missing.length === 0) return;
    const { rows } = await client.query<{ id: string; seq: string; as_of: string; document: Document }>({
      name: `load ${this.table}`,
      text: `SELECT id, seq, as_of, document FROM ${this.table} WHERE id = ANY ($1)`,
      values: [missing],
    });
    for (const { id, seq, as_of, document } of rows) {
      this.kept.set(id, { id, seq: Number(seq), asOf: Number(as_of), document });
    }
  }

  private evolve(id: string, entries: readonly LogEntry[]): Row<Document>[] {
    const before = this.kept.get(id);
    let row = before;
    for (const entry of entries) row = evolveRow(this.projection, id, row, entry);
    if (row === undefined || row === before) return [];
    this.kept.set(id, row);
    return [row];
  }

  private async write(client: PoolClient, rows: readonly Row<Document>[]): Promise<void> {
    const records = rows.map(({ id, seq, asOf, document }) => ({
      ...this.projection.columns(document),
      ...{ id, seq, as_of: asOf, document },
    }));
    const [first] = rows;
    if (first === undefined) return;
    this.upsert ??= upsertSql(this.table, Object.keys(this.projection.columns(first.document)));
    await client.query({ name: `upsert ${this.table}`, text: this.upsert, values: [JSON.stringify(records)] });
  }
}

/** One statement for any number of rows, which come as one JSON array. */
function upsertSql(table: string, columns: readonly string[]): string {
  const changing = [...columns, 'as_of', 'document'];
  const all = ['id', 'seq', ...changing].join(', ');
  const types = ['id text', 'seq bigint', ...columns.map((name) => `${name} text`), 'as_of bigint', 'document jsonb'];
  return `INSERT INTO ${table} (${all})
    SELECT ${all} FROM jsonb_to_recordset($1::jsonb) AS row (${types.join(', ')})
    ON CONFLICT (id) DO UPDATE SET ${changing.map((name) => `${name} = excluded.${name}`).join(', ')}`;
}
