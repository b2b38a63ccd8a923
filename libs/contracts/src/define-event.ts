import type { Static, TSchema } from '@sinclair/typebox';

/** Who caused an event: a person or service by verified subject, or the product itself. */
export interface Actor {
  readonly kind: 'user' | 'service' | 'system';
  readonly id: string;
}

/** What surrounds an event's data. Times are ISO 8601 in UTC. */
export interface EventMetadata {
  readonly actor: Actor;
  /** One id for everything that one cause (a tag, an operator's request) set off. */
  readonly correlationId: string;
  /** The event or command that directly caused this one. */
  readonly causationId: string | null;
  /** W3C Trace Context header, carried from service to service. */
  readonly traceparent?: string;
  readonly occurredAt: string;
}

/** The declaration of one event type: its name and shape are declared here once, and inferred everywhere else. */
export interface EventDefinition<Type extends string = string, Schema extends TSchema = TSchema> {
  readonly type: Type;
  readonly category: string;
  /** Grows when the shape changes by more than a new optional field. */
  readonly version: number;
  readonly schema: Schema;
  readonly example: Static<Schema>;
  /** Nobody is waiting for it: it is read from the log, and the bus does not carry it. */
  readonly logOnly: boolean;
  /** Pure steps from an older version of the data to the next one: `upcasters[1]` turns version 1 into version 2. */
  readonly upcasters: Readonly<Record<number, (data: unknown) => unknown>>;
}

/** Declares an event type. The stream that it is appended to must be of the same category. */
export function defineEvent<const Type extends string, Schema extends TSchema>(
  definition: Omit<EventDefinition<Type, Schema>, 'version' | 'upcasters' | 'logOnly'> &
    Partial<Pick<EventDefinition, 'version' | 'upcasters' | 'logOnly'>>,
): EventDefinition<Type, Schema> {
  return { version: 1, upcasters: {}, logOnly: false, ...definition };
}

/** The event that a definition declares, as domain code sees it: `{ type, data }`. */
export type EventOf<Definition> =
  Definition extends EventDefinition<infer Type, infer Schema>
    ? { readonly type: Type; readonly data: Readonly<Static<Schema>> }
    : never;

/** The union of events that a catalogue (an array of definitions) declares. */
export type EventsOf<Catalogue extends readonly EventDefinition[]> = EventOf<Catalogue[number]>;

/** An event before it is appended. */
export interface NewEvent {
  readonly type: string;
  readonly data: object;
}

/** An event as the log holds it. */
export interface RecordedEvent<Event extends NewEvent = NewEvent> {
  readonly type: Event['type'];
  readonly data: Event['data'];
  /** Order of insertion. Not dense and not the order in which events become visible: never a checkpoint. */
  readonly position: number;
  /** Dense global order (1, 2, 3 …), stamped by the sealer; null until sealed. */
  readonly seq: number | null;
  readonly stream: string;
  /** 1 for the first event of the stream. */
  readonly streamVersion: number;
  readonly category: string;
  readonly schemaVersion: number;
  readonly eventId: string;
  readonly metadata: EventMetadata;
  readonly recordedAt: string;
}
