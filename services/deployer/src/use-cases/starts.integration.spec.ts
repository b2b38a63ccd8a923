import { EventRegistry, eventCatalogue, freezeCalendar, newId } from '@m3/contracts';
import { prepareDatabase } from '@m3/database';
import { PostgresEventStore, Sealer } from '@m3/event-store';
import { createTestDatabase, eventually, type TestDatabase } from '@m3/testing';
import pg from 'pg';
import { cancelPublish } from '../domain/publish.cancel.js';
import { evolveSlot, initialSlot } from '../domain/slot.js';
import { created, deployment, frozen, lastOf, slotHistory, typesOf } from './deployment.fixture.spec.js';
import { watchDeadlines } from './watch-deadlines.js';

/** Each service with its own database role, as it runs. */
let database: TestDatabase;
let sealer: Sealer;
let deployer: pg.Pool;
let targets: pg.Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  const urls = await prepareDatabase(database.url, () => 'secret');
  deployer = new pg.Pool({ connectionString: urls.deployer, max: 20 });
  targets = new pg.Pool({ connectionString: urls.targets, max: 4 });
  sealer = new Sealer({ connectionString: database.url });
  sealer.start();
});
afterAll(async () => {
  await sealer.stop();
  await Promise.all([deployer.end(), targets.end()]);
  await database.drop();
});

const registry = new EventRegistry(eventCatalogue);
const manual = { trigger: 'manual' } as const;
const opens = '2026-03-20T02:00:00.000Z';
const nightly = { windows: [{ cron: '0 2 * * *', duration_minutes: 60, timezone: 'UTC' }] };

/** Replicas of the deployer, and the service that owns targets and freezes. */
async function given(replicas: number, rules: Parameters<typeof created>[0] = {}) {
  const parts = deployment(replicas, () => new PostgresEventStore(deployer, registry));
  const owner = deployment(1, () => new PostgresEventStore(targets, registry));
  const target_id = newId('target');
  await owner.ofTarget(created(rules, target_id), target_id);
  return { ...parts, owner, target_id };
}

const freezeOf = (target_id: string, freeze_id = newId('freeze')) =>
  frozen({ freeze_id, scope: { kind: 'target', target_id, target_name: 'Production' } });

/** The clock of the deployer, which the test winds; it looks at what the log says so far. */
function clockOf({ all, now, store }: Awaited<ReturnType<typeof given>>) {
  const [replica] = all;
  if (replica === undefined) throw new Error('a deployment has replicas');
  const errors: unknown[] = [];
  const log = { error: (...said: unknown[]) => void errors.push(said) };
  const clock = () => new Date(now().occurredAt);
  const deadlines = watchDeadlines({ pool: deployer, store, clock, log, service: 'deployer' }, replica, {
    look: () => Promise.reject(new Error('nothing is watched here')),
  });
  const sealedUpTo = async () => {
    const { rows } = await deployer.query<{ open: boolean }>(
      'select exists (select from event_store.event e left join event_store.seal s using (position) where s.position is null) as open',
    );
    return rows[0]?.open === false;
  };
  return {
    errors,
    tick: async () => {
      await eventually('the log is sealed', sealedUpTo);
      await deadlines.tick();
    },
  };
}

describe('a freeze', () => {
  it('that is acknowledged before a start wins, however close they come', async () => {
    const { finish, store, owner, target_id } = await given(3);
    for (let round = 0; round < 10; round += 1) {
      const id = newId('publish');
      const freeze = freezeOf(target_id);
      const start = finish(id, { ...manual, target_id, slots: 100 }, 'backing_up');
      const [state] = await Promise.all([start, owner.ofCalendar(freeze)]);

      const history = await store.readStream(`publish-${id}`);
      const declared = (await store.readStream(freezeCalendar)).at(-1);
      const started = history.find(({ type }) => type === 'BackupRequested');
      expect(state.status).toBe(started ? 'backing_up' : 'waiting_to_start');
      if (started) expect(started.position).toBeLessThan(declared?.position ?? 0);
      const after = await finish(newId('publish'), { ...manual, target_id, slots: 100 }, 'backing_up');
      expect(after.status).toBe('waiting_to_start');
      await owner.ofCalendar({ type: 'FreezeLifted', data: { freeze_id: freezeIdOf(freeze), reason: 'next round' } });
    }
  });

  it('lets go when it is lifted between the delay and the look at it', async () => {
    const parts = await given(2);
    const { finish, store, owner, target_id } = parts;
    const { tick, errors } = clockOf(parts);
    const freeze = freezeOf(target_id);
    await owner.ofCalendar(freeze);
    const [early, late] = [newId('publish'), newId('publish')];
    await finish(early, { ...manual, target_id, slots: 2 });
    await tick();
    await finish(late, { ...manual, target_id, slots: 2 });
    await owner.ofCalendar({ type: 'FreezeLifted', data: { freeze_id: freezeIdOf(freeze), reason: 'done' } });
    await tick();

    for (const id of [early, late]) expect((await lastOf(store, id)).type).toBe('BackupRequested');
    expect(errors).toEqual([]);
  });
});

describe('a publish that waits', () => {
  it('starts when its window opens, by the clock alone', async () => {
    const parts = await given(2, nightly);
    const { finish, setClock, store, target_id } = parts;
    const { tick } = clockOf(parts);
    const id = newId('publish');
    await finish(id, { ...manual, target_id });
    await tick();
    setClock('2026-03-20T01:59:59.999Z');
    await tick();
    expect((await lastOf(store, id)).type).toBe('StartDelayed');

    setClock(opens);
    await tick();
    expect((await lastOf(store, id)).type).toBe('BackupRequested');
  });

  it('for a release goes on when its target is released, and not before', async () => {
    const parts = await given(2);
    const { finish, setClock, store, owner, target_id } = parts;
    const { tick } = clockOf(parts);
    const id = newId('publish');
    await owner.ofTarget({ type: 'TargetHeld', data: { target_id, reason: 'audit' } }, target_id);
    await finish(id, { target_id });
    setClock('2027-03-20T01:59:59.999Z');
    await tick();
    expect(await typesOf(store, `publish-${id}`)).toEqual(expect.arrayContaining(['StartDelayed']));
    expect((await lastOf(store, id)).type).toBe('StartDelayed');

    await owner.ofTarget({ type: 'TargetReleased', data: { target_id, reason: 'seen' } }, target_id);
    await tick();
    expect((await lastOf(store, id)).type).toBe('BackupRequested');
  });

  it('for votes asks for them again when its target is changed, and not before', async () => {
    const parts = await given(2);
    const { finish, store, owner, target_id } = parts;
    const { tick } = clockOf(parts);
    const id = newId('publish');
    await finish(id, { ...manual, target_id, quorum: 1 });
    await tick();
    expect((await lastOf(store, id)).type).toBe('ApprovalRequested');

    const { data } = created({}, target_id);
    await owner.ofTarget(
      { type: 'TargetChanged', data: { ...data, config_digest: `sha256:${'c'.repeat(64)}` } },
      target_id,
    );
    await tick();
    expect(await typesOf(store, `publish-${id}`)).toContain('ApprovalVoided');
  });

  it('tells of another freeze that will hold it up for longer', async () => {
    const parts = await given(2, nightly);
    const { finish, store, owner, target_id } = parts;
    const { tick } = clockOf(parts);
    const id = newId('publish');
    await finish(id, { ...manual, target_id });
    const { data } = freezeOf(target_id);
    const period = { from: '2026-03-20T00:00:00.000Z', to: '2026-03-20T02:30:00.000Z' };
    await owner.ofCalendar({ type: 'FreezeDeclared', data: { ...data, period } });
    await tick();

    expect(await lastOf(store, id)).toMatchObject({
      type: 'StartDelayed',
      data: { resume_at: '2026-03-20T02:30:00.000Z', blocks: [{ kind: 'window' }] },
    });
  });
});

describe.each([1, 3])('%i slots', (slots) => {
  it('are never given to more, over ten replicas that race, with cancels and replicas that die', async () => {
    const parts = await given(10);
    const { finish, goOn, next, now, react, store, target_id } = parts;
    const asked = { ...manual, target_id, slots };
    const ids = Array.from({ length: 16 }, () => newId('publish'));
    const cancelled = ids.filter((_, index) => index % 5 === 2);
    const cancel = (id: string) =>
      next().decide(id, now(), (state, moment) => cancelPublish({ by: 'ann', reason: 'wrong' }, state, moment));
    /** Brings the news of slots, as the bus does, until there are none. */
    const deliver = async () => {
      for (let seen = 0, history = await slotHistory(store, target_id); seen < history.length;) {
        const granted = history.slice(seen).filter(({ type }) => type === 'SlotGranted');
        seen = history.length;
        await Promise.all(
          granted.map(async (event) => {
            const { publish_id } = event.data;
            await goOn(publish_id, await react(publish_id, { type: 'DeadlinePassed' }));
          }),
        );
        history = await slotHistory(store, target_id);
      }
    };
    // A replica that dies leaves its publish at some step; whoever comes next goes on.
    const stopAt = ['validating', 'backing_up', 'deploying', undefined] as const;

    await Promise.all(ids.map((id, index) => finish(id, asked, stopAt[index % stopAt.length])));
    await Promise.all([...cancelled.map(cancel), ...ids.map((id) => finish(id, asked))]);
    await deliver();
    for (const id of ids) expect(await react(id, { type: 'DeadlinePassed' })).toMatchObject({ status: 'ended' });

    let state = initialSlot;
    for (const event of await slotHistory(store, target_id)) {
      state = evolveSlot(state, event);
      expect(state.holders.length).toBeLessThanOrEqual(slots);
    }
    expect(state).toMatchObject({ holders: [], line: [], overtaken: new Map() });
  });
});

function freezeIdOf({ data }: ReturnType<typeof freezeOf>): string {
  if (!('freeze_id' in data) || typeof data.freeze_id !== 'string') throw new Error('a freeze has an id');
  return data.freeze_id;
}
