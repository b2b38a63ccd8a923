import { BundleStore } from '@m3/bundles';
import { declared, EventRegistry, eventCatalogue, type ScheduleEvent, type TargetDocument } from '@m3/contracts';
import { prepareDatabase, roleOf } from '@m3/database';
import { PostgresEventStore, Sealer, type AppendContext } from '@m3/event-store';
import { localKeyProvider, secretStores } from '@m3/secrets';
import { createTestDatabase, eventually, type TestDatabase } from '@m3/testing';
import pg from 'pg';
import { ActiveVersionTable } from '../adapters/postgres/active-versions.js';
import { ScheduleSnapshotTable } from '../adapters/postgres/schedule-snapshots.js';
import { ApplyTargets } from './apply-targets.js';
import { BundleSource } from './bundle-source.js';
import { ChangeTargets } from './change-targets.js';
import { CheckDocuments } from './check-documents.js';
import { RunSchedules } from './run-schedules.js';
import { scheduleStream } from './schedule-states.js';
import { TagVersion } from './tag-version.js';
import { TargetRegistry } from './target-registry.js';
import { VersionCatalogue } from './version-catalogue.js';
import { watchSchedules } from './watch-schedules.js';

let database: TestDatabase;
let pool: pg.Pool;
let sealer: Sealer;

beforeEach(async () => {
  database = await createTestDatabase({
    name: 'targets',
    prepare: async (url) => {
      await prepareDatabase(url, () => 'secret');
    },
  });
  pool = new pg.Pool({ connectionString: asService(database.url), max: 12 });
  sealer = new Sealer({ connectionString: database.url });
  sealer.start();
});
afterEach(async () => {
  await sealer.stop();
  await pool.end();
  await database.drop();
});

/** With the service's own role: what it may not do fails here too. */
function asService(adminUrl: string): string {
  const url = new URL(adminUrl);
  url.username = roleOf('targets');
  url.password = 'secret';
  return url.href;
}

/** The service at a time that the test sets, in as many processes as it wants. */
function serviceAt(time: string) {
  let now = new Date(time);
  const errors: unknown[] = [];
  const clock = () => now;
  const context = (): AppendContext => ({
    actor: { kind: 'user', id: 'ann' },
    ...{ correlationId: 'test', causationId: null, occurredAt: now.toISOString() },
  });
  const process = () => {
    const store = new PostgresEventStore(pool, new EventRegistry(eventCatalogue));
    const registry = new TargetRegistry(store);
    const targets = new ChangeTargets(store, registry);
    const key = localKeyProvider(Buffer.alloc(32, 7).toString('base64'));
    const documents = new CheckDocuments({ canRouteByVersion: () => Promise.resolve(false) }, (names) =>
      registry.promotions(names),
    );
    const applying = new ApplyTargets({ store, secrets: secretStores(pool, key), registry, targets, documents });
    const source = new BundleSource(() => Promise.resolve({ missing: 'no storage' }));
    const tagging = new TagVersion({ store, bundles: new BundleStore(pool), source, registry });
    const active = new ActiveVersionTable(pool, store);
    const schedules = new RunSchedules({
      ...{ store, versions: new VersionCatalogue(store), active, snapshots: new ScheduleSnapshotTable(pool) },
    });
    const log = { error: (...entry: readonly unknown[]) => void errors.push(entry) };
    const watch = watchSchedules({ pool, store, clock, log, service: 'targets' }, schedules);
    return { store, targets, applying, tagging, schedules, watch };
  };
  const one = process();
  const sealed = () =>
    eventually('the log is sealed', async () => {
      const { rows } = await pool.query(
        'select from event_store.event e left join event_store.seal s using (position) where s.seq is null',
      );
      return rows.length === 0;
    });
  return {
    ...one,
    ...{ process, errors, context, sealed },
    setClock: (to: string) => void (now = new Date(to)),
    apply: async (document: TargetDocument) => {
      const applied = await one.applying.apply({ documents: [document], dryRun: false }, context());
      const [target] = applied.outcome === 'accepted' ? applied.targets : [];
      if (!target) throw new Error(JSON.stringify(applied));
      await sealed();
      return target.target_id;
    },
    tag: async (version: string) => {
      const bundle = {
        inline: { workflows: [], agents: [{ name: 'reviewer', system_message: version }], processors: [], tests: [] },
      };
      const at = { tagged_by: 'ann', tagged_at: now.toISOString() };
      const tag = { project: 'invoice-pipeline', version, branch: 'main', commit: '4f2a9c1', ...at, bundle };
      const tagged = await one.tagging.tag(tag, { source: 'test', id: version }, context());
      expect(tagged).toMatchObject({ outcome: 'tagged' });
      await sealed();
    },
    activate: async (target_id: string, version: string) => {
      const data = { ...declared('VersionActivated').example, target_id, version };
      const stream = `publish-pub_${version}`;
      const deployer = new pg.Pool({ connectionString: database.url, max: 1 });
      const store = new PostgresEventStore(deployer, new EventRegistry(eventCatalogue));
      await store.append([{ stream, expectedVersion: 0, events: [{ type: 'VersionActivated', data }] }], context());
      await deployer.end();
      await sealed();
    },
    recorded: async (targetId: string) =>
      (await one.store.readStream(scheduleStream(targetId))).map(({ type, data }) => ({ type, data }) as ScheduleEvent),
    triggered: async (version: string) =>
      (await one.store.readStream(`version-invoice-pipeline:${version}`)).filter(
        ({ type }) => type === 'PublishTriggered',
      ),
  };
}

const document = (schedule: TargetDocument['schedule']): TargetDocument => ({
  ...{ name: 'Production US East', environment: 'production', type: 'scheduled', gateway_id: 'g1' },
  ...{ gateway_url: 'https://gateway.example.com', schema: 'production' },
  database_url: 'postgresql://deploy:secret@db.example.com:5432/m3',
  ...(schedule === undefined ? {} : { schedule }),
});
const nightly = { cron: '0 2 * * *', timezone: 'America/New_York', deploy_latest_version: true };

describe('a scheduled target', () => {
  it('is published once when its time comes, though three processes look at the same moment', async () => {
    const service = serviceAt('2026-03-07T12:00:00.000Z');
    const targetId = await service.apply(document(nightly));
    await service.tag('v1.3.0');
    const processes = [service.process(), service.process(), service.process()];
    const tick = () => Promise.all(processes.map(({ watch }) => watch.tick()));

    await tick();
    service.setClock('2026-03-08T06:59:59.000Z');
    await tick();
    expect(await service.recorded(targetId)).toEqual([]);
    service.setClock('2026-03-08T07:00:00.000Z');
    await Promise.all(processes.map(({ schedules }) => schedules.look(targetId, service.context())));
    await tick();

    const [occurrence, ...others] = await service.recorded(targetId);
    expect(others).toEqual([]);
    expect(occurrence).toMatchObject({
      type: 'ScheduleOccurred',
      data: { outcome: 'published', version: 'v1.3.0', next_at: '2026-03-09T06:00:00.000Z' },
    });
    expect((await service.triggered('v1.3.0')).map(({ data }) => data)).toEqual([
      expect.objectContaining({
        ...{ trigger: 'schedule', trigger_key: 'schedule:2026-03-08T07:00:00.000Z' },
        ...{ requested_by: 'schedule', tagged_by: 'ann' },
        publish_id: occurrence?.type === 'ScheduleOccurred' ? occurrence.data.publish_id : null,
      }),
    ]);
    expect(service.errors).toEqual([]);
  });

  it('is looked at again at each of its times, over days, by a clock of its own', async () => {
    const service = serviceAt('2026-03-07T12:00:00.000Z');
    const targetId = await service.apply(document(nightly));
    for (const time of ['2026-03-08T07:00:00.200Z', '2026-03-09T06:00:00.200Z', '2026-03-10T06:00:00.200Z']) {
      await service.watch.tick();
      service.setClock(time);
      await service.process().watch.tick();
    }
    const times = (await service.recorded(targetId)).map(({ data }) => Reflect.get(data, 'occurrence_at') as string);
    expect(times).toEqual(['2026-03-08T07:00:00.000Z', '2026-03-09T06:00:00.000Z', '2026-03-10T06:00:00.000Z']);
  });

  it('makes up for its latest time alone after everything was down, also with its timers lost', async () => {
    const service = serviceAt('2026-03-07T12:00:00.000Z');
    const targetId = await service.apply(document(nightly));
    await service.tag('v1.3.0');
    await service.watch.tick();
    await pool.query('delete from process.deadline');
    await pool.query('delete from process.checkpoint');
    service.setClock('2026-03-12T06:30:00.000Z');
    await service.process().watch.tick();

    expect(await service.recorded(targetId)).toMatchObject([
      {
        type: 'OccurrencesMissed',
        data: { from: '2026-03-08T07:00:00.000Z', to: '2026-03-11T06:00:00.000Z', count: 4 },
      },
      { type: 'ScheduleOccurred', data: { occurrence_at: '2026-03-12T06:00:00.000Z', outcome: 'published' } },
    ]);
  });

  it('goes by new times from their change on', async () => {
    const service = serviceAt('2026-03-07T12:00:00.000Z');
    const targetId = await service.apply(document(nightly));
    await service.watch.tick();
    service.setClock('2026-03-08T06:00:00.000Z');
    await service.apply(document({ ...nightly, cron: '0 4 * * *' }));
    await service.watch.tick();
    service.setClock('2026-03-08T07:00:00.000Z');
    await service.watch.tick();
    expect(await service.recorded(targetId)).toEqual([]);
    service.setClock('2026-03-08T08:00:00.000Z');
    await service.watch.tick();
    expect(await service.recorded(targetId)).toMatchObject([{ data: { occurrence_at: '2026-03-08T08:00:00.000Z' } }]);
  });

  it('is not published what it runs already', async () => {
    const service = serviceAt('2026-03-07T12:00:00.000Z');
    const targetId = await service.apply(document({ ...nightly, deploy_latest_version: false, version: 'v1.3.0' }));
    await service.tag('v1.3.0');
    await service.activate(targetId, 'v1.3.0');
    await service.watch.tick();
    service.setClock('2026-03-08T07:00:00.000Z');
    await service.watch.tick();
    expect(await service.recorded(targetId)).toMatchObject([
      { data: { outcome: 'nothing_new', reason: 'v1.3.0 is active', version: 'v1.3.0', publish_id: null } },
    ]);
    expect(await service.triggered('v1.3.0')).toEqual([]);
  });

  it('with years of minutes behind it is read by a process that starts from its last snapshot on, if there is one', async () => {
    const service = serviceAt('2026-03-07T12:00:00.000Z');
    const targetId = await service.apply(document({ ...nightly, cron: '* * * * *' }));
    const stream = scheduleStream(targetId);
    const minute = (n: number) => new Date(Date.parse('2026-03-07T12:00:00.000Z') + n * 60_000).toISOString();
    const past = Array.from({ length: 1_000 }, (_, n): ScheduleEvent => {
      const data = { ...declared('ScheduleOccurred').example, target_id: targetId, occurrence_at: minute(n + 1) };
      const nothing = { outcome: 'nothing_new', publish_id: null } as const;
      return { type: 'ScheduleOccurred', data: { ...data, ...nothing, next_at: minute(n + 2) } };
    });
    await service.store.append([{ stream, expectedVersion: 0, events: past }], service.context());
    /** How many events of the schedule a process reads that looks for the first time. */
    const start = async (now: string): Promise<number> => {
      service.setClock(now);
      const { store, schedules } = service.process();
      const readStream = store.readStream.bind(store);
      let read = 0;
      store.readStream = async (name, afterVersion) => {
        const events = await readStream(name, afterVersion);
        if (name === stream) read += events.length;
        return events;
      };
      expect(await schedules.look(targetId, service.context())).toBe(
        minute((Date.parse(now) - Date.parse(minute(0))) / 60_000 + 1),
      );
      return read;
    };
    expect(await start(minute(1_001))).toBe(1_000);
    expect(await start(minute(1_002))).toBeLessThan(10);
    await pool.query('update targets.schedule_snapshot set format = 0');
    expect(await start(minute(1_003))).toBe(1_002);
    await pool.query('delete from targets.schedule_snapshot');
    expect(await start(minute(1_004))).toBe(1_003);
    const settled = (await service.recorded(targetId)).map(({ data }) => Reflect.get(data, 'occurrence_at') as string);
    expect(settled).toEqual(Array.from({ length: 1_004 }, (_, n) => minute(n + 1)));
  });

  it('decides on the target as it stands, though the log is not sealed yet', async () => {
    const service = serviceAt('2026-03-07T12:00:00.000Z');
    const targetId = await service.apply(document(nightly));
    await service.tag('v1.3.0');
    const other = service.process();
    await other.schedules.look(targetId, service.context());
    await sealer.stop();
    service.setClock('2026-03-08T07:00:00.000Z');
    await service.targets.handle(targetId, { type: 'disable' }, service.context());
    await other.schedules.look(targetId, service.context());
    expect(await service.recorded(targetId)).toMatchObject([{ data: { outcome: 'not_published' } }]);
  });
});
