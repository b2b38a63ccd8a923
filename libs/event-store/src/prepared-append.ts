import { InvalidEventError, type EventMetadata, type EventRegistry, type NewEvent } from '@m3/contracts';
import { assertStorable, digestOf, storable } from './canonical-event.js';
import { InvalidAppendError } from './errors.js';
import { newEventId } from './event-id.js';
import type { AppendContext, StreamWrite } from './event-store.js';

/** An event that has been checked and serialised. All that is missing is what only the log knows: position and time. */
export interface PreparedEvent {
  readonly type: string;
  readonly data: object;
  readonly stream: string;
  readonly streamVersion: number;
  readonly category: string;
  readonly schemaVersion: number;
  readonly eventId: string;
  readonly metadata: EventMetadata;
  readonly json: { readonly data: string; readonly metadata: string };
  readonly digest: Buffer;
}

export interface PreparedWrite {
  readonly stream: string;
  readonly expectedVersion: number;
  readonly events: readonly PreparedEvent[];
}

export type PreparedAppend = readonly PreparedWrite[];

const STREAM = /^([a-z][a-z0-9_]*)-[\x21-\x7e]+$/;

/** Validates an append against the catalogue; throws {@link InvalidEventError} or {@link InvalidAppendError}. */
export function prepareAppend(
  registry: EventRegistry,
  writes: readonly StreamWrite[],
  context: AppendContext,
): PreparedAppend {
  const streams = new Set(writes.map((write) => write.stream));
  if (streams.size !== writes.length) throw new InvalidAppendError('an append may name each stream once');
  const metadata = metadataOf(context);
  const metadataJson = JSON.stringify(metadata);
  assertStorable('metadata', metadataJson);
  const prepare = eventPreparer(registry, metadata, metadataJson);
  return writes.map((write) => {
    const category = categoryOf(write);
    const events = write.events.map((event, index) =>
      prepare(event, { stream: write.stream, category, streamVersion: write.expectedVersion + index + 1 }),
    );
    return { stream: write.stream, expectedVersion: write.expectedVersion, events };
  });
}

function categoryOf({ stream, expectedVersion }: StreamWrite): string {
  const category = STREAM.exec(stream)?.[1];
  if (category === undefined || stream.length > 255) {
    throw new InvalidAppendError(`"${stream.slice(0, 255)}" is no stream name: it must look like <category>-<id>`);
  }
  if (!Number.isSafeInteger(expectedVersion) || expectedVersion < 0) {
    throw new InvalidAppendError(`the expected version of ${stream} must be a whole number from 0`);
  }
  return category;
}

/** Texts, under keys in RFC 8785 order: what JSON.stringify makes of it is canonical. */
function metadataOf({ actor, correlationId, causationId, traceparent, occurredAt }: AppendContext): EventMetadata {
  if (Number.isNaN(Date.parse(occurredAt))) throw new InvalidAppendError('occurredAt must be an ISO 8601 time');
  const common = { actor: { id: actor.id, kind: actor.kind }, causationId, correlationId, occurredAt };
  return traceparent === undefined ? common : { ...common, traceparent };
}

type Place = Pick<PreparedEvent, 'stream' | 'category' | 'streamVersion'>;

function eventPreparer(registry: EventRegistry, metadata: EventMetadata, metadataJson: string) {
  return ({ type, data }: NewEvent, place: Place): PreparedEvent => {
    const definition = registry.definition(type);
    if (definition.category !== place.category) {
      throw new InvalidEventError(type, '', `it belongs to category ${definition.category}, not to ${place.stream}`);
    }
    const { json, value } = storable(type, data);
    const event = { type, ...place, schemaVersion: definition.version, eventId: newEventId() };
    return {
      ...event,
      data: registry.read(type, definition.version, value),
      metadata,
      json: { data: json, metadata: metadataJson },
      digest: digestOf(event, json, metadataJson),
    };
  };
}
