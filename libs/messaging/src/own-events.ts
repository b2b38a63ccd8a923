import type { RecordedEvent } from '@m3/contracts';
import type { Consumer } from './consumer.js';

/**
 * Hands events that only this service appends to the process that appended them, right after the commit: no way over the
 * bus and back. Nothing is remembered: what a process has not done when it ends comes through catch-up.
 */
export class OwnEvents {
  private readonly waiting = new Set<NodeJS.Timeout>();
  private stopped = false;

  constructor(private readonly consumers: ReadonlyMap<string, Consumer>) {}

  /** Takes events that were appended here. Their handlers begin when whoever appended them has taken in the result. */
  take(events: readonly RecordedEvent[]): void {
    for (const event of events) {
      const consumer = this.consumers.get(event.type);
      if (consumer?.handler.own === true) setImmediate(() => this.begin(consumer, event));
    }
  }

  /** Hands on nothing more. */
  stop(): void {
    this.stopped = true;
    for (const timer of this.waiting) clearTimeout(timer);
    this.waiting.clear();
  }

  private begin(consumer: Consumer, event: RecordedEvent): void {
    if (!this.stopped) void this.hand(consumer, event);
  }

  private async hand(consumer: Consumer, event: RecordedEvent): Promise<void> {
    const outcome = await consumer.fromHere(event);
    if (!('afterMs' in outcome) || this.stopped) return;
    const timer = setTimeout(() => {
      this.waiting.delete(timer);
      void this.hand(consumer, event);
    }, outcome.afterMs);
    this.waiting.add(timer);
  }
}
