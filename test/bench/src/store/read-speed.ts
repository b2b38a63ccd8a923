import { performance } from 'node:perf_hooks';
import type { EventStore } from '@m3/event-store';
import type { Pool } from 'pg';

const PAGE = 1_000;

/** Events per second when the whole log is read through the store, in pages. */
export async function logReadsPerSecond(store: Pick<EventStore, 'readLog'>): Promise<number> {
  const begin = performance.now();
  let events = 0;
  for (let afterSeq = 0; ;) {
    const page = await store.readLog({ afterSeq, limit: PAGE });
    events += page.length;
    const last = page.at(-1)?.seq;
    if (typeof last !== 'number') return perSecond(events, begin);
    afterSeq = last;
  }
}

const BARE = `SELECT position, stream, stream_version, category, type, schema_version, event_id, data, metadata, recorded_at
  FROM event_store.event WHERE position > $1 ORDER BY position LIMIT ${PAGE}`;

/** Rows per second when the same driver just reads the same columns in pages of the same size, unchecked and unordered by `seq`. */
export async function bareReadsPerSecond(pool: Pool): Promise<number> {
  const begin = performance.now();
  let events = 0;
  for (let after = '0'; ;) {
    const { rows } = await pool.query<{ position: string }>({ name: 'bare', text: BARE, values: [after] });
    events += rows.length;
    const last = rows.at(-1)?.position;
    if (last === undefined) return perSecond(events, begin);
    after = last;
  }
}

function perSecond(events: number, begin: number): number {
  return events / ((performance.now() - begin) / 1000);
}
