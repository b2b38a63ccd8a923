import type { NewEvent, RecordedEvent } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import { LRUCache } from 'lru-cache';

export interface StreamState<State> {
  readonly stream: string;
  readonly state: State;
  /** Version of the last event in `state`; 0 for a stream that does not exist. */
  readonly version: number;
  /** From memory: another replica may have appended since. */
  readonly cached: boolean;
}

/** How a stream's events become a state. Events are narrowed to the union that the stream's owner declares. */
export interface Evolution<State, Event extends NewEvent> {
  readonly initial: State;
  /** `at`: when the event occurred, ISO 8601. */
  readonly evolve: (state: State, event: Event, at: string) => State;
  /** Tells the stream's own event types apart from anything else; an unknown type is a broken log. */
  readonly accepts: (event: NewEvent) => event is Event;
}

/**
 * States of streams, folded from the log and kept in memory. A kept state may be stale: appends check versions, and a
 * decision to do nothing is taken again on a state read anew (see {@link StreamStates.reload}).
 */
export class StreamStates<State, Event extends NewEvent> {
  private readonly kept: LRUCache<string, { state: State; version: number }>;

  /** @param size most states in memory, whose places are made at once */
  constructor(
    private readonly store: EventStore,
    private readonly evolution: Evolution<State, Event>,
    size = 1_000,
  ) {
    this.kept = new LRUCache({ max: size });
  }

  async load(stream: string): Promise<StreamState<State>> {
    const kept = this.kept.get(stream);
    return kept ? { stream, ...kept, cached: true } : this.reload(stream);
  }

  /**
   * A stream that most likely does not exist yet: nothing is read if nothing is known of it. Where that is wrong, the append
   * conflicts.
   */
  presumeNew(stream: string): StreamState<State> {
    const known = this.kept.get(stream) ?? { state: this.evolution.initial, version: 0 };
    this.kept.set(stream, known);
    return { stream, ...known, cached: true };
  }

  /** The state of the stream that is in memory. */
  peek(stream: string): State | undefined {
    return this.kept.peek(stream)?.state;
  }

  /** Keeps the state of the stream no longer: it is read anew when somebody asks for it. */
  forget(stream: string): void {
    this.kept.delete(stream);
  }

  /** Takes in a state that was kept elsewhere: what came after it is all that is read from now on. */
  takeIn(stream: string, kept: { readonly state: State; readonly version: number }): void {
    this.kept.set(stream, { ...kept });
  }

  /** Reads what was appended since the kept state. */
  async reload(stream: string): Promise<StreamState<State>> {
    const kept = this.kept.get(stream) ?? { state: this.evolution.initial, version: 0 };
    const events = await this.store.readStream(stream, kept.version);
    return this.keep(stream, kept.state, kept.version, events);
  }

  /** Takes in what this process appended, as the store returned it. */
  appended(before: StreamState<State>, events: readonly RecordedEvent[]): void {
    const own = events.filter(({ stream }) => stream === before.stream);
    if (own.length > 0) this.keep(before.stream, before.state, before.version, own);
  }

  private keep(stream: string, from: State, fromVersion: number, events: readonly RecordedEvent[]): StreamState<State> {
    const evolve = (current: State, event: RecordedEvent): State =>
      this.evolution.evolve(current, this.own(event), event.metadata.occurredAt);
    const state = events.reduce(evolve, from);
    const version = events.at(-1)?.streamVersion ?? fromVersion;
    this.kept.set(stream, { state, version });
    return { stream, state, version, cached: false };
  }

  private own(event: RecordedEvent): Event {
    const { type, data } = event;
    const candidate: NewEvent = { type, data };
    if (!this.evolution.accepts(candidate)) throw new Error(`event ${type} does not belong in ${event.stream}`);
    return candidate;
  }
}

/** A guard for the events of a catalogue, for {@link Evolution.accepts}. Shapes were checked when the event was read. */
export function eventsIn<Event extends NewEvent>(
  catalogue: readonly { readonly type: Event['type'] }[],
): (event: NewEvent) => event is Event {
  const types = new Set<string>(catalogue.map(({ type }) => type));
  return (event): event is Event => types.has(event.type);
}
