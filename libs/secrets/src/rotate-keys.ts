import type { Pool, PoolClient } from 'pg';
import { CannotOpenError } from './envelope.js';
import type { KeyProvider } from './key-provider.js';

/** How many secrets are under a key. */
export interface UnderKey {
  readonly key_id: string;
  readonly count: number;
}

export interface Rotation {
  readonly key_id: string;
  readonly rewrapped: readonly UnderKey[];
  readonly current: number;
  readonly remaining: number;
  readonly unopenable: readonly UnderKey[];
}

export interface RotationLimits {
  /** Secrets in one transaction. */
  readonly batch: number;
  /** Whether there is time for another batch. */
  readonly goOn: () => boolean;
}

interface WrappedRow {
  readonly ref: string;
  readonly key_id: string;
  readonly wrapped_key: Uint8Array;
}

/**
 * Wraps data keys again under the current key. Each batch is a transaction of its own, and a row that is done is not
 * looked at again: it can be stopped anywhere and run again, by several processes too. The sealed values do not change,
 * so a reader finds a row before or after, never in between.
 */
export async function rotateKeys(pool: Pool, keys: KeyProvider, { batch, goOn }: RotationLimits): Promise<Rotation> {
  const openable = (await underOtherKeys(pool, keys)).filter(({ key_id }) => keys.knows(key_id));
  const rewrapped = new Map<string, number>();
  for (const { key_id } of openable) {
    let after: string | null = '';
    while (after !== null && goOn()) {
      const done = await rewrapBatch(pool, keys, { keyId: key_id, after, limit: batch });
      if (done.count > 0) rewrapped.set(key_id, (rewrapped.get(key_id) ?? 0) + done.count);
      after = done.last;
    }
  }
  const left = await underOtherKeys(pool, keys);
  return {
    key_id: keys.keyId,
    rewrapped: [...rewrapped].map(([key_id, count]) => ({ key_id, count })),
    current: await countCurrent(pool, keys),
    remaining: left.filter(({ key_id }) => keys.knows(key_id)).reduce((sum, { count }) => sum + count, 0),
    unopenable: left.filter(({ key_id }) => !keys.knows(key_id)),
  };
}

interface Batch {
  readonly keyId: string;
  /** Exclusive. */
  readonly after: string;
  readonly limit: number;
}

/** `last`: where the next batch begins; null when there is none. */
async function rewrapBatch(
  pool: Pool,
  keys: KeyProvider,
  { keyId, after, limit }: Batch,
): Promise<{ readonly count: number; readonly last: string | null }> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query<WrappedRow>(takeBatch, [keyId, after, limit]);
    const wrapped = (await Promise.all(rows.map((row) => rewrap(keys, row)))).flatMap((row) => row ?? []);
    await client.query(saveBatch, [keys.keyId, wrapped.map(({ ref }) => ref), wrapped.map((row) => row.wrapped_key)]);
    await client.query('commit');
    return { count: wrapped.length, last: rows.at(-1)?.ref ?? null };
  } catch (error) {
    await abandon(client);
    throw error;
  } finally {
    client.release();
  }
}

/** Null for a row that was altered: it is left as it is, and the others go on. */
async function rewrap(keys: KeyProvider, { ref, key_id, wrapped_key }: WrappedRow) {
  try {
    return { ref, wrapped_key: await keys.wrap(await keys.unwrap(key_id, wrapped_key)) };
  } catch (error) {
    if (error instanceof CannotOpenError) return null;
    throw error;
  }
}

async function abandon(client: PoolClient): Promise<void> {
  await client.query('rollback').catch(() => undefined);
}

async function underOtherKeys(pool: Pool, { keyId }: KeyProvider): Promise<readonly UnderKey[]> {
  const { rows } = await pool.query<UnderKey>(
    'select key_id, count(*)::int as count from secrets.secret where key_id <> $1 group by key_id order by key_id',
    [keyId],
  );
  return rows;
}

async function countCurrent(pool: Pool, { keyId }: KeyProvider): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    'select count(*)::int as count from secrets.secret where key_id = $1',
    [keyId],
  );
  return rows[0]?.count ?? 0;
}

/** Another process that rotates has the rows that are locked: they are not this one's to wait for. */
const takeBatch = `
  select ref, key_id, wrapped_key from secrets.secret where key_id = $1 and ref > $2
  order by ref limit $3 for update skip locked`;
const saveBatch = `
  update secrets.secret as s set key_id = $1, wrapped_key = w.wrapped
  from unnest($2::text[], $3::bytea[]) as w (ref, wrapped) where s.ref = w.ref`;
