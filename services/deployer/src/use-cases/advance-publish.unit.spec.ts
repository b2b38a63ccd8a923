import {
  EventRegistry,
  eventCatalogue,
  newId,
  slotEvents,
  type EventData,
  type RecordedEvent,
  type SlotEvent,
} from '@m3/contracts';
import { fold } from '@m3/decider';
import { MemoryEventStore, type AppendContext, type EventStore } from '@m3/event-store';
import { eventsIn } from '@m3/process';
import { cancelPublish } from '../domain/publish.cancel.js';
import { example } from '../domain/publish.fixtures.js';
import type { PublishInput } from '../domain/publish.inputs.js';
import type { PublishState } from '../domain/publish.state.js';
import { evolveSlot, initialSlot } from '../domain/slot.js';
import { AdvancePublish } from './advance-publish.js';

const context: AppendContext = {
  actor: { kind: 'service', id: 'deployer' },
  correlationId: 'test',
  causationId: null,
  occurredAt: '2026-03-19T14:23:45.000Z',
};
const targetId = newId('target');

function triggered(publishId: string, slots = 1): PublishInput {
  const data = example('PublishTriggered');
  const approval = { ...data.target.approval, quorum: 0 };
  const target = { ...data.target, target_id: targetId, approval, max_concurrent_deployments: slots };
  return { type: 'PublishTriggered', data: { ...data, publish_id: publishId, target } };
}

/** What a publish in this state waits for, as if all went well. */
function awaited(state: PublishState): PublishInput | null {
  switch (state.status) {
    case 'validating': {
      const data = { ...example('ValidationCompleted'), gate_run_id: state.gate_run_id, active_version: null };
      return { type: 'ValidationCompleted', data };
    }
    case 'gating':
      return { type: 'GatesCompleted', data: { ...example('GatesCompleted'), gate_run_id: state.gate_run_id } };
    case 'backing_up': {
      const data = { ...example('BackupTaken'), backup_id: state.backup_id, active_version: null };
      return { type: 'BackupTaken', data };
    }
    case 'deploying': {
      const { checksum, counts, duration_ms, log } = example('ArtifactsDeployed');
      return { type: 'Deployed', result: { outcome: 'deployed', checksum, counts, duration_ms, log } };
    }
    case 'activating': {
      const result = { previous_version: null, draining: [], duration_ms: 1, log: [] };
      return { type: 'Activated', result: { outcome: 'activated', ...result } };
    }
    case 'verifying':
      return { type: 'Verified', verifies: 'publish', result: { outcome: 'passed', checks: [], duration_ms: 1 } };
    case 'restoring': {
      const data = { ...example('BackupRestored'), backup_id: state.backup_id, active_version: null };
      return { type: 'BackupRestored', data };
    }
    case 'notifying': {
      const data: EventData<'NotificationAttempted'> = {
        ...example('NotificationAttempted'),
        notification_id: state.notification_id,
      };
      return { type: 'NotificationAttempted', data };
    }
    case 'absent':
    case 'requested':
    case 'awaiting_approval':
    case 'ready':
    case 'awaiting_slot':
    case 'deployed':
    case 'active':
    case 'verified':
    case 'verifying_restored':
    case 'ended':
      return null;
  }
}

function deployment(replicas: number) {
  const store = new MemoryEventStore(new EventRegistry(eventCatalogue));
  const all = Array.from({ length: replicas }, () => new AdvancePublish(store));
  let turn = 0;
  const next = (): AdvancePublish => {
    const replica = all[turn++ % all.length];
    if (replica === undefined) throw new Error('a deployment has replicas');
    return replica;
  };
  const react = (publishId: string, input: PublishInput) => next().react(publishId, input, context);
  const everywhere = (publishId: string, input: PublishInput) =>
    Promise.all(all.map((replica) => replica.react(publishId, input, context)));
  /** As far as it goes when all goes well, or to the slot that it waits for. */
  const finish = async (publishId: string, slots = 1): Promise<void> => {
    let input: PublishInput | null = triggered(publishId, slots);
    while (input !== null) input = awaited(await react(publishId, input));
  };
  /** Any replica takes any delivery of a slot's news, as on the bus. */
  const tellOfSlots = async (): Promise<void> => {
    for (const { type, data } of await store.readLog({ afterSeq: 0, limit: 10_000, types: ['SlotGranted'] })) {
      const event = { type, data };
      if (isSlotEvent(event) && event.type === 'SlotGranted') await react(event.data.publish_id, event);
    }
  };
  return { store, all, react, finish, everywhere, tellOfSlots };
}

const isSlotEvent = eventsIn<SlotEvent>(slotEvents);
const typesOf = async (store: EventStore, stream: string) => (await store.readStream(stream)).map(({ type }) => type);

async function slotHistory(store: EventStore): Promise<readonly SlotEvent[]> {
  const history = await store.readStream(`slot-${targetId}`);
  return history.map(({ type, data }: RecordedEvent) => ({ type, data })).filter(isSlotEvent);
}

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
        other?.decide(id, context, (current) => cancelPublish({ by: 'ann', reason: 'wrong' }, current));
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
    await Promise.all(ids.map((id) => finish(id, slots)));
    for (let round = 0; round < ids.length; round += 1) {
      await tellOfSlots();
      await Promise.all(ids.map((id) => finish(id, slots)));
    }

    for (const id of ids) expect((await typesOf(store, `publish-${id}`)).at(-1)).toBe('PublishSucceeded');
    let state = initialSlot;
    const fences: number[] = [];
    for (const event of await slotHistory(store)) {
      if (event.type === 'SlotGranted') {
        if (state.queue.length > 0) expect(event.data.publish_id).toBe(state.queue[0]);
        fences.push(event.data.fence);
      }
      state = evolveSlot(state, event);
      expect(state.holders.length).toBeLessThanOrEqual(slots);
    }
    expect(state).toMatchObject({ holders: [], queue: [], grants: ids.length });
    expect(fences).toEqual([...fences].sort((a, b) => a - b));
    expect(new Set(fences).size).toBe(fences.length);
  });
});
