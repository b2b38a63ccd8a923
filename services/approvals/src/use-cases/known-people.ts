import { canonicalDigest, personEvents, personStream, type Caller, type PersonEvent } from '@m3/contracts';
import type { AppendContext, EventStore } from '@m3/event-store';
import { decideAndAppend, eventsIn, StreamStates, type StreamState } from '@m3/process';
import { accept } from '@m3/decider';

/** The roles that somebody was last seen with; null: never seen deciding. */
export type Known = readonly string[] | null;

/**
 * The roles of those who decide, as their tokens had them when last seen: here while they decide, and wherever else in
 * the API they are seen later. Of people who do not use the API any more nothing newer is known than that.
 */
export class KnownPeople {
  private readonly states: StreamStates<Known, PersonEvent>;

  constructor(private readonly store: EventStore) {
    this.states = new StreamStates<Known, PersonEvent>(store, {
      initial: null,
      evolve: (_before, event) => event.data.roles,
      accepts: eventsIn<PersonEvent>(personEvents),
    });
  }

  /** @param anew not from memory */
  look(person: string, anew: boolean): Promise<StreamState<Known>> {
    return anew ? this.states.reload(personStream(person)) : this.states.load(personStream(person));
  }

  /** Keeps what a token says of somebody who has decided before: of others it does not matter. */
  async see({ id, roles }: Caller, context: AppendContext): Promise<void> {
    await decideAndAppend({
      ...{ store: this.store, states: this.states, stream: personStream(id), context },
      decide: (known) => accept(...(known === null ? [] : news(id, roles, known))),
    });
  }
}

/** Nothing, if that is known. */
export function news(person_id: string, roles: readonly string[], known: Known): readonly PersonEvent[] {
  const sorted = [...new Set(roles)].sort();
  if (known !== null && canonicalDigest(known) === canonicalDigest(sorted)) return [];
  return [{ type: 'RolesSeen', data: { person_id, roles: sorted } }];
}
