import type { EventRegistry, RecordedEvent } from '@m3/contracts';
import type { Pool } from 'pg';
import { AppendQueue } from './append-queue.js';
import { EventStoreUnavailableError, isTransient } from './errors.js';
import {
  eventTypeParsers,
  toRecordedEvent,
  toSealedRow,
  type EventHeadRow,
  type EventRow,
  type SealedEventRow,
  type SealedRow,
} from './event-rows.js';
import type { AppendContext, AppendResult, EventHead, EventStore, ReadLog, StreamWrite } from './event-store.js';
import type { GroupCommitLimits } from './group-commit.js';
import { prepareAppend } from './prepared-append.js';
import { readQueries } from './read-queries.js';
import { SealerWaker } from './sealer-waker.js';

const LIMITS: GroupCommitLimits = { concurrency: 2, batchSize: 256 };

/**
 * The {@link EventStore} on PostgreSQL. Appends that arrive together share a statement. The pool stays the caller's; its
 * role needs what `provisionRole` grants. When the server cannot be reached, methods throw {@link EventStoreUnavailableError}.
 */
export class PostgresEventStore implements EventStore {
  private readonly queue: AppendQueue;
  private readonly waker: SealerWaker;

  /** `registry` holds every event type that this store may meet. */
  constructor(
    private readonly pool: Pool,
    private readonly registry: EventRegistry,
    limits: Partial<GroupCommitLimits> = {},
  ) {
    this.queue = new AppendQueue(pool, { ...LIMITS, ...limits });
    this.waker = new SealerWaker(pool);
  }

  async append(writes: readonly StreamWrite[], context: AppendContext): Promise<AppendResult> {
    const prepared = prepareAppend(this.registry, writes, context);
    if (prepared.length === 0) return { outcome: 'appended', events: [] };
    const result = await this.queue.append(prepared);
    if (result.outcome === 'appended' && result.events.length > 0) this.waker.appended();
    return result;
  }

  async readStream(stream: string, afterVersion = 0): Promise<readonly RecordedEvent[]> {
    const rows = await this.rows<EventRow>(readQueries.stream, [stream, afterVersion]);
    return rows.map((row) => toRecordedEvent(this.registry, row));
  }

  async readLog({ afterSeq, limit, types }: ReadLog): Promise<readonly RecordedEvent[]> {
    const rows = types
      ? await this.rows<EventRow>(readQueries.logByType, [afterSeq, limit, distinct(types)])
      : await this.rows<EventRow>(readQueries.log, [afterSeq, limit]);
    return rows.map((row) => toRecordedEvent(this.registry, row));
  }

  async readHeads({ afterSeq, limit, types }: Required<ReadLog>): Promise<readonly EventHead[]> {
    const rows = await this.rows<EventHeadRow>(readQueries.headsByType, [afterSeq, limit, distinct(types)]);
    return rows.map(([seq, type, eventId, at]) => ({ seq, type, eventId, recordedAt: new Date(at).toISOString() }));
  }

  /** The log as it is stored, with digests: what audit exports and proofs are made of. */
  async readSealed({ afterSeq, limit, types }: ReadLog): Promise<readonly SealedRow[]> {
    const rows = types
      ? await this.rows<SealedEventRow>(readQueries.sealedByType, [afterSeq, limit, distinct(types)])
      : await this.rows<SealedEventRow>(readQueries.sealed, [afterSeq, limit]);
    return rows.map(toSealedRow);
  }

  async lastSeq(): Promise<number> {
    const [row] = await this.rows<[number]>(readQueries.lastSeq, []);
    return row?.[0] ?? 0;
  }

  private async rows<Row extends unknown[]>(query: { name: string; text: string }, values: unknown[]): Promise<Row[]> {
    try {
      const result = await this.pool.query<Row>({ ...query, values, rowMode: 'array', types: eventTypeParsers });
      return result.rows;
    } catch (error) {
      throw isTransient(error) ? new EventStoreUnavailableError({ cause: error }) : error;
    }
  }
}

function distinct(types: readonly string[]): string[] {
  return [...new Set(types)];
}
