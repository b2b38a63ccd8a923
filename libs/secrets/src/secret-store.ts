import { randomBytes } from 'node:crypto';
import { newId } from '@m3/contracts';
import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import { CannotOpenError, open, seal } from './envelope.js';
import type { KeyProvider } from './key-provider.js';

interface SecretRow {
  owner_id: string;
  key_id: string;
  wrapped_key: Buffer;
  sealed: Buffer;
}

/** Keeps secrets sealed in PostgreSQL (envelope encryption) and opens them for services that act on targets. */
export class SecretStore {
  /** Opened secrets stay in memory for a minute: a publish opens the same one in every step. */
  private readonly opened = new LRUCache<string, string>({ max: 2_000, ttl: 60_000 });

  constructor(
    private readonly pool: Pool,
    private readonly keys: KeyProvider,
  ) {}

  /** Seals a value for its owner and returns the reference that events carry instead. */
  async put(ownerId: string, value: string): Promise<string> {
    const ref = newId('secret');
    const dataKey = randomBytes(32);
    const wrapped = await this.keys.wrap(dataKey);
    const sealed = seal(dataKey, Buffer.from(value), ownerId);
    await this.pool.query(
      'insert into secrets.secret (ref, owner_id, key_id, wrapped_key, sealed) values ($1, $2, $3, $4, $5)',
      [ref, ownerId, this.keys.keyId, wrapped, sealed],
    );
    return ref;
  }

  /** @throws CannotOpenError also for a reference that does not exist or belongs to another owner */
  async get(ref: string, ownerId: string): Promise<string> {
    const cacheKey = `${ownerId} ${ref}`;
    const known = this.opened.get(cacheKey);
    if (known !== undefined) return known;
    const { rows } = await this.pool.query<SecretRow>({
      name: 'read_secret',
      text: 'select owner_id, key_id, wrapped_key, sealed from secrets.secret where ref = $1',
      values: [ref],
    });
    const row = rows[0];
    if (!row || row.owner_id !== ownerId) throw new CannotOpenError(`there is no secret ${ref} of ${ownerId}`);
    const dataKey = await this.keys.unwrap(row.key_id, row.wrapped_key);
    const value = open(dataKey, row.sealed, ownerId).toString();
    this.opened.set(cacheKey, value);
    return value;
  }
}
