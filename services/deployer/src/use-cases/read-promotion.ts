import {
  targetNameStream,
  type DomainEventType,
  type Promotion,
  type RecordedEvent,
  type RecordedEventOf,
} from '@m3/contracts';
import type { EventStore, StreamWrite } from '@m3/event-store';
import type { PromotionFacts } from '@m3/policies';
import type { PublishRequest } from '../domain/publish.state.js';

export interface Promoted {
  readonly facts: PromotionFacts;
  readonly checks: readonly StreamWrite[];
}

/** A stream that a decision was made on and that it leaves alone. */
export const unchanged = (stream: string, expectedVersion: number): StreamWrite => ({
  stream,
  expectedVersion,
  events: [],
});

/**
 * How a version fares on the target that it is promoted from, from the log itself: the version's stream names its
 * publishes, theirs say how they ended, and the target's says what was rolled back. All of them are checked by the
 * append, so that news between the look and the append is not missed.
 */
export async function readPromotion(
  store: EventStore,
  { project, version }: Pick<PublishRequest, 'project' | 'version'>,
  rule: Promotion | null,
): Promise<Promoted> {
  if (rule === null) return { facts: { target_id: null, succeededAt: null }, checks: [] };
  const read = new Reading(store);
  const [named] = (await read.stream(targetNameStream(rule.from))).filter(isOf('TargetNamed'));
  if (!named) return { facts: { target_id: null, succeededAt: null }, checks: read.checks };
  const { target_id } = named.data;
  const triggered = (await read.stream(`version-${project}:${version}`)).filter(isOf('PublishTriggered'));
  const ids = triggered.filter(({ data }) => data.target.target_id === target_id).map(({ data }) => data.publish_id);
  const ends = await Promise.all(ids.map((id) => read.stream(`publish-${id}`)));
  const vetoes = (await read.stream(`target-${target_id}`))
    .filter(isOf('TargetHeld'))
    .filter(({ data: { vetoed } }) => vetoed?.project === project && vetoed.version === version);
  const badUntil = vetoes.at(-1)?.metadata.occurredAt ?? '';
  const successes = ends.flat().filter(isOf('PublishSucceeded'));
  const good = successes.map(({ metadata }) => metadata.occurredAt).filter((at) => at > badUntil);
  return { facts: { target_id, succeededAt: good.sort()[0] ?? null }, checks: read.checks };
}

function isOf<Type extends DomainEventType>(type: Type) {
  return (event: Pick<RecordedEvent, 'type'>): event is RecordedEventOf<Type> => event.type === type;
}

/** Reads streams, and remembers the versions at which it read them. */
class Reading {
  readonly checks: StreamWrite[] = [];

  constructor(private readonly store: EventStore) {}

  async stream(name: string): Promise<readonly RecordedEvent[]> {
    const events = await this.store.readStream(name);
    this.checks.push(unchanged(name, events.length));
    return events;
  }
}
