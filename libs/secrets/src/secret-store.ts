import { randomBytes } from 'node:crypto';
import { newId } from '@m3/contracts';
import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import { CannotOpenError, open, seal } from './envelope.js';
import type { KeyProvider } from './key-provider.js';

interface SecretRow {
  key_id: string;
  wrapped_key: Buffer;
  sealed: Buffer;
}

/** What a secret is for. Each has a function in the database that opens it, and services may execute those that they need. */
export type SecretPurpose = 'target_database' | 'external_gate';

const openingQueries: Readonly<Record<SecretPurpose, string>> = {
  target_database: 'select key_id, wrapped_key, sealed from secrets.open_target_database($1, $2)',
  external_gate: 'select key_id, wrapped_key, sealed from secrets.open_external_gate($1, $2)',
};

/** The secrets of each purpose. */
export type SecretStores = Readonly<Record<SecretPurpose, SecretStore>>;

/** For the service that seals secrets of every purpose. */
export function secretStores(pool: Pool, keys: KeyProvider): SecretStores {
  return {
    target_database: new SecretStore(pool, keys, 'target_database'),
    external_gate: new SecretStore(pool, keys, 'external_gate'),
  };
}

/**
 * Keeps the secrets of one purpose sealed in PostgreSQL (envelope encryption) and opens them for services that act on
 * targets.
 */
export class SecretStore {
  /** Opened secrets stay in memory for a minute: a publish opens the same one in every step. */
  private readonly opened = new LRUCache<string, string>({ max: 2_000, ttl: 60_000 });

  constructor(
    private readonly pool: Pool,
    private readonly keys: KeyProvider,
    private readonly purpose: SecretPurpose,
  ) {}

  /** Seals a value for its owner and returns the reference that events carry instead. */
  async put(ownerId: string, value: string): Promise<string> {
    const ref = newId('secret');
    const dataKey = randomBytes(32);
    const wrapped = await this.keys.wrap(dataKey);
    const sealed = seal(dataKey, Buffer.from(value), ownerId);
    await this.pool.query(
      'insert into secrets.secret (ref, owner_id, purpose, key_id, wrapped_key, sealed) values ($1, $2, $3, $4, $5, $6)',
      [ref, ownerId, this.purpose, this.keys.keyId, wrapped, sealed],
    );
    return ref;
  }

  /** @throws CannotOpenError also for a reference that does not exist, belongs to another owner or is for something else */
  async get(ref: string, ownerId: string): Promise<string> {
    const cacheKey = `${ownerId} ${ref}`;
    const known = this.opened.get(cacheKey);
    if (known !== undefined) return known;
    const { rows } = await this.pool.query<SecretRow>({
      name: `open_${this.purpose}`,
      text: openingQueries[this.purpose],
      values: [ref, ownerId],
    });
    const row = rows[0];
    if (!row) throw new CannotOpenError(`there is no secret ${ref} of ${ownerId}`);
    const dataKey = await this.keys.unwrap(row.key_id, row.wrapped_key);
    const value = open(dataKey, row.sealed, ownerId).toString();
    this.opened.set(cacheKey, value);
    return value;
  }
}
