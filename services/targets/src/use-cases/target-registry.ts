import { targetEvents, type RecordedEvent, type TargetEvent } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import { eventsIn } from '@m3/process';
import { evolveTarget, type Target } from '@m3/policies';

const types = targetEvents.map(({ type }) => type);
const isTargetEvent = eventsIn<TargetEvent>(targetEvents);
const page = 5_000;

/** All targets as the log knows them, kept in memory: a tag looks at every one. */
export class TargetRegistry {
  private readonly targets = new Map<string, { readonly target: Target; readonly version: number }>();
  private seq = 0;

  constructor(private readonly store: EventStore) {}

  /** Reads on from where it was; targets changed by another replica are seen as soon as the log is sealed. */
  async all(): Promise<readonly Target[]> {
    await this.readOn();
    return [...this.targets.values()].map(({ target }) => target);
  }

  async get(targetId: string): Promise<Target | null> {
    await this.readOn();
    return this.targets.get(targetId)?.target ?? null;
  }

  /** Takes in what this process appended, before it is sealed. */
  take(events: readonly RecordedEvent[]): void {
    for (const event of events) this.apply(event);
  }

  private async readOn(): Promise<void> {
    for (;;) {
      const events = await this.store.readLog({ afterSeq: this.seq, limit: page, types });
      this.take(events);
      this.seq = Math.max(this.seq, events.at(-1)?.seq ?? 0);
      if (events.length < page) return;
    }
  }

  private apply({ type, data, streamVersion }: RecordedEvent): void {
    const event = { type, data };
    if (!isTargetEvent(event) || event.type === 'TargetNamed') return;
    const { target_id } = event.data;
    const known = this.targets.get(target_id) ?? { target: null, version: 0 };
    if (streamVersion <= known.version) return;
    const target = evolveTarget(known.target, event);
    if (target) this.targets.set(target_id, { target, version: streamVersion });
  }
}
