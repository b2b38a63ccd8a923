import pg from 'pg';
import type { HeldArtifact, TargetContents } from '../checker/evidence.js';

/** Reads targets from outside, each look in one statement, over a connection of its own that nothing breaks but the server. */
export class TargetReader {
  private readonly pool: pg.Pool;

  constructor(databaseUrl: string) {
    this.pool = new pg.Pool({
      ...{ connectionString: databaseUrl, max: 2, application_name: 'chaos-reader' },
      ...{ connectionTimeoutMillis: 5_000, query_timeout: 10_000 },
    });
    this.pool.on('error', () => undefined);
    this.pool.on('connect', (client) => void client.on('error', () => undefined));
  }

  /** @param newest how many releases to look at, beside the active one: a look has to be quick to see a short moment */
  async look(schema: string, newest = 1_000_000): Promise<TargetContents> {
    const { rows } = await this.pool.query<TargetContents>(statementFor(pg.escapeIdentifier(schema)), [newest]);
    const [row] = rows;
    if (row === undefined) throw new Error('the database answered nothing');
    return row;
  }

  /** Transactions that are open in this database, and advisory locks that are held, by others. */
  async leftovers(): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ text: string }>(openTransactions);
    return rows.map(({ text }) => text);
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}

/** Sessions that are in a transaction but do nothing. */
export const openTransactions = `
  select format('%s: %s since %s', application_name, state, xact_start) as text from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()
    and state like 'idle in transaction%' and xact_start < now() - interval '2 seconds'`;

type Kind = HeldArtifact['kind'];

/** `own`: the contents name the version. */
function statementFor(schema: string): string {
  const artifacts = (kind: Kind, contents: string) => `
    select '${kind}' as kind, name, version, strpos(${contents}::text, version) > 0 as own
    from ${schema}.${kind}_definition where version in (select version from seen)`;
  return `
    with seen as (
      (select version from ${schema}.release order by created_at desc, version desc limit $1)
      union select version from ${schema}.active_release
    ), artifacts as (
      ${artifacts('workflow', 'plan')} union all ${artifacts('agent', 'document')} union all ${artifacts('processor', 'document')}
    )
    select (select version from ${schema}.active_release) as active,
      array(select version from ${schema}.release where version in (select version from seen) order by version) as releases,
      (select coalesce(json_agg(json_build_object('version', version, 'weight', weight)), '[]')
         from ${schema}.traffic_route) as routes,
      (select coalesce(json_agg(artifacts order by kind, name), '[]') from artifacts) as artifacts`;
}
