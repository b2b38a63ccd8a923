import { newId, newUuid, publishEvents, slotEvents, type PublishEvent, type SlotEvent } from '@m3/contracts';
import type { Decision, Refusal } from '@m3/decider';
import type { AppendContext, EventStore, StreamWrite } from '@m3/event-store';
import { eventsIn, StreamStates, type StreamState } from '@m3/process';
import { advance, concernsSlot } from '../domain/advance.js';
import { evolvePublish } from '../domain/publish.evolve.js';
import type { Moment, PublishInput } from '../domain/publish.inputs.js';
import { reactPublish } from '../domain/publish.react.js';
import { initialPublish, type PublishState } from '../domain/publish.state.js';
import { evolveSlot, initialSlot, type SlotState } from '../domain/slot.js';

const maxAttempts = 20;

type Reaction = Decision<PublishEvent, Refusal>;

/** Moves publishes on: loads, reacts, appends to the publish and its target's slots in one append, again on a conflict. */
export class AdvancePublish {
  private readonly publishes: StreamStates<PublishState, PublishEvent>;
  private readonly slots: StreamStates<SlotState, SlotEvent>;

  constructor(private readonly store: EventStore) {
    this.publishes = new StreamStates(store, {
      initial: initialPublish,
      evolve: evolvePublish,
      accepts: eventsIn<PublishEvent>(publishEvents),
    });
    this.slots = new StreamStates(store, {
      initial: initialSlot,
      evolve: evolveSlot,
      accepts: eventsIn<SlotEvent>(slotEvents),
    });
  }

  /** Lets a publish react to an input; an input that it is not waiting for changes nothing. */
  async react(publishId: string, input: PublishInput, context: AppendContext): Promise<PublishState> {
    if (input.type === 'PublishTriggered') this.publishes.presumeNew(streamOf(publishId));
    const { state } = await this.decide(publishId, context, (current, moment) => ({
      outcome: 'accepted',
      events: reactPublish(input, current, moment),
    }));
    return state;
  }

  /** Lets a publish decide on something that may be refused. */
  async decide(
    publishId: string,
    context: AppendContext,
    decide: (state: PublishState, moment: Moment) => Reaction,
  ): Promise<{ readonly state: PublishState; readonly rejection: Refusal | null }> {
    const moment = momentAt(context.occurredAt);
    let publish = await this.publishes.load(streamOf(publishId));
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const decision = decide(publish.state, moment);
      const events = decision.outcome === 'accepted' ? decision.events : [];
      if (events.length === 0 && !publish.cached) {
        return { state: publish.state, rejection: decision.outcome === 'rejected' ? decision.rejection : null };
      }
      if (events.length > 0 && (await this.append(publish, events, moment, context))) {
        return { state: (await this.publishes.load(publish.stream)).state, rejection: null };
      }
      publish = await this.publishes.reload(publish.stream);
    }
    throw new Error(`${publish.stream}: ${maxAttempts} version conflicts in a row`);
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

  /** False when another writer came first. */
  private async append(
    publish: StreamState<PublishState>,
    events: readonly PublishEvent[],
    moment: Moment,
    context: AppendContext,
  ): Promise<boolean> {
    const slot = concernsSlot(publish.state, events) ? await this.slots.load(slotStream(publish.state)) : null;
    const result = slot ? advance(publish.state, events, slot.state, moment) : { publish: events, slot: [] };
    const writes: StreamWrite[] = [write(publish, result.publish)];
    if (slot) writes.push(write(slot, result.slot));
    const appended = await this.store.append(writes, context);
    if (appended.outcome === 'conflict') {
      if (slot) await this.slots.reload(slot.stream);
      return false;
    }
    this.publishes.appended(publish, appended.events);
    if (slot) this.slots.appended(slot, appended.events);
    return true;
  }
}

function write<State>(
  { stream, version }: StreamState<State>,
  events: readonly (PublishEvent | SlotEvent)[],
): StreamWrite {
  return { stream, expectedVersion: version, events };
}

const streamOf = (publishId: string): string => `publish-${publishId}`;

function slotStream(state: PublishState): string {
  if (state.status === 'absent') throw new Error('a publish that was never requested has no target');
  return `slot-${state.request.target.target_id}`;
}

/** A reaction makes one thing at most, of one kind: one UUID is enough for whatever it is. */
function momentAt(now: string): Moment {
  const uuid = newUuid();
  return {
    now,
    newIds: {
      gateRun: newId('gateRun', uuid),
      approval: newId('approval', uuid),
      backup: newId('backup', uuid),
      notification: newId('notification', uuid),
    },
  };
}
