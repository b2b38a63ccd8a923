import type { RecordedEvent } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import { eventsIn } from '@m3/process';
import type { StoredBackup } from '../domain/retention.js';
import {
  emptyShelf,
  evolveShelf,
  shelfEventTypes,
  targetOf,
  type ShelfEvent,
  type TargetShelf,
} from '../domain/target-shelf.js';

const page = 2_000;
const isShelfEvent = eventsIn<ShelfEvent>(shelfEventTypes.map((type) => ({ type })));

/** The backups of all targets as the sealed log tells them, kept in memory: what was deleted takes no room. */
export class TargetShelves {
  private readonly shelves = new Map<string, TargetShelf>();
  private seq = 0;
  private reading: Promise<void> = Promise.resolve();

  constructor(private readonly store: Pick<EventStore, 'readLog'>) {}

  /** Reads on from where it was. */
  async all(): Promise<ReadonlyMap<string, TargetShelf>> {
    this.reading = this.reading.catch(() => undefined).then(() => this.readOn());
    await this.reading;
    return this.shelves;
  }

  /** Backups of one target, or of every one. */
  async backups(targetId: string | null): Promise<readonly StoredBackup[]> {
    const shelves = await this.all();
    const wanted = targetId === null ? [...shelves.values()] : [shelves.get(targetId) ?? emptyShelf];
    return wanted.flatMap(({ backups }) => [...backups.values()]);
  }

  private async readOn(): Promise<void> {
    for (;;) {
      const events = await this.store.readLog({ afterSeq: this.seq, limit: page, types: shelfEventTypes });
      for (const event of events) this.apply(event);
      this.seq = events.at(-1)?.seq ?? this.seq;
      if (events.length < page) return;
    }
  }

  private apply({ type, data, metadata }: RecordedEvent): void {
    const event = { type, data, at: metadata.occurredAt };
    if (!isShelfEvent(event)) return;
    const targetId = targetOf(event);
    this.shelves.set(targetId, evolveShelf(this.shelves.get(targetId) ?? emptyShelf, event));
  }
}
