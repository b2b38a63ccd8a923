import pg from 'pg';
import type { LoggedEvent } from '../checker/evidence.js';
import { openTransactions } from '../watch/target-reader.js';

interface Row extends Omit<LoggedEvent, 'recordedAt'> {
  readonly recorded_at: Date;
}

/** Reads the product's own database as its administrator. */
export class LogReader {
  private readonly pool: pg.Pool;

  constructor(adminUrl: string) {
    this.pool = new pg.Pool({
      ...{ connectionString: adminUrl, max: 3, application_name: 'chaos-checker' },
      ...{ connectionTimeoutMillis: 5_000, query_timeout: 30_000 },
    });
    this.pool.on('error', () => undefined);
    this.pool.on('connect', (client) => void client.on('error', () => undefined));
  }

  /** The whole log; what has no place in the order yet comes last. */
  async events(): Promise<readonly LoggedEvent[]> {
    const { rows } = await this.pool.query<Row>(`
      select s.seq::int, e.stream, e.stream_version::int as version, e.type, e.data, e.recorded_at
      from event_store.event e left join event_store.seal s using (position)
      order by s.seq nulls last, e.position`);
    return rows.map(({ recorded_at, ...row }) => ({ ...row, recordedAt: recorded_at.toISOString() }));
  }

  /** How many publishes were begun, and how many of those have ended. */
  async progress(ends: readonly string[]): Promise<{ readonly begun: number; readonly ended: number }> {
    const { rows } = await this.pool.query<{ begun: number; ended: number }>(
      `select count(*) filter (where type in ('PublishTriggered', 'RollbackRequested'))::int as begun,
              count(*) filter (where type = any ($1))::int as ended
       from event_store.event`,
      [ends],
    );
    return rows[0] ?? { begun: 0, ended: 0 };
  }

  /** Whether the gateway has shown everything that there is. */
  async isShown(): Promise<boolean> {
    const { rows } = await this.pool.query<{ shown: boolean }>(`
      select (select count(*) from event_store.event) = (select coalesce(max(seq), 0) from event_store.seal)
         and (select min(seq) from read.checkpoint) >= (select coalesce(max(seq), 0) from event_store.seal) as shown`);
    return rows[0]?.shown === true;
  }

  /** Advisory locks that are held now. */
  async locks(): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ text: string }>(`
      select format('advisory lock %s-%s-%s of %s', classid, objid, objsubid, application_name) as text
      from pg_locks join pg_stat_activity using (pid)
      where locktype = 'advisory' and granted
        and pg_locks.database = (select oid from pg_database where datname = current_database())`);
    return rows.map(({ text }) => text);
  }

  async openTransactions(): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ text: string }>(openTransactions);
    return rows.map(({ text }) => text);
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}
