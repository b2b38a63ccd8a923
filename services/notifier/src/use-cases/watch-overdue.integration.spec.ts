import {
  declared,
  EventRegistry,
  eventCatalogue,
  newId,
  type DomainEventType,
  type EventData,
  type NewEvent,
} from '@m3/contracts';
import { prepareDatabase } from '@m3/database';
import { PostgresEventStore, Sealer } from '@m3/event-store';
import { createTestDatabase, eventually, type TestDatabase } from '@m3/testing';
import pg from 'pg';
import { Registry } from 'prom-client';
import { watchDuties } from './watch-duties.js';
import { watchOverdue } from './watch-overdue.js';
import { gaugeOverdue } from './watchdog.js';

/** The notifier alone: whatever the deployer said before it went away stands in the log. */
let database: TestDatabase;
let sealer: Sealer;
let deployer: pg.Pool;
let notifier: pg.Pool;
let targets: pg.Pool;
const registry = new EventRegistry(eventCatalogue);

beforeAll(async () => {
  database = await createTestDatabase();
  const urls = await prepareDatabase(database.url, () => 'secret');
  deployer = new pg.Pool({ connectionString: urls.deployer, max: 2 });
  notifier = new pg.Pool({ connectionString: urls.notifier, max: 4 });
  targets = new pg.Pool({ connectionString: urls.targets, max: 2 });
  sealer = new Sealer({ connectionString: database.url });
  sealer.start();
});
afterAll(async () => {
  await sealer.stop();
  await Promise.all([deployer.end(), notifier.end(), targets.end()]);
  await database.drop();
});

const began = '2026-03-19T14:23:45.000Z';
const deadline_at = '2026-03-19T14:30:00.000Z';
const late = 30;

/** One of the two watches, at a time that the test sets; `say` appends as the service that the pool belongs to. */
function watched(watches = watchOverdue, as = deployer) {
  const publish = newId('publish');
  const target_id = newId('target');
  let now = began;
  const log = new PostgresEventStore(as, registry);
  const store = new PostgresEventStore(notifier, registry);
  const errors: unknown[] = [];
  const watch = watches({
    ...{ pool: notifier, store, late, clock: () => new Date(now) },
    log: { error: (...said: unknown[]) => void errors.push(said) },
  });
  const say = async (stream: string, ...events: NewEvent[]): Promise<void> => {
    const expectedVersion = (await log.readStream(stream)).length;
    const context = { actor: { kind: 'service', id: 'deployer' }, correlationId: 'test', causationId: null } as const;
    const appended = await log.append([{ stream, expectedVersion, events }], { ...context, occurredAt: now });
    expect(appended.outcome).toBe('appended');
  };
  const sealed = async () => {
    const { rows } = await deployer.query<{ open: boolean }>(
      'select exists (select from event_store.event e left join event_store.seal s using (position) where s.position is null) as open',
    );
    return rows[0]?.open === false;
  };
  return {
    ...{ publish, target_id, say, errors },
    at: async (time: string) => {
      now = time;
      await eventually('the log is sealed', sealed);
      await watch.tick();
    },
    told: async (stream: string) => (await store.readStream(stream)).map(({ type }) => type),
    alerts: async () =>
      (await store.readStream(`notification-overdue.${publish}`)).map(({ type, data }) => ({ type, data })),
  };
}

function event<Type extends DomainEventType>(type: Type, data: Partial<EventData<Type>>): NewEvent {
  return { type, data: { ...structuredClone<object>(declared(type).example), ...data } };
}

const requested = (publish_id: string) => event('PublishRequested', { publish_id });
const backup = (publish_id: string) =>
  event('BackupRequested', { subject: { ...declared('BackupRequested').example.subject, publish_id }, deadline_at });

/** How much is late, as the metrics say. */
async function overdueNow(): Promise<number> {
  const metrics = new Registry();
  gaugeOverdue(metrics, notifier);
  return Number(/^m3_overdue (\d+)$/m.exec(await metrics.metrics())?.[1]);
}

describe('a publish that is past its deadline while nobody keeps it', () => {
  it('is told of once, and again when it has moved on', async () => {
    const { publish, say, at, alerts, errors } = watched();
    await say(`publish-${publish}`, requested(publish), backup(publish));
    await at('2026-03-19T14:30:29.000Z');
    expect(await alerts()).toEqual([]);

    await at('2026-03-19T14:30:31.000Z');
    await at('2026-03-19T14:31:00.000Z');
    await at('2026-03-19T14:40:00.000Z');
    expect(await alerts()).toMatchObject([
      { type: 'DeadlineMissed', data: { publish_id: publish, service: 'backups', deadline_at } },
    ]);
    expect(await overdueNow()).toBe(1);

    await say(`publish-${publish}`, event('PublishFailed', { publish_id: publish, step: 'backing_up' }));
    await at('2026-03-19T14:41:00.000Z');
    await at('2026-03-19T15:00:00.000Z');
    expect((await alerts()).map(({ type }) => type)).toEqual(['DeadlineMissed', 'DeadlineCaughtUp']);
    expect(await overdueNow()).toBe(0);
    expect(errors).toEqual([]);
  });

  it('is told of too if it has its slot, and no step has begun', async () => {
    const { publish, target_id, say, at, alerts } = watched();
    const slot = { publish_id: publish, target_id };
    await say(`publish-${publish}`, requested(publish), event('SlotAwaited', { ...slot, ahead: [newId('publish')] }));
    await at('2026-03-19T16:00:00.000Z');
    expect(await alerts()).toEqual([]);

    await say(`slot-${target_id}`, event('SlotGranted', { ...slot, fence: 10 }));
    await at('2026-03-19T16:00:29.000Z');
    expect(await alerts()).toEqual([]);
    await at('2026-03-19T16:00:31.000Z');
    expect(await alerts()).toMatchObject([{ type: 'DeadlineMissed', data: { service: 'deployer' } }]);
  });

  it('that goes on in time is told of to nobody', async () => {
    const { publish, say, at, alerts } = watched();
    await say(`publish-${publish}`, requested(publish), backup(publish));
    await at('2026-03-19T14:24:00.000Z');
    await say(`publish-${publish}`, event('PublishSucceeded', { publish_id: publish }));
    await at('2026-03-19T18:00:00.000Z');
    expect(await alerts()).toEqual([]);
  });
});

describe('a schedule that does not fire', () => {
  const at = (time: string) => `2026-03-20T${time}.000Z`;
  const example = declared('TargetCreated').example;
  const schedule = { cron: '0 2 * * *', timezone: 'UTC' };
  const scheduled = (target_id: string) =>
    event('TargetCreated', { target_id, document: { ...example.document, type: 'scheduled', schedule } });
  const occurred = (target_id: string, next_at: string) => event('ScheduleOccurred', { target_id, next_at });

  it('is told of once, and again when it has fired after all', async () => {
    const { target_id, say, at: when, told, errors } = watched(watchDuties, targets);
    const stream = `notification-duty.schedule.${target_id}`;
    await say(`target-${target_id}`, scheduled(target_id));
    await when(at('02:00:29'));
    expect(await told(stream)).toEqual([]);

    await when(at('02:00:31'));
    await when(at('02:01:00'));
    await when(at('03:00:00'));
    expect(await told(stream)).toEqual(['DutyMissed']);
    const late = await overdueNow();
    expect(late).toBeGreaterThan(0);

    await say(`schedule-${target_id}`, occurred(target_id, '2026-03-21T02:00:00.000Z'));
    await when(at('03:01:00'));
    await when(at('04:00:00'));
    expect(await told(stream)).toEqual(['DutyMissed', 'DutyCaughtUp']);
    expect(await overdueNow()).toBeLessThan(late);
    expect(errors).toEqual([]);
  });

  it('is told of to nobody before everybody had time to come back after an outage', async () => {
    const { target_id, say, at: when, told } = watched(watchDuties, targets);
    const stream = `notification-duty.schedule.${target_id}`;
    await say(`target-${target_id}`, scheduled(target_id));
    await say(`schedule-${target_id}`, occurred(target_id, began));
    await when('2026-03-19T14:24:10.000Z');
    expect(await told(stream)).toEqual([]);
    await when('2026-03-19T14:24:16.000Z');
    expect(await told(stream)).toEqual(['DutyMissed']);
  });
});

describe('an approval', () => {
  it('that nobody opens is told of', async () => {
    const { publish, say, at, alerts } = watched();
    const asked = declared('ApprovalRequested').example;
    const ids = { approval_id: newId('approval'), subject: { ...asked.subject, publish_id: publish } };
    await say(`publish-${publish}`, requested(publish), event('ApprovalRequested', ids));
    await at('2026-03-19T14:24:14.000Z');
    expect(await alerts()).toEqual([]);
    await at('2026-03-19T14:24:16.000Z');
    expect(await alerts()).toMatchObject([{ type: 'DeadlineMissed', data: { service: 'approvals' } }]);
  });
});
