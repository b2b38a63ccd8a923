import { fencesPerGrant, type SlotEvent } from '@m3/contracts';
import { assertNever } from '@m3/decider';

/** Who may change a target: the fence outranks that of everybody before. */
export interface Holder {
  readonly publish_id: string;
  readonly fence: number;
}

/** A publish that waits, and what decides whether a newer one overtakes it. */
export interface InLine {
  readonly publish_id: string;
  readonly automatic: boolean;
  /** Null for publishes that release 0.1.0 queued: nothing overtakes them. */
  readonly project: string | null;
  readonly version: string | null;
  readonly waits_for: 'approval' | 'start' | 'slot';
}

/**
 * Who may change a target now, and who waits. A publish asks for a slot only when nothing else holds it up, and gives it
 * back when it ends. Every grant raises the fence, so that an older attempt that wakes up late is refused by the target's
 * own database. Those that wait for an approval or for their start stand in line without a slot.
 */
export interface SlotState {
  readonly holders: readonly Holder[];
  /** In the order in which they came. */
  readonly line: readonly InLine[];
  /** Publishes that were overtaken and have not ended yet, and by which one. */
  readonly overtaken: ReadonlyMap<string, string>;
  readonly grants: number;
  /** What became active on the target since a publish lined up; it has not asked for its approval anew since. */
  readonly activeSince: ReadonlyMap<string, string | null>;
}

export const initialSlot: SlotState = {
  holders: [],
  line: [],
  overtaken: new Map(),
  grants: 0,
  activeSince: new Map(),
};

/** The fence that outranks everything done under `fence`. */
export const outranking = (fence: number): number => fence + 1;

/** Publishes that wait for a slot, first come first. */
export function queueOf({ line }: SlotState): readonly string[] {
  return line.filter(({ waits_for }) => waits_for === 'slot').map(({ publish_id }) => publish_id);
}

/**
 * Publishes that wait for their start and come before one that these events give a slot, or a place in the queue for
 * slots. They may be able to start by now, without having noticed.
 */
export function passedOver(state: SlotState, events: readonly SlotEvent[]): readonly string[] {
  const stay = new Set(events.reduce(evolveSlot, state).line.map(({ publish_id }) => publish_id));
  const before = events.flatMap(({ type, data }) =>
    type === 'SlotGranted' || type === 'SlotQueued' ? startingBefore(state, data.publish_id) : [],
  );
  return [...new Set(before)].filter((publishId) => stay.has(publishId));
}

/** First come first; whoever does not stand in line yet comes after all that do. */
function startingBefore({ line }: SlotState, publishId: string): readonly string[] {
  const place = line.findIndex(({ publish_id }) => publish_id === publishId);
  const before = place === -1 ? line : line.slice(0, place);
  return before.filter(({ waits_for }) => waits_for === 'start').map(({ publish_id }) => publish_id);
}

/** The fence under which a publish may change the target; null: it may not. */
export function fenceOf({ holders }: SlotState, publishId: string): number | null {
  return holders.find(({ publish_id }) => publish_id === publishId)?.fence ?? null;
}

export function evolveSlot(state: SlotState, event: SlotEvent): SlotState {
  const { publish_id } = event.data;
  const line = state.line.filter((each) => each.publish_id !== publish_id);
  switch (event.type) {
    case 'SlotGranted': {
      const holders = [...state.holders, { publish_id, fence: event.data.fence }];
      return { ...state, holders, line, grants: state.grants + 1 };
    }
    case 'SlotQueued': {
      const { automatic = false, project = null, version = null } = event.data;
      return { ...state, line: inPlace(state.line, { publish_id, automatic, project, version, waits_for: 'slot' }) };
    }
    case 'PublishLinedUp': {
      const { target_id: _target, ...inLine } = event.data;
      const activeSince = inLine.waits_for === 'approval' ? without(state.activeSince, publish_id) : state.activeSince;
      return { ...state, line: inPlace(state.line, inLine), activeSince };
    }
    case 'SlotTakenOver': {
      const holders = state.holders.filter((each) => each.publish_id !== publish_id);
      return { ...state, holders, activeSince: without(state.activeSince, publish_id) };
    }
    case 'PublishOvertaken':
      return { ...state, line, overtaken: new Map(state.overtaken).set(publish_id, event.data.by) };
    case 'SlotReleased': {
      const { active_version } = event.data;
      const overtaken = without(state.overtaken, publish_id);
      const holders = state.holders.filter((each) => each.publish_id !== publish_id);
      const activeSince = new Map(without(state.activeSince, publish_id));
      if (active_version !== undefined)
        for (const other of [...holders, ...line]) activeSince.set(other.publish_id, active_version);
      return { ...state, holders, line, overtaken, activeSince };
    }
    default:
      return assertNever(event);
  }
}

function without<Value>(map: ReadonlyMap<string, Value>, key: string): ReadonlyMap<string, Value> {
  return new Map([...map].filter(([each]) => each !== key));
}

/** Whoever stood in line already keeps the place. */
function inPlace(line: readonly InLine[], entry: InLine): readonly InLine[] {
  const stood = line.some(({ publish_id }) => publish_id === entry.publish_id);
  return stood ? line.map((each) => (each.publish_id === entry.publish_id ? entry : each)) : [...line, entry];
}

/** Who asks, for which target, and how many publishes may change that at a time. */
export interface SlotRequest extends Omit<InLine, 'waits_for' | 'project' | 'version'> {
  readonly project: string;
  readonly version: string;
  readonly target_id: string;
  readonly slots: number;
}

/** Grants a slot at once or queues. Asking again changes nothing. */
export function requestSlot(state: SlotState, request: SlotRequest): readonly SlotEvent[] {
  const { slots, ...identity } = request;
  const queue = queueOf(state);
  if (fenceOf(state, request.publish_id) !== null || queue.includes(request.publish_id)) return [];
  const free = state.holders.length < slots && queue.length === 0;
  return free ? [grant(state, request.target_id, request.publish_id)] : [{ type: 'SlotQueued', data: identity }];
}

/**
 * Gives a slot, or a place in the line, back; the next in line gets what is free.
 * @param active the version that the publish left active; undefined: it changed nothing, or that is not known
 */
export function releaseSlot(state: SlotState, request: SlotRequest, active?: string | null): readonly SlotEvent[] {
  const { target_id, publish_id } = request;
  const waits = state.line.some((each) => each.publish_id === publish_id);
  const known = waits || fenceOf(state, publish_id) !== null || state.overtaken.has(publish_id);
  if (!known) return [];
  const released: SlotEvent = {
    type: 'SlotReleased',
    data: { target_id, publish_id, ...(active === undefined ? {} : { active_version: active }) },
  };
  return [released, ...grantNext(evolveSlot(state, released), request)];
}

/** Takes the slot, and the place of everybody who has one: they are outranked from now on. Who waits goes on waiting. */
export function takeOver(state: SlotState, target_id: string, by: string): readonly SlotEvent[] {
  const taken = state.holders.map(({ publish_id }): SlotEvent => ({
    type: 'SlotTakenOver',
    data: { target_id, publish_id, by },
  }));
  return [...taken, grant(taken.reduce(evolveSlot, state), target_id, by)];
}

/** Lines up for an approval or for the start; a slot that it holds is given back. Again it changes nothing. */
export function lineUp(state: SlotState, request: SlotRequest, waits_for: 'approval' | 'start'): readonly SlotEvent[] {
  const { slots: _slots, ...identity } = request;
  const stands = state.line.find(({ publish_id }) => publish_id === request.publish_id);
  if (stands?.waits_for === waits_for) return [];
  const linedUp: SlotEvent = { type: 'PublishLinedUp', data: { ...identity, waits_for } };
  return fenceOf(state, request.publish_id) === null ? [linedUp] : [...releaseSlot(state, request), linedUp];
}

function grantNext(state: SlotState, { target_id, slots }: SlotRequest): readonly SlotEvent[] {
  const [next] = queueOf(state);
  if (next === undefined || state.holders.length >= slots) return [];
  return [grant(state, target_id, next)];
}

function grant(state: SlotState, target_id: string, publish_id: string): SlotEvent {
  return { type: 'SlotGranted', data: { target_id, publish_id, fence: (state.grants + 1) * fencesPerGrant } };
}
