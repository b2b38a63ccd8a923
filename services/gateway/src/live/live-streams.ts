import { LRUCache } from 'lru-cache';
import type { RecordedEvent } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import { idIn } from '../projections/log-entry.js';
import type { LogFeed } from './log-feed.js';
import { publishHistory, publishStream, streamsNamedBy } from './publish-history.js';

/** A part of a stream: its events, and how far the log has been looked through for them. */
export interface Slice {
  readonly events: readonly RecordedEvent[];
  readonly upTo: number;
}

/** Live streams of the log and of parts of it. Each starts after a given `seq`, and neither loses nor repeats an event. */
export class LiveStreams {
  private readonly targetOfPublish = new LRUCache<string, string>({ max: 5_000 });

  constructor(
    private readonly feed: LogFeed,
    private readonly store: Pick<EventStore, 'readStream' | 'lastSeq'>,
  ) {}

  /** The end of the log as this process has seen it. */
  get head(): number {
    return this.feed.head;
  }

  /** Whether anybody can have seen an event with this `seq`. */
  async hasReached(seq: number): Promise<boolean> {
    return seq <= this.feed.head || seq <= (await this.store.lastSeq());
  }

  async *all(from: number, signal: AbortSignal): AsyncGenerator<Slice, void, undefined> {
    for await (const events of this.feed.follow(from, signal)) yield { events, upTo: lastSeqOf(events, from) };
  }

  /**
   * One publish: what is past comes from its own streams, so that a long log need not be looked through; what is to come,
   * from the feed. Where one ends the other begins: at the feed's head when the stream was opened.
   */
  async *ofPublish(publishId: string, from: number, signal: AbortSignal): AsyncGenerator<Slice, void, undefined> {
    const seam = Math.max(from, this.feed.head);
    const history = await publishHistory(this.store, publishId);
    const streams = new Set([publishStream(publishId), ...history.flatMap(streamsNamedBy)]);
    yield { events: history.filter(({ seq }) => seq !== null && seq > from && seq <= seam), upTo: seam };
    for await (const batch of this.feed.follow(seam, signal)) {
      const events = batch.filter((event) => belongs(event, publishId, streams));
      yield { events, upTo: lastSeqOf(batch, seam) };
    }
  }

  /** Everything that names a target, and everything of the publishes to it. */
  async *ofTarget(targetId: string, from: number, signal: AbortSignal): AsyncGenerator<Slice, void, undefined> {
    for await (const batch of this.feed.follow(from, signal)) {
      const events: RecordedEvent[] = [];
      for (const event of batch) if ((await this.targetOf(event)) === targetId) events.push(event);
      yield { events, upTo: lastSeqOf(batch, from) };
    }
  }

  private async targetOf({ data }: RecordedEvent): Promise<string | null> {
    const publishId = idIn(data, 'publish_id');
    const targetId = idIn(data, 'target_id') ?? snapshotId(data);
    if (publishId === null) return targetId;
    if (targetId !== null) this.targetOfPublish.set(publishId, targetId);
    return targetId ?? this.targetOfPublish.get(publishId) ?? this.lookUp(publishId);
  }

  private async lookUp(publishId: string): Promise<string | null> {
    const [requested] = await this.store.readStream(publishStream(publishId));
    const found = requested ? snapshotId(requested.data) : null;
    if (found !== null) this.targetOfPublish.set(publishId, found);
    return found;
  }
}

/** Streams that a publish names in the course of time are added to `streams`. */
function belongs(event: RecordedEvent, publishId: string, streams: Set<string>): boolean {
  if (!streams.has(event.stream) || idIn(event.data, 'publish_id') !== publishId) return false;
  if (event.category === 'publish') for (const name of streamsNamedBy(event)) streams.add(name);
  return true;
}

/** The target in the snapshot that the beginning of a publish carries. */
function snapshotId(data: object): string | null {
  const target: unknown = Reflect.get(data, 'target');
  return typeof target === 'object' && target !== null ? idIn(target, 'target_id') : null;
}

function lastSeqOf(events: readonly RecordedEvent[], otherwise: number): number {
  return events.at(-1)?.seq ?? otherwise;
}
