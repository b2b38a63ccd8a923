import { publishEvents, slotEvents, type PublishEvent, type SlotEvent } from '@m3/contracts';
import type { Decision, Refusal } from '@m3/decider';
import type { AppendContext, EventStore, StreamWrite } from '@m3/event-store';
import { eventsIn, StreamStates, type StreamState } from '@m3/process';
import { advance, concernsSlot, concernsTarget, type Advance } from '../domain/advance.js';
import { evolvePublish } from '../domain/publish.evolve.js';
import type { Moment, PublishInput } from '../domain/publish.inputs.js';
import { reactPublish } from '../domain/publish.react.js';
import { initialPublish, type PublishRequest, type PublishState } from '../domain/publish.state.js';
import { evolveSlot, initialSlot, passedOver, type SlotState } from '../domain/slot.js';
import { isStartable, judge, notWaiting, overrideStart, type OverrideStart } from '../domain/start.js';
import { byTheClock } from './by-the-clock.js';
import { InTurn } from './in-turn.js';
import { momentAt } from './moment.js';
import { ReadStartRules, targetsKept, type ReadRules } from './read-start-rules.js';

/** Publishes in memory: what is under way. One that is not is read from its stream. */
const publishesKept = 2_000;
/** More conflicts in a row than replicas could cause, each of which somebody else got further by. */
const maxAttempts = 100;

type Reaction = Decision<PublishEvent, Refusal>;
interface Decided {
  readonly state: PublishState;
  readonly rejection: Refusal | null;
}

interface Asked {
  readonly decide: (state: PublishState, moment: Moment) => Reaction | Promise<Reaction>;
  readonly moment: Moment;
  readonly context: AppendContext;
}

interface Attempt extends Asked {
  readonly publish: StreamState<PublishState>;
  /** What surrounds it is read, not taken from memory. */
  readonly anew: boolean;
  /** Publishes before it that have looked whether they may start. */
  readonly looked: ReadonlySet<string>;
}

interface NotYet {
  /** None: another writer came first, or there seems to be nothing to do by what is in memory alone. */
  readonly lookFirst: readonly string[];
}
const again: NotYet = { lookFirst: [] };

/** A publish with what its next move depends on. */
interface Seen {
  readonly publish: StreamState<PublishState>;
  readonly slot: StreamState<SlotState> | null;
  readonly start: ReadRules | null;
}

/**
 * Moves publishes on: loads, reacts, appends to the publish and its target's slots in one append, again on a conflict. A
 * publish that may start is judged by the rules in force, whose streams the append checks too.
 */
export class AdvancePublish {
  private readonly publishes: StreamStates<PublishState, PublishEvent>;
  private readonly slots: StreamStates<SlotState, SlotEvent>;
  private readonly rules: ReadStartRules;
  private readonly turns = new InTurn();

  constructor(private readonly store: EventStore) {
    this.publishes = new StreamStates<PublishState, PublishEvent>(
      store,
      { initial: initialPublish, evolve: evolvePublish, accepts: eventsIn<PublishEvent>(publishEvents) },
      publishesKept,
    );
    this.slots = new StreamStates(
      store,
      { initial: initialSlot, evolve: evolveSlot, accepts: eventsIn<SlotEvent>(slotEvents) },
      targetsKept,
    );
    this.rules = new ReadStartRules(store);
  }

  /** Lets a publish react to an input; an input that it is not waiting for changes nothing. */
  async react(publishId: string, input: PublishInput, context: AppendContext): Promise<PublishState> {
    if (input.type === 'PublishTriggered') this.publishes.presumeNew(streamOf(publishId));
    const { state } = await this.decide(publishId, context, reactingTo(input));
    return state;
  }

  /** Lets a waiting publish start despite windows and freezes. The same command again has no further effect. */
  async override(publishId: string, wish: OverrideStart, context: AppendContext): Promise<Decided> {
    const publish = await this.publishes.reload(streamOf(publishId));
    if (await this.wasOverridden(publish.stream, context)) return { state: publish.state, rejection: null };
    return this.decide(publishId, context, async (state, { now }) => {
      if (!isStartable(state)) return notWaiting(state);
      const { rules } = await this.rules.read(state.request, true);
      return overrideStart(wish, state, judge(state, rules, now));
    });
  }

  /** Lets a publish decide on something that may be refused. */
  async decide(publishId: string, context: AppendContext, decide: Asked['decide']): Promise<Decided> {
    const asked = { decide, moment: momentAt(context.occurredAt), context };
    const publish = await this.publishes.load(streamOf(publishId));
    const tried = await this.attempt({ ...asked, publish, anew: false, looked: new Set() });
    if ('state' in tried) return tried;
    // Publishes of one target that all wake up at once would conflict with each other for ever.
    const { state } = await this.publishes.reload(publish.stream);
    const turn = state.status === 'absent' ? publish.stream : slotStream(state.request);
    return this.turns.run(turn, () => this.insist(publishId, asked, new Set()));
  }

  /**
   * Tries until it is done. Those that it would pass over in the line look first, and look again when another writer came
   * in between: by then they may start, too.
   */
  private async insist(publishId: string, asked: Asked, looked: Set<string>): Promise<Decided> {
    for (let attempt = 1; attempt < maxAttempts; attempt++) {
      const publish = await this.publishes.reload(streamOf(publishId));
      const tried = await this.attempt({ ...asked, publish, anew: true, looked });
      if ('state' in tried) return tried;
      if (tried.lookFirst.length === 0) looked.clear();
      for (const before of tried.lookFirst) {
        looked.add(before);
        // What keeps one of them from looking shows when its own time comes.
        await this.insist(before, lookOf(before, asked.context), looked).catch(() => undefined);
      }
    }
    throw new Error(`${publishId}: ${maxAttempts} version conflicts in a row`);
  }

  private async attempt({ publish, anew, decide, moment, context, looked }: Attempt): Promise<Decided | NotYet> {
    const decision = await decide(publish.state, moment);
    const events = decision.outcome === 'accepted' ? decision.events : [];
    const seen = await this.look(publish, events, anew);
    const next = decision.outcome === 'accepted' ? withSurroundings(seen, events, moment) : nothing;
    if (next.publish.length + next.slot.length === 0) {
      if (isCached(seen)) return again;
      return { state: publish.state, rejection: decision.outcome === 'rejected' ? decision.rejection : null };
    }
    const lookFirst = lineBefore(seen, next).filter((id) => !looked.has(id));
    if (lookFirst.length > 0) return { lookFirst };
    if (!(await this.append(seen, next, context))) return again;
    return { state: await this.leftAs(publish.stream), rejection: null };
  }

  /** Hardly anybody asks for a publish that is over, and a thousand of them take several megabytes. */
  private async leftAs(stream: string): Promise<PublishState> {
    const { state } = await this.publishes.load(stream);
    if (state.status === 'ended') this.publishes.forget(stream);
    return state;
  }

  /** Whether a publish was requested; "yes" stays true, so it may be said from memory. */
  async hasBegun(publishId: string): Promise<boolean> {
    return (await this.publishes.load(streamOf(publishId))).state.status !== 'absent';
  }

  /** Whether it is so by what is in memory: "no" means little. */
  isKnownToHaveBegun(publishId: string): boolean {
    const known = this.publishes.peek(streamOf(publishId));
    return known !== undefined && known.status !== 'absent';
  }

  /** Whether a publish is known to have its slot; "yes" stays true, so it may be said from memory. */
  async hasSlot(publishId: string): Promise<boolean> {
    return 'fence' in (await this.publishes.load(streamOf(publishId))).state;
  }

  /** Whether a publish has one of these statuses; "no" is never said from memory. */
  async isIn(publishId: string, statuses: readonly PublishState['status'][]): Promise<boolean> {
    const publish = await this.publishes.load(streamOf(publishId));
    if (statuses.includes(publish.state.status)) return true;
    return publish.cached && statuses.includes((await this.publishes.reload(publish.stream)).state.status);
  }

  private async wasOverridden(stream: string, { causationId }: AppendContext): Promise<boolean> {
    const history = await this.store.readStream(stream);
    return history.some(({ type, metadata }) => type === 'StartOverridden' && metadata.causationId === causationId);
  }

  /** @param anew after a conflict, or when nothing was to be done: not from memory */
  private async look(
    publish: StreamState<PublishState>,
    events: readonly PublishEvent[],
    anew: boolean,
  ): Promise<Seen> {
    if (!concernsSlot(publish.state, events)) return { publish, slot: null, start: null };
    const request = requestOf(events.reduce(evolvePublish, publish.state));
    const stream = slotStream(request);
    // Both at once, and both looked after: a failure of one must not leave that of the other to nobody.
    const [slot, start] = await Promise.all([
      anew ? this.slots.reload(stream) : this.slots.load(stream),
      concernsTarget(publish.state, events) ? this.rules.read(request, anew) : null,
    ]);
    return { publish, slot, start };
  }

  /** False when another writer came first. */
  private async append({ publish, slot, start }: Seen, next: Advance, context: AppendContext): Promise<boolean> {
    const writes: StreamWrite[] = [write(publish, next.publish)];
    if (slot) writes.push(write(slot, next.slot));
    const written = new Set(writes.map(({ stream }) => stream));
    const checks = (start?.checks ?? []).filter(({ stream }) => !written.has(stream) && written.add(stream));
    const appended = await this.store.append([...writes, ...checks], context);
    if (appended.outcome === 'conflict') return false;
    this.publishes.appended(publish, appended.events);
    if (slot) this.slots.appended(slot, appended.events);
    return true;
  }
}

const nothing: Advance = { publish: [], slot: [] };

function reactingTo(input: PublishInput): Asked['decide'] {
  return (state, moment) => ({ outcome: 'accepted', events: reactPublish(input, state, moment) });
}

/** What the clock has a publish do: to see whether it may start, or whether its time is over. */
function lookOf(publishId: string, { occurredAt }: AppendContext): Asked {
  return {
    decide: reactingTo({ type: 'DeadlinePassed' }),
    moment: momentAt(occurredAt),
    context: byTheClock(publishId, occurredAt),
  };
}

function withSurroundings({ publish, slot, start }: Seen, events: readonly PublishEvent[], moment: Moment): Advance {
  if (!slot) return { publish: events, slot: [] };
  return advance(publish.state, events, { slots: slot.state, rules: start?.rules ?? null }, moment);
}

function lineBefore({ slot }: Seen, next: Advance): readonly string[] {
  return slot ? passedOver(slot.state, next.slot) : [];
}

function isCached({ publish, slot, start }: Seen): boolean {
  return publish.cached || slot?.cached === true || start?.cached === true;
}

const streamOf = (publishId: string): string => `publish-${publishId}`;
const slotStream = ({ target }: PublishRequest): string => `slot-${target.target_id}`;

function requestOf(state: PublishState): PublishRequest {
  if (state.status === 'absent') throw new Error('a publish that was never requested has no target');
  return state.request;
}

function write<State>(
  { stream, version }: StreamState<State>,
  events: readonly (PublishEvent | SlotEvent)[],
): StreamWrite {
  return { stream, expectedVersion: version, events };
}
