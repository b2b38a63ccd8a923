import { hash } from 'node:crypto';
import pg from 'pg';
import { withinTime, type CallOptions, type TimeLimit } from '../deadline.js';
import { TargetUnreachableError } from '../errors.js';
import { describeDatabase, type DatabaseDescription } from './connection-url.js';
import { databaseFailure } from './database-failure.js';
import type { DatabaseSessions, SchemaAddress } from './database-sessions.js';
import { quoteSchema } from './schema-name.js';

/** One target's schema in its database. Each query is one round trip on a pooled connection, and its own transaction. */
export class TargetDatabase {
  /** The schema as a quoted identifier. */
  readonly schema: string;
  readonly description: DatabaseDescription;
  readonly #sessions: DatabaseSessions;
  readonly #address: SchemaAddress;
  readonly #timeoutMs: number;

  /** @throws InvalidSchemaNameError, TargetUnreachableError (`invalid_url`) */
  constructor(sessions: DatabaseSessions, { databaseUrl, schema }: SchemaAddress, timeoutMs: number) {
    this.schema = quoteSchema(schema);
    this.description = describeDatabase(databaseUrl);
    this.#sessions = sessions;
    this.#address = { databaseUrl, schema };
    this.#timeoutMs = timeoutMs;
  }

  get schemaName(): string {
    return this.#address.schema;
  }

  /**
   * The first row, or undefined.
   * @param expected SQLSTATEs that the caller handles: thrown as they are
   * @throws TargetUnreachableError
   */
  async row<Row extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[],
    call: CallOptions & { readonly expected?: readonly string[] },
  ): Promise<Row | undefined> {
    try {
      return await withinTime(call, this.#timeoutMs, (limit) =>
        this.#sessions.use(
          this.#address,
          async (pool) =>
            (await query<Row>(pool, { name: statementName(text), text, values: [...values] }, limit)).rows[0],
        ),
      );
    } catch (error) {
      if (error instanceof pg.DatabaseError && call.expected?.includes(error.code ?? '')) throw error;
      throw await this.#explain(databaseFailure(error, this.description));
    }
  }

  /** A missing table alone does not tell whether its schema is there. */
  async #explain(failure: TargetUnreachableError): Promise<TargetUnreachableError> {
    if (failure.code !== 'schema_not_initialised') return failure;
    const row = await this.row<{ present: boolean }>(
      'select to_regnamespace($1) is not null as present',
      [this.schema],
      {},
    );
    return row?.present === false ? databaseFailure(missingSchema(), this.description) : failure;
  }
}

/** Sessions keep statements under names, so that each is read and planned once; the server looks at 63 bytes of a name. */
function statementName(text: string): string {
  return `m3-publish ${hash('sha1', text, 'base64url')}`;
}

/** The row of a function that always returns one. */
export function required<Row>(row: Row | undefined): Row {
  if (row === undefined)
    throw new TargetUnreachableError('database', 'unexpected_answer', 'The database answered without a result.');
  return row;
}

function missingSchema(): Error {
  return Object.assign(new Error('schema missing'), { code: '3F000' });
}

async function query<Row extends pg.QueryResultRow>(
  pool: pg.Pool,
  config: pg.QueryConfig,
  limit: TimeLimit,
): Promise<pg.QueryResult<Row>> {
  const client = await checkOut(pool, limit);
  try {
    const result = await limit.until(client.query<Row>(config));
    client.release();
    return result;
  } catch (error) {
    // After an error statement the session is sound; after anything else nobody knows what the socket still carries.
    client.release(!(error instanceof pg.DatabaseError && error.severity === 'ERROR'));
    throw error;
  }
}

async function checkOut(pool: pg.Pool, limit: TimeLimit): Promise<pg.PoolClient> {
  const connecting = pool.connect();
  try {
    return await limit.until(connecting);
  } catch (error) {
    if (limit.isOver) connecting.then((late) => late.release()).catch(() => undefined);
    throw error;
  }
}
