import pg from 'pg';

export interface PoolOptions {
  readonly connectionString: string;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Connections at most; default 8. */
  readonly max?: number;
  /** Longest statement, in ms; default 15 000; 0: no limit, as migrations may need. */
  readonly statementTimeoutMs?: number;
  /** Called when an idle connection breaks; the pool replaces it. */
  readonly onError?: (error: Error) => void;
}

/**
 * A pool whose connections cannot hold up the log: a transaction left open stalls the sealer for everybody, so the server
 * ends it after five seconds. Answers that never come are given up on shortly after the server would have cancelled them.
 */
export function createPool(options: PoolOptions): pg.Pool {
  const statementTimeout = options.statementTimeoutMs ?? 15_000;
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    application_name: options.applicationName,
    max: options.max ?? 8,
    statement_timeout: statementTimeout,
    query_timeout: statementTimeout === 0 ? 0 : statementTimeout + 2_000,
    idle_in_transaction_session_timeout: 5_000,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    options: '-c timezone=UTC -c jit=off',
  });
  pool.on('error', (error) => options.onError?.(error));
  // A connection may also break while somebody has it in hand, between two queries: without a listener that ends the process.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  return pool;
}
