import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';

/**
 * Appends one event to each of the streams in one transaction that stays open for a while before it commits. Streams with
 * `slow` in their name stand at `version`, the others at 0. Given a client, the transaction is the caller's.
 */
export async function slowWriter(
  on: Pool | PoolClient,
  streams: readonly string[],
  version: number,
  openMs: number,
): Promise<void> {
  const append = `SELECT outcome FROM event_store.append_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`;
  const each = <Value>(value: (stream: string, index: number) => Value): Value[] => streams.map(value);
  const values = [
    each(() => 0),
    streams,
    each((stream) => (stream.includes('slow') ? version : 0)),
    each((_, index) => index + 1),
    each(() => 'OrderPlaced'),
    each(() => 1),
    each(() => randomUUID()),
    each(() => '{"number": 1}'),
    each(() => '{}'),
    each(() => Buffer.alloc(32)),
  ];
  if (!('totalCount' in on)) {
    await on.query(append, values);
    return;
  }
  const client = await on.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query<{ outcome: string }>(append, values);
    expect(rows.map(({ outcome }) => outcome)).toEqual(streams.map(() => 'appended'));
    await client.query('SELECT pg_sleep($1)', [openMs / 1000]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}
