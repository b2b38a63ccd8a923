import { newId, targetNameStream, type StoredTargetDocument } from '@m3/contracts';
import { fold } from '@m3/decider';
import { cancelPublish } from '../domain/publish.cancel.js';
import { evolveSlot, initialSlot } from '../domain/slot.js';
import {
  approved,
  created,
  deployment,
  frozen,
  lastOf,
  slotHistory,
  targetId,
  triggered,
  typesOf,
} from './deployment.fixture.spec.js';

const nightly = { windows: [{ cron: '0 2 * * *', duration_minutes: 60, timezone: 'UTC' }] };
const opens = '2026-03-20T02:00:00.000Z';
const deadline = { type: 'DeadlinePassed' } as const;
const freeze_id = 'frz_01930d8c-0000-7000-8000-000000000001';
const manual = { trigger: 'manual' } as const;
const succeeded = { status: 'ended', outcome: 'succeeded' };
const superseded = { status: 'ended', outcome: 'superseded' };

/** Replicas with a target that says this about starts. */
async function given(rules: Partial<StoredTargetDocument> = {}) {
  const parts = deployment(2);
  await parts.ofTarget(created(rules));
  const slots = async () => fold({ initial: initialSlot, evolve: evolveSlot }, await slotHistory(parts.store));
  return { ...parts, slots, id: newId('publish') };
}
type Given = Awaited<ReturnType<typeof given>>;

const override = ({ next, now, id }: Given, roles: readonly string[], command = 'cmd_1') =>
  next().override(id, { by: 'ann', roles, reason: 'outage' }, { ...now(), causationId: command });
const cancel = ({ next, now }: Pick<Given, 'next' | 'now'>, id: string) =>
  next().decide(id, now(), (state, moment) => cancelPublish({ by: 'ann', reason: 'wrong' }, state, moment));
const held = { type: 'TargetHeld', data: { target_id: targetId, reason: 'audit' } };
const released = { type: 'TargetReleased', data: { target_id: targetId, reason: 'seen' } };

describe('a publish outside of the windows of its target', () => {
  it('waits without a slot, says until when, and goes on by itself', async () => {
    const { finish, react, setClock, slots, store, id } = await given(nightly);

    expect(await finish(id)).toMatchObject({ status: 'waiting_to_start', resume_at: opens });
    expect(await lastOf(store, id)).toMatchObject({
      type: 'StartDelayed',
      data: {
        blocks: [{ kind: 'window', until: opens, unblocked_by: ['admin'] }],
        judged_by: { target_revision: 1, calendar_revision: 0 },
      },
    });
    expect(await slots()).toMatchObject({ holders: [], line: [{ publish_id: id, waits_for: 'start' }] });

    setClock(opens);
    expect(await react(id, deadline)).toMatchObject({ status: 'backing_up' });
    expect(await slots()).toMatchObject({ holders: [{ publish_id: id }], line: [] });
  });

  it('starts in the order in which it came among others, whoever of them looks first', async () => {
    const { finish, setClock, slots, all, now } = await given(nightly);
    const ids = [newId('publish'), newId('publish'), newId('publish')];
    for (const id of ids) await finish(id, manual);
    setClock(opens);
    const [one, other] = all;
    const [first = '', second = '', third = ''] = ids;
    const look = (replica: typeof one, id: string) => replica?.react(id, deadline, now());
    await Promise.all([look(one, third), look(other, second), look(one, first)]);
    const { holders, line } = await slots();
    expect([...holders, ...line].map(({ publish_id }) => publish_id)).toEqual(ids);
    expect(holders).toHaveLength(1);
  });

  it('records nothing more while nothing changes', async () => {
    const { finish, everywhere, setClock, store, id } = await given(nightly);
    await finish(id);
    const before = await typesOf(store, `publish-${id}`);

    setClock('2026-03-19T20:00:00.000Z');
    await everywhere(id, deadline);

    expect(await typesOf(store, `publish-${id}`)).toEqual(before);
  });

  it('leaves the line when it is cancelled', async () => {
    const { finish, next, now, slots, id } = await given(nightly);
    await finish(id);
    await cancel({ next, now }, id);

    expect((await slots()).line).toEqual([]);
  });

  it('finishes when the window closes while it runs', async () => {
    const { finish, goOn, next, now, setClock, id } = await given(nightly);
    setClock('2026-03-20T02:59:59.999Z');
    await finish(id, {}, 'deploying');

    setClock('2026-03-20T03:00:00.000Z');
    const { state } = await next().decide(id, now(), () => ({ outcome: 'accepted', events: [] }));
    expect(await goOn(id, state)).toMatchObject(succeeded);
  });
});

describe('a freeze', () => {
  it('that was acknowledged before the start is in force, whatever the replicas remember', async () => {
    const { finish, ofCalendar, id } = await given();
    for (let each = 0; each < 2; each += 1) await finish(newId('publish'));
    await ofCalendar(frozen());

    expect(await finish(id)).toMatchObject({
      status: 'waiting_to_start',
      resume_at: '2026-03-19T18:00:00.000Z',
      blocks: [{ kind: 'freeze', reason: 'end of quarter', until: '2026-03-19T18:00:00.000Z' }],
    });
  });

  it('that is lifted lets go', async () => {
    const { finish, ofCalendar, react, id } = await given();
    await ofCalendar(frozen());
    await finish(id);
    await ofCalendar({ type: 'FreezeLifted', data: { freeze_id, reason: 'done' } });

    expect(await react(id, deadline)).toMatchObject({ status: 'backing_up' });
  });

  it('that is declared while publishes queue makes them give their slots back when their turn comes', async () => {
    const { finish, ofCalendar, next, now, tellOfSlots, slots, store, id } = await given();
    const [running, ...queued] = [newId('publish'), id, newId('publish')];
    await finish(running, manual, 'backing_up');
    for (const each of queued) expect(await finish(each, manual)).toMatchObject({ status: 'awaiting_slot' });

    await ofCalendar(frozen());
    await cancel({ next, now }, running);
    for (let round = 0; round < 3; round += 1) await tellOfSlots();

    for (const each of queued) expect(await lastOf(store, each)).toMatchObject({ type: 'StartDelayed' });
    const line = queued.map((publish_id) => ({ publish_id, waits_for: 'start' }));
    expect(await slots()).toMatchObject({ holders: [], line });
  });
});

describe('a hold', () => {
  it('stops automatic publishes until the target is released, and lets manual ones pass', async () => {
    const { finish, react, ofTarget, id } = await given();
    await ofTarget(held);

    expect(await finish(id)).toMatchObject({ status: 'waiting_to_start', resume_at: null, blocks: [{ kind: 'hold' }] });
    expect(await finish(newId('publish'), manual)).toMatchObject(succeeded);
    await ofTarget(released);
    expect(await react(id, deadline)).toMatchObject({ status: 'backing_up' });
  });

  it('after a rollback names the version, and both end with the release', async () => {
    const { finish, react, ofTarget, id } = await given();
    const vetoed = { project: 'invoice-pipeline', version: 'v1.3.0' };
    await ofTarget({ type: 'TargetHeld', data: { ...held.data, vetoed } });

    expect(await finish(id)).toMatchObject({ blocks: [{ kind: 'hold' }, { kind: 'veto', ...vetoed }] });
    await ofTarget(released);
    expect(await react(id, deadline)).toMatchObject({ status: 'backing_up' });
  });

  it('keeps the newest version only', async () => {
    const { finish, tellOfSlots, ofTarget, react, store, slots } = await given();
    await ofTarget(held);
    const [first, newest, late] = [newId('publish'), newId('publish'), newId('publish')];
    await finish(first, { version: 'v1.3.0' });
    await finish(newest, { version: 'v1.4.0' });
    expect(await finish(late, { version: 'v1.3.5' })).toMatchObject(superseded);
    await tellOfSlots();

    expect(await lastOf(store, first)).toMatchObject({ type: 'PublishSuperseded', data: { by: newest } });
    expect(await slots()).toMatchObject({ line: [{ publish_id: newest }], overtaken: new Map() });
    await ofTarget(released);
    expect(await react(newest, deadline)).toMatchObject({ status: 'backing_up' });
  });
});

describe('a disabled target', () => {
  it('holds up whatever was asked for before', async () => {
    const { finish, ofTarget, react, id } = await given();
    await ofTarget({ type: 'TargetDisabled', data: { target_id: targetId } });
    expect(await finish(id, manual)).toMatchObject({ status: 'waiting_to_start', blocks: [{ kind: 'disabled' }] });
    await ofTarget({ type: 'TargetEnabled', data: { target_id: targetId } });
    expect(await react(id, deadline)).toMatchObject({ status: 'backing_up' });
  });
});

describe('overriding', () => {
  it('lets a publish start at once, by whoever may, with the reason in the log', async () => {
    const parts = await given(nightly);
    await parts.ofCalendar(frozen({ override_roles: ['lead'] }));
    await parts.finish(parts.id, manual);

    expect((await override(parts, ['admin'])).rejection).toMatchObject({ code: 'not_allowed' });
    const { state, rejection } = await override(parts, ['admin', 'lead']);
    expect(rejection).toBeNull();
    expect(state).toMatchObject({ status: 'backing_up' });
    const history = await parts.store.readStream(`publish-${parts.id}`);
    expect(history.find(({ type }) => type === 'StartOverridden')?.data).toMatchObject({
      by: 'ann',
      reason: 'outage',
      blocks: [{ kind: 'freeze' }, { kind: 'window' }],
    });
  });

  it('is done once when it is sent twice', async () => {
    const parts = await given(nightly);
    await parts.finish(parts.id, manual);
    await override(parts, ['admin']);
    expect((await override(parts, ['admin'])).rejection).toBeNull();
    expect((await override(parts, ['admin'], 'cmd_2')).rejection).toMatchObject({ code: 'nothing_to_override' });
  });

  it('is for windows and freezes only', async () => {
    const parts = await given({ ...nightly, promotion: { from: 'Staging' } });
    await parts.finish(parts.id, manual);
    expect((await override(parts, ['admin'])).rejection).toMatchObject({ code: 'not_overridable' });
  });

  it('that was asked for with the publish counts as far as the roles go that the requester had', async () => {
    const { finish } = await given(nightly);
    const asks = (roles: string[]) => ({ ...manual, override: { reason: 'outage', roles } });
    expect(await finish(newId('publish'), asks(['maintainer']))).toMatchObject({ status: 'waiting_to_start' });
    expect(await finish(newId('publish'), asks(['admin']))).toMatchObject(succeeded);
  });
});

describe('waiting for approval', () => {
  it('holds no slot; a newer publish takes the place of an older one, which hears of it whenever that is', async () => {
    const { finish, react, tellOfSlots, slots, store } = await given();
    const [older, newer] = [newId('publish'), newId('publish')];
    const asked = await finish(older, { ...manual, quorum: 1 });
    const askedNewer = await finish(newer, { ...manual, quorum: 1 });
    expect(await slots()).toMatchObject({ holders: [], line: [{ publish_id: newer, waits_for: 'approval' }] });

    // The approval of the older one comes before it hears that it was overtaken.
    expect(await react(older, approved(asked))).toMatchObject(superseded);
    await tellOfSlots();
    expect(await lastOf(store, older)).toMatchObject({ type: 'PublishSuperseded', data: { by: newer } });
    expect(await react(newer, approved(askedNewer))).toMatchObject({ status: 'backing_up' });
    expect(await slots()).toMatchObject({ holders: [{ publish_id: newer }], line: [], overtaken: new Map() });
  });

  it('ends when the news come first', async () => {
    const { finish, tellOfSlots, store } = await given();
    const [older, newer] = [newId('publish'), newId('publish')];
    await finish(older, { ...manual, quorum: 1 });
    await finish(newer, manual);
    await tellOfSlots();
    expect(await lastOf(store, older)).toMatchObject({ type: 'PublishSuperseded', data: { by: newer } });
  });
});

describe('an emergency', () => {
  it('skips approval, not windows', async () => {
    const { finish, id } = await given(nightly);
    expect(await finish(id, { trigger: 'emergency', quorum: 2 })).toMatchObject({ status: 'waiting_to_start' });
  });
});

describe('promotion', () => {
  const staging = newId('target');
  const soaking = { promotion: { from: 'Staging', soak_minutes: 30 } };
  const version = 'version-invoice-pipeline:v1.3.0';

  async function promoted() {
    const parts = await given(soaking);
    await parts.say(targetNameStream('Staging'), {
      type: 'TargetNamed',
      data: { target_id: staging, name: 'Staging' },
    });
    await parts.ofTarget(created({ name: 'Staging' }, staging), staging);
    const first = newId('publish');
    const asked = triggered(first, { target_id: staging });
    if (!('data' in asked)) throw new Error('a publish is asked for with its data');
    await parts.say(version, { type: 'PublishTriggered', data: asked.data });
    return { ...parts, first };
  }

  it('waits for a target of that name, for success there, and for the soak', async () => {
    const unknown = await given(soaking);
    expect(await unknown.finish(unknown.id)).toMatchObject({
      blocks: [{ kind: 'promotion', state: 'no_such_target' }],
    });

    const { finish, react, setClock, id, first } = await promoted();
    expect(await finish(id)).toMatchObject({
      resume_at: null,
      blocks: [{ state: 'not_succeeded', target_id: staging }],
    });
    expect(await finish(first, { target_id: staging })).toMatchObject(succeeded);
    expect(await react(id, deadline)).toMatchObject({
      blocks: [{ state: 'soaking', since: '2026-03-19T14:23:45.000Z' }],
      resume_at: '2026-03-19T14:53:45.000Z',
    });
    setClock('2026-03-19T14:53:45.000Z');
    expect(await react(id, deadline)).toMatchObject({ status: 'backing_up' });
  });

  it('does not count what was rolled back after', async () => {
    const { finish, ofTarget, id, first, setClock } = await promoted();
    await finish(first, { target_id: staging });
    const vetoed = { project: 'invoice-pipeline', version: 'v1.3.0' };
    await ofTarget({ type: 'TargetHeld', data: { target_id: staging, reason: 'rolled back', vetoed } }, staging);
    setClock('2026-03-20T14:53:45.000Z');
    expect(await finish(id)).toMatchObject({ blocks: [{ state: 'not_succeeded' }] });
  });
});
