import {
  EventRegistry,
  eventCatalogue,
  freezeCalendar,
  newId,
  slotEvents,
  type EventData,
  type NewEvent,
  type RecordedEvent,
  type SlotEvent,
  type StoredTargetDocument,
  type Trigger,
} from '@m3/contracts';
import { MemoryEventStore, type AppendContext, type EventStore } from '@m3/event-store';
import { eventsIn } from '@m3/process';
import { example } from '../domain/publish.fixtures.js';
import type { PublishInput } from '../domain/publish.inputs.js';
import type { PublishState } from '../domain/publish.state.js';
import { AdvancePublish } from './advance-publish.js';

export const context: AppendContext = {
  actor: { kind: 'service', id: 'deployer' },
  correlationId: 'test',
  causationId: null,
  occurredAt: '2026-03-19T14:23:45.000Z',
};
export const targetId = newId('target');

/** What is asked for; what is left out is an automatic publish that needs no approval, to a target with one slot. */
export interface Asked {
  readonly slots?: number;
  readonly trigger?: Trigger;
  readonly version?: string;
  readonly quorum?: number;
  readonly target_id?: string;
  readonly override?: EventData<'PublishTriggered'>['override'];
}

export function triggered(publishId: string, asked: Asked = {}): PublishInput {
  const { slots = 1, trigger = 'tag', version = 'v1.3.0', quorum = 0, target_id = targetId, override } = asked;
  const data = example('PublishTriggered');
  const approval = { ...data.target.approval, quorum };
  const target = { ...data.target, target_id, approval, max_concurrent_deployments: slots };
  return {
    type: 'PublishTriggered',
    data: { ...data, publish_id: publishId, trigger, version, target, ...(override ? { override } : {}) },
  };
}

/** What a publish in this state waits for, as if all went well. */
export function awaited(state: PublishState): PublishInput | null {
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
    case 'shifting': {
      const { counted, duration_ms, log } = example('TrafficShifted');
      return { type: 'TrafficShiftTried', step: state.step, result: { outcome: 'shifted', counted, duration_ms, log } };
    }
    case 'watching':
      return { type: 'TrafficMeasured', step: state.step, measured: example('TrafficJudged').measured };
    case 'returning':
      return {
        type: 'TrafficReturnTried',
        result: { outcome: 'returned', reason: null, duration_ms: 1, log: [] },
      };
    case 'activating': {
      const result = { previous_version: null, draining: [], duration_ms: 1, log: [] };
      return { type: 'Activated', result: { outcome: 'activated', ...result } };
    }
    case 'verifying':
      return { type: 'Verified', verifies: 'publish', result: { outcome: 'passed', checks: [], duration_ms: 1 } };
    case 'asking': {
      const { step } = state.failure;
      return { type: 'TargetAnswered', answer: { step, found: null, reason: 'it gave no answer' } };
    }
    case 'verifying_restored':
      return { type: 'Verified', verifies: 'rollback', result: { outcome: 'passed', checks: [], duration_ms: 1 } };
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
    case 'checking_backup': {
      const { backup_id } = state.request;
      return { type: 'BackupChecked', data: { ...example('BackupChecked'), backup_id } };
    }
    case 'stopping_routing': {
      const result = { outcome: 'stopped', reason: null, duration_ms: 1, log: [] } as const;
      return { type: 'RoutingStopTried', result: { ...result, log: [] } };
    }
    case 'restoring_backup': {
      const { backup_id } = state.request;
      return { type: 'BackupRestored', data: { ...example('BackupRestored'), backup_id } };
    }
    case 'reactivating': {
      const result = { previous_version: null, draining: [], duration_ms: 1, log: [] };
      return { type: 'Reactivated', result: { outcome: 'reactivated', ...result } };
    }
    case 'verifying_rollback':
      return { type: 'Verified', verifies: 'rollback', result: { outcome: 'passed', checks: [], duration_ms: 1 } };
    case 'announcing_rollback': {
      const { notification_id } = state;
      return { type: 'NotificationAttempted', data: { ...example('NotificationAttempted'), notification_id } };
    }
    case 'rollback_requested':
    case 'routing_stopped':
    case 'reactivated':
    case 'rollback_verified':
    case 'absent':
    case 'requested':
    case 'awaiting_approval':
    case 'voided':
    case 'ready':
    case 'waiting_to_start':
    case 'awaiting_slot':
    case 'deployed':
    case 'active':
    case 'verified':
    case 'ended':
      return null;
  }
}

/** What people approve of, as the approval service says it. */
export function approved(state: PublishState): PublishInput {
  if (state.status !== 'awaiting_approval') throw new Error(`nobody is asked: ${state.status}`);
  const { approval_id, approved_digest, request } = state;
  const { publish_id } = request;
  return { type: 'ApprovalGranted', data: { approval_id, publish_id, approved_digest, approved_by: ['bob'] } };
}

const inMemory = (): (() => EventStore) => {
  const store = new MemoryEventStore(new EventRegistry(eventCatalogue));
  return () => store;
};

/** Replicas of the deployer on one log; each call goes to the next one, as on the bus. */
export function deployment(replicas: number, openStore: () => EventStore = inMemory()) {
  const store = openStore();
  const all = Array.from({ length: replicas }, () => new AdvancePublish(openStore()));
  let turn = 0;
  let occurredAt = context.occurredAt;
  const next = (): AdvancePublish => {
    const replica = all[turn++ % all.length];
    if (replica === undefined) throw new Error('a deployment has replicas');
    return replica;
  };
  const now = (): AppendContext => ({ ...context, occurredAt });
  const react = (publishId: string, input: PublishInput) => next().react(publishId, input, now());
  const everywhere = (publishId: string, input: PublishInput) =>
    Promise.all(all.map((replica) => replica.react(publishId, input, now())));
  /** As far as it goes when all goes well: to its end, to what it waits for, or to a status that is asked for. */
  const finish = async (publishId: string, asked: Asked = {}, until?: PublishState['status']) => {
    return goOn(publishId, await react(publishId, triggered(publishId, asked)), until);
  };
  const goOn = async (publishId: string, from: PublishState, until?: PublishState['status']) => {
    let state = from;
    for (let input = awaited(state); input !== null && state.status !== until; input = awaited(state))
      state = await react(publishId, input);
    return state;
  };
  /** Any replica takes any delivery of a slot's news, as on the bus. */
  const tellOfSlots = async (target_id = targetId): Promise<void> => {
    for (const event of await slotHistory(store, target_id)) {
      if (event.type === 'SlotGranted' || event.type === 'PublishOvertaken') await react(event.data.publish_id, event);
    }
  };
  const say = async (stream: string, ...events: NewEvent[]): Promise<void> => {
    const expectedVersion = (await store.readStream(stream)).length;
    const appended = await store.append([{ stream, expectedVersion, events }], now());
    if (appended.outcome !== 'appended') throw new Error(`somebody else wrote to ${stream}`);
  };
  return {
    ...{ store, all, next, now, react, finish, goOn, everywhere, tellOfSlots },
    /** Moves the clock that all replicas go by. */
    setClock: (time: string) => void (occurredAt = time),
    /** Says something about the target, in its own stream. */
    ofTarget: (event: NewEvent, id = targetId) => say(`target-${id}`, event),
    ofCalendar: (event: NewEvent) => say(freezeCalendar, event),
    say,
  };
}

/** A target that says this about starts. */
export function created(rules: Partial<StoredTargetDocument> = {}, target_id = targetId): NewEvent {
  const data = example('TargetCreated');
  return { type: 'TargetCreated', data: { ...data, target_id, document: { ...data.document, ...rules } } };
}

export function frozen(freeze: Partial<EventData<'FreezeDeclared'>> = {}): NewEvent {
  const period = { from: context.occurredAt, to: '2026-03-19T18:00:00.000Z' };
  const scope = { kind: 'global' } as const;
  return { type: 'FreezeDeclared', data: { ...example('FreezeDeclared'), scope, period, ...freeze } };
}

const isSlotEvent = eventsIn<SlotEvent>(slotEvents);

export const typesOf = async (store: EventStore, stream: string): Promise<readonly string[]> =>
  (await store.readStream(stream)).map(({ type }) => type);

export async function slotHistory(store: EventStore, target_id = targetId): Promise<readonly SlotEvent[]> {
  const history = await store.readStream(`slot-${target_id}`);
  return history.map(({ type, data }: RecordedEvent) => ({ type, data })).filter(isSlotEvent);
}

/** The last event of a publish, as domain code sees it. */
export async function lastOf(store: EventStore, publishId: string): Promise<Pick<RecordedEvent, 'type' | 'data'>> {
  const last = (await store.readStream(`publish-${publishId}`)).at(-1);
  if (!last) throw new Error(`nothing is known of ${publishId}`);
  return { type: last.type, data: last.data };
}
