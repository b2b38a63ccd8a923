import { newId } from '@m3/contracts';
import { fold } from '@m3/decider';
import { cancelPublish } from '../domain/publish.cancel.js';
import type { PublishInput } from '../domain/publish.inputs.js';
import type { PublishState } from '../domain/publish.state.js';
import { evolveSlot, initialSlot, queueOf } from '../domain/slot.js';
import { awaited, context, deployment, slotHistory, targetId, triggered, typesOf } from './deployment.fixture.spec.js';

const wholeStory = [
  ...['PublishRequested', 'ValidationRequested', 'GatesRequested', 'ApprovalWaived', 'BackupRequested'],
  ...['DeploymentRequested', 'ArtifactsDeployed', 'ActivationRequested', 'VersionActivated', 'VerificationRequested'],
  ...['VerificationCompleted', 'NotificationRequested', 'PublishSucceeded'],
];

describe('a publish that several replicas move on', () => {
  it('has each event once, though every input reaches every replica, twice, at the same moment', async () => {
    const { store, everywhere } = deployment(3);
    const id = newId('publish');
    let input: PublishInput | null = triggered(id);
    while (input !== null) {
      await Promise.all([everywhere(id, input), everywhere(id, input)]);
      const [state]: readonly PublishState[] = await everywhere(id, input);
      input = state ? awaited(state) : null;
    }

    expect(await typesOf(store, `publish-${id}`)).toEqual(wholeStory);
    expect(await typesOf(store, `slot-${targetId}`)).toEqual(['SlotGranted', 'SlotReleased']);
  });

  it('goes on at a replica whose memory of it is old', async () => {
    const { all } = deployment(2);
    const [one, other] = all;
    const id = newId('publish');
    const before = await other?.react(id, triggered(id), context);
    const validated = before ? awaited(before) : null;
    const gating = validated ? await one?.react(id, validated, context) : undefined;
    const gated = gating ? awaited(gating) : null;

    expect(gated && (await other?.react(id, gated, context))).toMatchObject({ status: 'backing_up' });
  });

  it('ends once when it is cancelled while it moves on, and keeps no slot', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { store, all, react, finish } = deployment(2);
      const [one, other] = all;
      const id = newId('publish');
      let state = await react(id, triggered(id));
      for (let step = 0; step < round % 4; step += 1) {
        const input = awaited(state);
        if (input) state = await react(id, input);
      }
      const input = awaited(state);
      const cancel = async () =>
        other?.decide(id, context, (current, moment) => cancelPublish({ by: 'ann', reason: 'wrong' }, current, moment));
      const move = async () => (input ? one?.react(id, input, context) : undefined);
      await Promise.all(round % 2 === 0 ? [cancel(), move()] : [move(), cancel()]);

      await finish(id);

      const types = await typesOf(store, `publish-${id}`);
      expect(types.filter((type) => type === 'PublishCancelled')).toHaveLength(1);
      expect(types.at(-1)).toBe('PublishCancelled');
      expect(fold({ initial: initialSlot, evolve: evolveSlot }, await slotHistory(store)).holders).toEqual([]);
    }
  });

  it('is not said to be over from memory alone', async () => {
    const { all } = deployment(2);
    const [one, other] = all;
    const id = newId('publish');
    const state = await other?.react(id, triggered(id), context);
    const input = state ? awaited(state) : null;
    if (input) await one?.react(id, input, context);

    expect(await other?.isIn(id, ['gating'])).toBe(true);
    expect(await other?.isIn(id, ['deploying'])).toBe(false);
  });
});

describe.each([1, 2])('slots of a target with %i of them', (slots) => {
  it('are never given to more, over ten replicas that race, and all who wait get theirs in order', async () => {
    const { store, finish, tellOfSlots } = deployment(10);
    const ids = Array.from({ length: 10 }, () => newId('publish'));
    await Promise.all(ids.map((id) => finish(id, { slots, trigger: 'manual' })));
    for (let round = 0; round < ids.length; round += 1) {
      await tellOfSlots();
      await Promise.all(ids.map((id) => finish(id, { slots, trigger: 'manual' })));
    }

    for (const id of ids) expect((await typesOf(store, `publish-${id}`)).at(-1)).toBe('PublishSucceeded');
    let state = initialSlot;
    const fences: number[] = [];
    for (const event of await slotHistory(store)) {
      if (event.type === 'SlotGranted') {
        const [first] = queueOf(state);
        if (first !== undefined) expect(event.data.publish_id).toBe(first);
        fences.push(event.data.fence);
      }
      state = evolveSlot(state, event);
      expect(state.holders.length).toBeLessThanOrEqual(slots);
    }
    expect(state).toMatchObject({ holders: [], line: [], grants: ids.length });
    expect(fences).toEqual([...fences].sort((a, b) => a - b));
    expect(new Set(fences).size).toBe(fences.length);
  });
});
