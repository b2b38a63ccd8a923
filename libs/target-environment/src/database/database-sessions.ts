import { crc32 } from 'node:zlib';
import pg from 'pg';
import type { AddressPolicy } from '../http/address-policy.js';
import { Leases } from '../leases.js';
import { connectionSettings } from './connection-url.js';
import { guardedSockets } from './guarded-socket.js';

export interface DatabaseSessionsOptions {
  /** Databases with open sessions at a time. */
  readonly maxOpen: number;
  readonly perDatabase: number;
  readonly idleMs: number;
  /** Where sessions may go to. */
  readonly policy: AddressPolicy;
}

/** Where a session goes to, and for which schema. */
export interface SchemaAddress {
  /** A secret: it is never part of an error. */
  readonly databaseUrl: string;
  readonly schema: string;
}

/**
 * Sessions with target databases. A session compiles and plans the functions and statements of each schema that it meets,
 * which takes several times as long as running them, and keeps all that in memory: so each schema has its place at one of the
 * few sessions with its database.
 */
export class DatabaseSessions {
  readonly #places: Leases<pg.Pool>;
  readonly #perDatabase: number;

  constructor({ maxOpen, perDatabase, idleMs, policy }: DatabaseSessionsOptions) {
    this.#perDatabase = perDatabase;
    const stream = guardedSockets(policy);
    this.#places = new Leases({
      max: maxOpen * perDatabase,
      idleMs,
      open: (place) => openSession({ ...connectionSettings(place.slice(place.indexOf(' ') + 1)), stream }, idleMs),
      close: (pool) => pool.end(),
    });
  }

  use<Result>({ databaseUrl, schema }: SchemaAddress, work: (pool: pg.Pool) => Promise<Result>): Promise<Result> {
    return this.#places.use(`${crc32(schema) % this.#perDatabase} ${databaseUrl}`, work);
  }

  /** Refuses new users, waits for those at work, then closes every session. */
  close(): Promise<void> {
    return this.#places.close();
  }
}

/** Milliseconds after which the server itself gives up; calls have shorter deadlines of their own. */
const SERVER_LIMITS = { statement_timeout: 60_000, lock_timeout: 10_000, idle_in_transaction_session_timeout: 10_000 };

/** Statements call a function or look a row up by its key: a plan for each set of values costs more than it could save. */
const ONE_PLAN = '-c plan_cache_mode=force_generic_plan';

/** One session, opened when it is needed and closed after `idleMs` unused, so that a target at rest holds no socket. */
function openSession(address: pg.PoolConfig, idleMs: number): pg.Pool {
  const pool = new pg.Pool({
    ...address,
    ...SERVER_LIMITS,
    options: ONE_PLAN,
    application_name: 'm3-publish',
    max: 1,
    idleTimeoutMillis: idleMs,
    // Bounds what a session caches of the functions of many schemas.
    maxLifetimeSeconds: 900,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    allowExitOnIdle: true,
  });
  // The server may close a connection at rest; the pool replaces it, and there is nobody to tell.
  pool.on('error', () => undefined);
  // A connection may also break while somebody has it in hand, between two queries: without a listener that ends the process.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  return pool;
}
