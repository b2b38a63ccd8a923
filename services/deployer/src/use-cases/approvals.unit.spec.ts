import { newId, type EventData, type NewEvent, type StoredTargetDocument } from '@m3/contracts';
import { fold } from '@m3/decider';
import { approvedDigest } from '../domain/publish.approval.js';
import { cancelPublish } from '../domain/publish.cancel.js';
import { example } from '../domain/publish.fixtures.js';
import type { PublishInput } from '../domain/publish.inputs.js';
import type { PublishState } from '../domain/publish.state.js';
import { evolveSlot, initialSlot } from '../domain/slot.js';
import {
  approved,
  created,
  deployment,
  slotHistory,
  targetId,
  triggered,
  typesOf,
  type Asked,
} from './deployment.fixture.spec.js';

const two: Asked = { trigger: 'manual', quorum: 2 };
const looksAgain = { type: 'DeadlinePassed' } as const;
const approvals = { min_approvals: 2, allowed_approvers: ['bob', 'carol'] };
const nightly = [{ cron: '0 2 * * *', duration_minutes: 60, timezone: 'UTC' }];
const digestOf = (letter: string) => `sha256:${letter.repeat(64)}`;
const otherDigest = digestOf('c');

/** The target is configured otherwise. */
function changed(document: Partial<StoredTargetDocument> = {}, config_digest = otherDigest): NewEvent {
  const data = example('TargetCreated');
  const settled = { ...data, target_id: targetId, config_digest };
  return { type: 'TargetChanged', data: { ...settled, document: { ...data.document, approvals, ...document } } };
}

async function given() {
  const parts = deployment(2);
  await parts.ofTarget(created({ approvals }));
  const slots = async () => fold({ initial: initialSlot, evolve: evolveSlot }, await slotHistory(parts.store));
  const told = async <Type extends 'ApprovalVoided' | 'ApprovalRequested' | 'DeploymentRequested' | 'GatesRequested'>(
    id: string,
    type: Type,
  ): Promise<readonly EventData<Type>[]> => {
    const history = await parts.store.readStream(`publish-${id}`);
    // The store has checked the data against the declaration of its type.
    return history.filter((event) => event.type === type).map(({ data }) => data as EventData<Type>);
  };
  return { ...parts, slots, told, id: newId('publish') };
}

describe('an approval that waits', () => {
  it('is void when the configuration of the target changes, and asked for again with the new one', async () => {
    const { finish, react, goOn, ofTarget, slots, told, id } = await given();
    const before = await finish(id, two);
    await ofTarget(changed());
    const state = await goOn(id, await react(id, looksAgain));

    expect(state).toMatchObject({ status: 'awaiting_approval', request: { target: { config_digest: otherDigest } } });
    const [first, second] = await told(id, 'ApprovalRequested');
    expect(await told(id, 'ApprovalVoided')).toMatchObject([
      { approval_id: first?.approval_id, changes: [{ what: 'target_configuration', is: otherDigest }] },
    ]);
    expect(second?.approval_id).not.toBe(first?.approval_id);
    expect(second?.approved_digest).not.toBe(first?.approved_digest);
    expect(await slots()).toMatchObject({ holders: [], line: [{ publish_id: id, waits_for: 'approval' }] });
    expect(await react(id, approved(before))).toMatchObject({ status: 'awaiting_approval' });
  });

  it('is void when another version becomes active on the target', async () => {
    const { finish, goOn, react, told, id } = await given();
    const other = newId('publish');
    const running = await finish(other, { trigger: 'manual', version: 'v1.2.5' }, 'verifying');
    await finish(id, two);
    await goOn(other, running);
    await react(id, looksAgain);

    expect(await told(id, 'ApprovalVoided')).toMatchObject([
      { changes: [{ what: 'active_version', was: null, is: 'v1.2.5' }], active_version: 'v1.2.5' },
    ]);
  });

  it('stays as it is while nothing changes', async () => {
    const { finish, everywhere, store, id } = await given();
    await finish(id, two);
    const before = await typesOf(store, `publish-${id}`);
    await everywhere(id, looksAgain);
    expect(await typesOf(store, `publish-${id}`)).toEqual(before);
  });
});

describe('the start', () => {
  it('goes on only with what was approved: what changed meanwhile is asked for again', async () => {
    const { finish, react, goOn, ofTarget, slots, told, id } = await given();
    const asked = await finish(id, two);
    await ofTarget(changed());
    const state = await goOn(id, await react(id, approved(asked)));

    expect(state).toMatchObject({ status: 'awaiting_approval' });
    expect((await slots()).holders).toEqual([]);
    const [, again] = await told(id, 'ApprovalRequested');
    expect(await react(id, approved(state))).toMatchObject({ status: 'backing_up' });
    expect(again?.approved_digest).toBe(state.status === 'awaiting_approval' ? state.approved_digest : '');
  });

  it('takes the configuration in force where nobody is asked, and asks where somebody has to be asked now', async () => {
    const { finish, ofTarget, react, goOn, setClock, id } = await given();
    await ofTarget(changed({ approvals: {}, windows: nightly }, digestOf('b')));
    expect(await finish(id, { trigger: 'manual' })).toMatchObject({ status: 'waiting_to_start' });
    await ofTarget(changed());
    setClock('2026-03-20T02:00:00.000Z');
    expect(await goOn(id, await react(id, looksAgain))).toMatchObject({ status: 'awaiting_approval' });
  });

  it('gives its slot back when the backup finds another version than the one that was approved to be replaced', async () => {
    const { finish, react, slots, told, id } = await given();
    const state = await react(id, approved(await finish(id, two)));
    const backup_id = state.status === 'backing_up' ? state.backup_id : '';
    const found = { ...example('BackupTaken'), backup_id, active_version: 'v1.1.0' };
    expect(await react(id, { type: 'BackupTaken', data: found })).toMatchObject({ status: 'awaiting_approval' });
    expect(await slots()).toMatchObject({ holders: [], line: [{ publish_id: id, waits_for: 'approval' }] });
    expect(await told(id, 'DeploymentRequested')).toEqual([]);
  });

  it('proves what it deploys', async () => {
    const { finish, react, goOn, told, id } = await given();
    const asked = await finish(id, two);
    await goOn(id, await react(id, approved(asked)));
    if (asked.status !== 'awaiting_approval') throw new Error(asked.status);
    expect(await told(id, 'DeploymentRequested')).toMatchObject([{ deployed_digest: asked.approved_digest }]);
    expect(approvedDigest(asked.request, null)).toBe(asked.approved_digest);
  });
});

describe('a publish whose target is configured otherwise while it waits', () => {
  const strict = { approvals, gates: { p95_ms: 100, integration: 'required' } } as const;
  const failedChecks = (state: PublishState): PublishInput => {
    const data = { ...example('ValidationCompleted'), outcome: 'failed' } as const;
    return { type: 'ValidationCompleted', data: { ...data, gate_run_id: runOf(state) } };
  };
  const runOf = (state: PublishState) => ('gate_run_id' in state ? state.gate_run_id : '');

  it.each<[string, Asked]>([
    ['for approvals', two],
    ['for its start', { trigger: 'manual' }],
  ])('(%s) is validated and judged again, by the configuration of now', async (what, asked) => {
    const { finish, react, goOn, ofTarget, told, store, id } = await given();
    if (what === 'for its start') await ofTarget(changed({ approvals: {}, windows: nightly }, digestOf('b')));
    await finish(id, asked);
    const before = (await typesOf(store, `publish-${id}`)).length;
    await ofTarget(changed(strict));
    const state = await react(id, looksAgain);
    expect(state).toMatchObject({ status: 'validating', request: { target: { config_digest: otherDigest } } });
    await goOn(id, state);

    expect((await typesOf(store, `publish-${id}`)).slice(before)).toEqual([
      ...['ApprovalVoided', 'ValidationRequested', 'GatesRequested', 'ApprovalRequested'],
    ]);
    expect((await told(id, 'GatesRequested')).at(-1)).toMatchObject({
      ...{ thresholds: { p95_ms: 100 }, settings: { integration: 'required' } },
    });
  });

  it('ends where the checks do not pass any more, and leaves the line', async () => {
    const { finish, react, ofTarget, slots, id } = await given();
    await finish(id, two);
    await ofTarget(changed(strict));
    const state = await react(id, looksAgain);
    expect(await slots()).toMatchObject({ holders: [], line: [{ publish_id: id }] });
    expect(await react(id, failedChecks(state))).toMatchObject({ status: 'ended', outcome: 'failed' });
    expect(await slots()).toMatchObject({ holders: [], line: [] });
  });

  it('is checked once for it, however many look, and by nothing that was asked before', async () => {
    const { finish, react, everywhere, ofTarget, store, id } = await given();
    const before = await react(id, triggered(id, two));
    await finish(id, two);
    await ofTarget(changed(strict));
    await everywhere(id, looksAgain);
    const types = await typesOf(store, `publish-${id}`);
    expect(types.filter((type) => type === 'ValidationRequested')).toHaveLength(2);
    expect(await react(id, failedChecks(before))).toMatchObject({ status: 'validating' });
    expect(await typesOf(store, `publish-${id}`)).toEqual(types);
  });

  it('keeps its place in the line, and holds no slot', async () => {
    const { finish, react, goOn, ofTarget, slots, told, id } = await given();
    const [holder, second] = [newId('publish'), newId('publish')];
    await finish(holder, { trigger: 'manual' }, 'backing_up');
    for (const each of [id, second]) await finish(each, { trigger: 'manual' });
    await ofTarget(changed({ approvals: {} }));
    const [first, next] = [await react(id, looksAgain), await react(second, looksAgain)];
    expect(await slots()).toMatchObject({ holders: [{ publish_id: holder }], line: [{ publish_id: id }, {}] });
    await goOn(second, next);
    await goOn(id, first);
    expect((await slots()).line.map(({ publish_id }) => publish_id)).toEqual([id, second]);
    expect(await told(id, 'ApprovalRequested')).toEqual([]);
  });

  it('skips the gates again where it is an emergency', async () => {
    const { finish, react, goOn, ofTarget, store, id } = await given();
    await ofTarget(changed({ approvals: {}, windows: nightly }, digestOf('b')));
    await finish(id, { trigger: 'emergency' });
    const before = (await typesOf(store, `publish-${id}`)).length;
    await ofTarget(changed(strict));
    const state = await goOn(id, await react(id, looksAgain), 'backing_up');
    expect(state).toMatchObject({ status: 'backing_up' });
    expect((await typesOf(store, `publish-${id}`)).slice(before)).toEqual([
      ...['ApprovalVoided', 'ValidationRequested', 'ApprovalWaived', 'BackupRequested'],
    ]);
  });
});

describe('an emergency', () => {
  const emergency = (id: string, post_deploy_review = true) => {
    const input = triggered(id, { trigger: 'emergency', quorum: 2 });
    if (input.type !== 'PublishTriggered') throw new Error(input.type);
    return {
      ...input,
      data: { ...input.data, target: { ...input.data.target, type: 'emergency', post_deploy_review } },
    } as const;
  };

  it('skips gates and approvals, never validation, backup and verification, and asks for its review', async () => {
    const { store, react, goOn } = deployment(1);
    const id = newId('publish');
    expect(await goOn(id, await react(id, emergency(id)))).toMatchObject({ status: 'ended', outcome: 'succeeded' });
    const types = await typesOf(store, `publish-${id}`);
    expect(types).toEqual(
      expect.arrayContaining(['ValidationRequested', 'BackupRequested', 'VerificationRequested', 'ApprovalWaived']),
    );
    expect(types).not.toContain('GatesRequested');
    expect(types).not.toContain('ApprovalRequested');
    expect(types.slice(-2)).toEqual(['ReviewRequested', 'PublishSucceeded']);
  });

  it('leaves nothing to review when it never touched the target, or the target asks for no review', async () => {
    const { store, react, goOn, next, now } = deployment(1);
    const [stopped, calm] = [newId('publish'), newId('publish')];
    await react(stopped, emergency(stopped));
    await next().decide(stopped, now(), (state, moment) =>
      cancelPublish({ by: 'ann', reason: 'false alarm' }, state, moment),
    );
    await goOn(calm, await react(calm, emergency(calm, false)));
    for (const id of [stopped, calm]) expect(await typesOf(store, `publish-${id}`)).not.toContain('ReviewRequested');
  });
});
