import type { RecordedEvent } from '@m3/contracts';
import { eventually } from '@m3/testing';
import type { Pool } from 'pg';
import type { EventStore } from './event-store.js';
import { context, placed } from './sample-events.spec.js';
import { slowWriter } from './slow-writer.spec.js';
import { tailLog } from './tail-log.js';

/** Rows now and then take a while to be written, so that transactions draw their positions in turns. */
const LAG = `
  CREATE FUNCTION event_store.lag() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_sleep(random() * 0.02); RETURN NEW; END $$;
  CREATE TRIGGER lag BEFORE INSERT ON event_store.event FOR EACH ROW
    WHEN (NEW.event_id::text LIKE '%7') EXECUTE FUNCTION event_store.lag()`;

export interface Observation {
  readonly appended: number;
  /** What each of the readers saw, who tailed the log meanwhile. */
  readonly readers: readonly (readonly RecordedEvent[])[];
}

/** Many writers of one to three events, some of whom keep their transactions open, and readers beside them. */
export async function observeLateCommits(owner: Pool, store: EventStore): Promise<Observation> {
  await owner.query(LAG);
  const done = new AbortController();
  const readers = [7, 50, 500].map((limit) => readUntil(store, done.signal, limit));
  const late = Array.from({ length: 6 }, async (_, n) => {
    for (let round = 0; round < 8; round++) {
      const streams = [`order-slow${n}`, `order-both${n}-${round}`];
      await slowWriter(owner, streams, round, (n * 37 + round * 53) % 180);
    }
  });
  const quick = Array.from({ length: 12 }, async (_, n) => {
    for (let round = 0; round < 40; round++) {
      const events = [placed(1), placed(2), placed(3)].slice(round % 3);
      await store.append(
        [{ stream: `order-${n}-${round % 4}`, expectedVersion: await version(n, round), events }],
        context,
      );
    }
  });
  await Promise.all([...late, ...quick]);
  const sealed = await lastSealed(owner, store);
  await eventually('the readers are at the end', () => readers.every(({ seen }) => seen.at(-1)?.seq === sealed));
  done.abort();
  await Promise.all(readers.map(({ ended }) => ended));
  const { rows } = await owner.query<{ events: number }>('SELECT count(*)::int AS events FROM event_store.event');
  return { appended: rows[0]?.events ?? 0, readers: readers.map(({ seen }) => seen) };

  async function version(n: number, round: number): Promise<number> {
    return (await store.readStream(`order-${n}-${round % 4}`)).length;
  }
}

/** What is wrong with what a reader saw. */
export function anomalies(events: readonly RecordedEvent[], appended: number): string[] {
  const found = events.flatMap(({ seq }, index) => (seq === index + 1 ? [] : [`seq ${seq} in place ${index + 1}`]));
  if (events.length !== appended) found.push(`${events.length} events seen, ${appended} appended`);
  const versions = new Map<string, number>();
  for (const { stream, streamVersion } of events) {
    const expected = (versions.get(stream) ?? 0) + 1;
    if (streamVersion !== expected) found.push(`${stream}: version ${streamVersion} in place of ${expected}`);
    versions.set(stream, streamVersion);
  }
  return found;
}

function readUntil(store: EventStore, signal: AbortSignal, limit: number) {
  const seen: RecordedEvent[] = [];
  const read = async (): Promise<void> => {
    for await (const batch of tailLog(store, { afterSeq: 0, signal, pollMs: 3, limit })) seen.push(...batch);
  };
  return { seen, ended: read() };
}

/** True when no transaction is open any more that wrote before now. */
export async function allEnded(owner: Pool): Promise<boolean> {
  const settled = `SELECT max(transaction_id) < pg_snapshot_xmin(pg_current_snapshot()) AS settled FROM event_store.event`;
  return (await owner.query<{ settled: boolean }>(settled)).rows[0]?.settled ?? false;
}

/** The last seq when nothing is left to seal. */
async function lastSealed(owner: Pool, store: EventStore): Promise<number> {
  await eventually('all has ended', () => allEnded(owner));
  await eventually('nothing is left to seal', async () => {
    const { rows } = await owner.query<{ stamped: number }>('SELECT stamped FROM event_store.seal_next(1000)');
    return rows[0]?.stamped === 0;
  });
  return store.lastSeq();
}
