import { targetEvents, targetNameStream, type RecordedEvent, type TargetEvent } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import { eventsIn } from '@m3/process';
import { target as decider, type Target } from '../domain/target.js';

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

  /**
   * Where every target's versions come from, by name of the target; null: from no other target. Targets of the given names
   * are looked for once more, because another replica may have made them a moment ago.
   */
  async promotions(names: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
    const known = await this.all();
    const missing = names.filter((name) => !known.some(({ document }) => document.name === name));
    const found = await Promise.all(missing.map((name) => this.byName(name)));
    return new Map(
      [...known, ...found.flatMap((target) => target ?? [])].map(({ document }) => [
        document.name,
        document.promotion?.from ?? null,
      ]),
    );
  }

  /** The target of a name as it stands in the log at this moment, sealed or not. */
  async byName(name: string): Promise<Target | null> {
    const [named] = await this.store.readStream(targetNameStream(name));
    if (!named || !('target_id' in named.data) || typeof named.data.target_id !== 'string') return null;
    const { target_id } = named.data;
    this.take(await this.store.readStream(`target-${target_id}`));
    return this.targets.get(target_id)?.target ?? null;
  }

  /** Takes in a target as it is after an event of its stream, sealed or not. */
  settle(target: Target, version: number): void {
    const known = this.targets.get(target.target_id)?.version ?? 0;
    if (version > known) this.targets.set(target.target_id, { target, version });
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
    // Seen before; or after something that was not seen yet, which comes with the log.
    if (streamVersion !== known.version + 1) return;
    const target = decider.evolve(known.target, event);
    if (target) this.targets.set(target_id, { target, version: streamVersion });
  }
}
