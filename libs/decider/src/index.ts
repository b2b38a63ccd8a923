/**
 * The two pure shapes that all domain code has: a decider (commands in, events out) and a process
 * (events and timers in, events out). Neither does I/O, reads a clock or draws randomness: time and
 * ids come in with the command.
 */

/** A decision: the events to append (none: the state already has the outcome), or a refusal that is a value. */
export type Decision<Event, Rejection> =
  | { readonly outcome: 'accepted'; readonly events: readonly Event[] }
  | { readonly outcome: 'rejected'; readonly rejection: Rejection };

/** Why a command was refused. `code` is stable; `field` names the part of the input at fault, if one is. */
export interface Refusal<Code extends string = string> {
  readonly code: Code;
  readonly detail: string;
  readonly field?: string;
}

export interface Decider<State, Command, Event, Rejection extends { readonly code: string } = Refusal> {
  readonly initial: State;
  /** Total: every event type is handled, closed by {@link assertNever}. */
  readonly evolve: (state: State, event: Event) => State;
  readonly decide: (command: Command, state: State) => Decision<Event, Rejection>;
}

/** A decider whose inputs are events of other streams and timers. `react` on a state that has the outcome yields nothing. */
export interface Process<State, Input, Event> {
  readonly initial: State;
  readonly evolve: (state: State, event: Event) => State;
  /** The id of the process instance that this input concerns, or null when it concerns none. */
  readonly correlate: (input: Input) => string | null;
  readonly react: (input: Input, state: State) => readonly Event[];
}

export function accept<Event>(...events: Event[]): { outcome: 'accepted'; events: readonly Event[] } {
  return { outcome: 'accepted', events };
}

export function reject<Code extends string>(
  code: Code,
  detail: string,
  field?: string,
): { outcome: 'rejected'; rejection: Refusal<Code> } {
  return { outcome: 'rejected', rejection: field === undefined ? { code, detail } : { code, detail, field } };
}

/** State after a history. */
export function fold<State, Event>(
  decider: { readonly initial: State; readonly evolve: (state: State, event: Event) => State },
  events: Iterable<Event>,
  from: State = decider.initial,
): State {
  let state = from;
  for (const event of events) state = decider.evolve(state, event);
  return state;
}

/** Closes a switch over a union: a new member that is not handled fails to compile, an unknown one at run time throws. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
