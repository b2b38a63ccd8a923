import { prepareDatabase } from '@m3/database';
import { EventRegistry, eventCatalogue } from '@m3/contracts';
import { createPool, MemoryEventStore, migrate } from '@m3/event-store';
import { createTestDatabase, eventually, type TestDatabase } from '@m3/testing';
import type { Pool } from 'pg';
import { LogFeed } from '../live/log-feed.js';
import { publishUpTo, told, type StoryEvent } from '../testing/stories.js';
import { CheckpointMovedError, Projector } from './projector.js';

const folder = new URL('../../migrations/', import.meta.url);
const tables = ['target', 'version', 'publish', 'approval', 'backup', 'notification', 'dead_letter'];
const schema = 'read';

let database: TestDatabase;
let pool: Pool;
let store: MemoryEventStore;
let feed: LogFeed;
const running: Projector[] = [];

beforeEach(async () => {
  database = await createTestDatabase({
    name: 'gateway',
    prepare: async (url) => {
      await prepareDatabase(url, () => 'secret');
    },
  });
  pool = createPool({ connectionString: database.url, applicationName: 'projector-test' });
  store = new MemoryEventStore(new EventRegistry(eventCatalogue));
  feed = new LogFeed({ store, pollMs: 5 });
  await feed.start();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((projector) => projector.stop()));
  await feed.stop();
  await pool.end();
  await database.drop();
});

function project(into = schema, faults: unknown[] = []): Projector {
  const projector = new Projector({
    pool,
    log: feed,
    schema: into,
    standbyMs: 20,
    onError: (error) => faults.push(error),
  });
  running.push(projector);
  projector.start();
  return projector;
}

async function append(events: readonly StoryEvent[]): Promise<void> {
  for (const { stream, type, data } of events) {
    const expectedVersion = (await store.readStream(stream)).length;
    await store.append([{ stream, expectedVersion, events: [{ type, data }] }], {
      actor: { kind: 'user', id: 'ann' },
      correlationId: 'c1',
      causationId: null,
      occurredAt: '2026-03-19T14:23:45.000Z',
    });
  }
}

async function caughtUp(into = schema): Promise<void> {
  const end = await store.lastSeq();
  await eventually(`${into} has come to ${end}`, async () => {
    const { rows } = await pool.query<{ seq: string }>(`SELECT seq FROM "${into}".checkpoint`);
    return Number(rows[0]?.seq) === end;
  });
}

async function contents(of = schema): Promise<unknown[]> {
  const rows = tables.map((table) => pool.query<object>(`SELECT * FROM "${of}"."${table}" ORDER BY id`));
  return (await Promise.all(rows)).map((result) => result.rows);
}

const history = (stories: readonly number[]) =>
  stories.flatMap((story) => [
    told(story, 'TargetCreated'),
    ...publishUpTo(story, story % 3 === 0 ? 'approvalAsked' : 'succeeded').slice(1),
    ...(story % 4 === 0 ? [told(story, 'DeadLetterRecorded'), told(story, 'TargetHeld')] : []),
  ]);

it('a read model that is dropped and projected again comes out identical, however the log is cut into batches', async () => {
  project();
  await append([told(1, 'VersionTagged'), told(1, 'VersionConflictDetected')]);
  for (const story of [1, 2, 3, 4, 5, 6]) await append(history([story]));
  await caughtUp();
  await migrate(pool, { schema: 'read_again', folder });
  project('read_again');
  await caughtUp('read_again');
  const before = await contents();
  expect(await contents('read_again')).toEqual(before);
  expect(before).not.toContainEqual([]);
});

it('several projectors: one projects, another takes over when it stops', async () => {
  const projectors = [project(), project(), project()];
  await append(history([1]));
  await caughtUp();
  const leader = projectors.find(({ isLeader }) => isLeader);
  expect(projectors.filter(({ isLeader }) => isLeader)).toHaveLength(1);
  await leader?.stop();
  await append(history([2]));
  await caughtUp();
  expect((await pool.query('SELECT id FROM read.publish')).rowCount).toBe(2);
});

it('a projector whose lock was lost unnoticed cannot write: the checkpoint has moved', async () => {
  const faults: unknown[] = [];
  project(schema, faults);
  await append(history([1]));
  await caughtUp();
  const rows = await contents();
  await pool.query('UPDATE read.checkpoint SET seq = seq - 1');
  await append([told(9, 'TargetCreated')]);
  await eventually('it notices', () => faults.some((fault) => fault instanceof CheckpointMovedError));
  await caughtUp();
  const [targets] = await contents();
  expect(targets).toHaveLength(2);
  expect((await contents()).slice(1)).toEqual(rows.slice(1));
});

it('goes on after its connection was cut', async () => {
  const projector = project();
  await append(history([1]));
  await caughtUp();
  await pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()`,
  );
  await append(history([2]));
  await caughtUp();
  expect(projector.isLeader).toBe(true);
});
