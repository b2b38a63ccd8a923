import type { NewEvent, RecordedEvent } from '@m3/contracts';
import type { Decision, Refusal } from '@m3/decider';
import type { AppendContext, EventStore } from '@m3/event-store';
import type { StreamStates } from './stream-states.js';

/** More conflicts in a row than replicas could cause: something appends without end. */
const maxAttempts = 20;

/** What came of a command: the state it left and the events it appended (none: it had been done before), or a refusal. */
export type Decided<State> =
  | { readonly outcome: 'accepted'; readonly state: State; readonly events: readonly RecordedEvent[] }
  | { readonly outcome: 'rejected'; readonly rejection: Refusal; readonly state: State };

export interface DecideAndAppend<State, Event extends NewEvent> {
  readonly store: EventStore;
  readonly states: StreamStates<State, Event>;
  readonly stream: string;
  readonly decide: (state: State) => Decision<Event, Refusal>;
  readonly context: AppendContext;
}

/**
 * Loads a stream, decides, appends; again when another writer came first. What is not appended — a refusal, or nothing
 * to do — is never decided on a state that may be stale.
 */
export async function decideAndAppend<State, Event extends NewEvent>(
  work: DecideAndAppend<State, Event>,
): Promise<Decided<State>> {
  const { store, states, stream, decide, context } = work;
  let current = await states.load(stream);
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const decision = decide(current.state);
    const events = decision.outcome === 'accepted' ? decision.events : [];
    if (events.length === 0 && current.cached) {
      current = await states.reload(stream);
      continue;
    }
    if (decision.outcome === 'rejected') return { ...decision, state: current.state };
    if (events.length === 0) return { outcome: 'accepted', state: current.state, events: [] };
    const result = await store.append([{ stream, expectedVersion: current.version, events }], context);
    if (result.outcome === 'appended') {
      states.appended(current, result.events);
      return { outcome: 'accepted', state: (await states.load(stream)).state, events: result.events };
    }
    current = await states.reload(stream);
  }
  throw new Error(`${stream}: ${maxAttempts} version conflicts in a row`);
}
