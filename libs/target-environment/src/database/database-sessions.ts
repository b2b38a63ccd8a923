import { crc32 } from 'node:zlib';
import type pg from 'pg';
import { Leases } from '../leases.js';
import { openDatabasePool } from './target-database.js';

export interface DatabaseSessionsOptions {
  /** Databases with open sessions at a time. */
  readonly maxOpen: number;
  readonly perDatabase: number;
  readonly idleMs: number;
}

/** Where a session goes to, and for which schema. */
export interface SchemaAddress {
  /** A secret: it is never part of an error. */
  readonly databaseUrl: string;
  readonly schema: string;
}

/**
 * Sessions with target databases. A session compiles and plans the functions of each schema that it meets, which takes
 * several times as long as running them, and keeps all that in memory: so each schema has its place at one of the few
 * sessions with its database.
 */
export class DatabaseSessions {
  readonly #places: Leases<pg.Pool>;
  readonly #perDatabase: number;

  constructor({ maxOpen, perDatabase, idleMs }: DatabaseSessionsOptions) {
    this.#perDatabase = perDatabase;
    this.#places = new Leases({
      max: maxOpen * perDatabase,
      idleMs,
      open: (place) => openDatabasePool(place.slice(place.indexOf(' ') + 1), { connections: 1, idleMs }),
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
