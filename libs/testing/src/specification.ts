import { fold, type Decider, type Process } from '@m3/decider';

/** What must follow from a command or an input. */
export interface Outcome<Event> {
  /** Accepted with exactly these events, in this order. */
  then(...events: readonly Event[]): void;
  /** Accepted without an event: the state has the outcome already, or the input is none of its business. */
  thenNothing(): void;
}

export interface DecisionOutcome<Event, Code extends string> extends Outcome<Event> {
  /** Refused with this code and, when given, because of this field of the input. */
  thenRejected(code: Code, field?: string): void;
  /** The same command arrives a second time: `then` sees the events of both decisions. */
  twice(): DecisionOutcome<Event, Code>;
}

export interface ReactionOutcome<Event> extends Outcome<Event> {
  /** The input belongs to this process instance; null: to none. */
  thenConcerns(instance: string | null): void;
  /** The same input arrives a second time: `then` sees the events of both reactions. */
  twice(): ReactionOutcome<Event>;
}

export interface Specification<Event, Message, Result> {
  /** The history that is there when the message arrives. */
  readonly given: (...history: readonly Event[]) => { readonly when: (message: Message) => Result };
}

/** Specifies a decider by example: `given(requested).when(approve).then(approved)`. */
export function specification<State, Command, Event, Rejection extends { readonly code: string }>(
  decider: Decider<State, Command, Event, Rejection>,
): Specification<Event, Command, DecisionOutcome<Event, Rejection['code']>> {
  const outcome = (history: readonly Event[], command: Command, times: number) => {
    const decisions = repeat(history, times, (past) => {
      const decision = decider.decide(command, fold(decider, past));
      return { decision, events: decision.outcome === 'accepted' ? decision.events : [] };
    });
    const last = decisions.at(-1)?.decision;
    const accepted = (events: readonly Event[]) => {
      expect(last).toMatchObject({ outcome: 'accepted' });
      expect(decisions.flatMap((each) => each.events)).toEqual(events);
    };
    return {
      then: (...events: readonly Event[]) => accepted(events),
      thenNothing: () => accepted([]),
      thenRejected: (code: string, field?: string) =>
        expect(last).toMatchObject({
          outcome: 'rejected',
          rejection: field === undefined ? { code } : { code, field },
        }),
      twice: () => outcome(history, command, times + 1),
    };
  };
  return { given: (...history) => ({ when: (command) => outcome(history, command, 1) }) };
}

/** Specifies a process by example: `given(gatesPassed, approvalGranted).when(backupTaken).then(deploymentRequested)`. */
export function processSpecification<State, Input, Event>(
  process: Process<State, Input, Event>,
): Specification<Event, Input, ReactionOutcome<Event>> {
  const outcome = (history: readonly Event[], input: Input, times: number) => {
    const events = () =>
      repeat(history, times, (past) => ({ events: process.react(input, fold(process, past)) })).flatMap(
        (each) => each.events,
      );
    return {
      then: (...expected: readonly Event[]) => expect(events()).toEqual(expected),
      thenNothing: () => expect(events()).toEqual([]),
      thenConcerns: (instance: string | null) => expect(process.correlate(input)).toBe(instance),
      twice: () => outcome(history, input, times + 1),
    };
  };
  return { given: (...history) => ({ when: (input) => outcome(history, input, 1) }) };
}

/** Each step sees the history with the events of the steps before it. */
function repeat<Event, Step extends { readonly events: readonly Event[] }>(
  history: readonly Event[],
  times: number,
  step: (past: readonly Event[]) => Step,
): readonly Step[] {
  const steps: Step[] = [];
  for (let n = 0; n < times; n += 1) steps.push(step([...history, ...steps.flatMap((each) => each.events)]));
  return steps;
}
