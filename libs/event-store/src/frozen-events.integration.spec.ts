import { readdir, readFile } from 'node:fs/promises';
import { eventually } from '@m3/testing';
import { eventDigest, type StoredEvent } from './canonical-event.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { sampleRegistry } from './sample-events.spec.js';
import { createThrowawayLog, type ThrowawayLog } from './throwaway-log.spec.js';

/** An event as a release of the past stored it, and what every later release must make of it. Never to be changed. */
interface FrozenEvent {
  readonly stored: StoredEvent;
  readonly digest: string;
  readonly recordedAt: string;
  readonly read: object;
}

const folder = new URL('./frozen/', import.meta.url);
const frozen = await Promise.all(
  (await readdir(folder)).map(async (name) => ({
    name,
    event: JSON.parse(await readFile(new URL(name, folder), 'utf8')) as FrozenEvent,
  })),
);

let log: ThrowawayLog;
let store: PostgresEventStore;

beforeAll(async () => {
  log = await createThrowawayLog();
  store = new PostgresEventStore(log.owner, sampleRegistry);
  for (const { event } of frozen) await insert(event);
  await eventually('all are sealed', async () => {
    await log.owner.query('SELECT event_store.seal_next(100)');
    return (await store.lastSeq()) === frozen.length;
  });
});

afterAll(async () => {
  await log.drop();
});

async function insert({ stored, digest, recordedAt }: FrozenEvent): Promise<void> {
  const { stream, streamVersion, type, schemaVersion, eventId, data, metadata } = stored;
  await log.owner.query(
    `INSERT INTO event_store.event
       (transaction_id, stream, stream_version, type, schema_version, event_id, data, metadata, recorded_at, digest)
     VALUES (pg_current_xact_id(), $1, $2, $3, $4, $5, $6, $7, $8, decode($9, 'hex'))`,
    [stream, streamVersion, type, schemaVersion, eventId, data, metadata, recordedAt, digest],
  );
}

describe.each(frozen)('stored long ago: $name', ({ event: { stored, digest, recordedAt, read } }) => {
  it('reads as the current version of its type', async () => {
    const [event] = await store.readStream(stored.stream);

    expect(event).toEqual({ ...stored, data: read, recordedAt, position: expect.any(Number), seq: event?.seq });
    expect(await store.readLog({ afterSeq: (event?.seq ?? 0) - 1, limit: 1 })).toEqual([event]);
  });

  it('is proven by the digest of that time', async () => {
    const [event] = await store.readStream(stored.stream);
    const read = { afterSeq: (event?.seq ?? 0) - 1, limit: 1 };
    const [sealed] = await store.readSealed(read);

    expect(sealed).toEqual({ ...stored, digest, recordedAt, position: event?.position, seq: event?.seq });
    expect(sealed && eventDigest(sealed).toString('hex')).toBe(digest);
    expect(await store.readSealed({ ...read, types: [stored.type] })).toEqual([sealed]);
  });
});
