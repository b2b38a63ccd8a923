import { publishEndings } from '@m3/contracts';
import type { BusObserver, SeenEvent } from '../publish/bus-observer.js';

const GIVE_UP_MS = 300_000;
const endings: readonly string[] = publishEndings;

/** Waits for publishes to end, one at a time. The bus may bring an event twice. */
export class PublishEndings {
  private readonly ended = new Set<unknown>();
  private take: (event: SeenEvent) => void = () => undefined;

  static async observe(bus: BusObserver): Promise<PublishEndings> {
    const observer = new PublishEndings();
    await bus.onEvent('evt.publish.>', (event) => {
      const id = event.data['publish_id'];
      if (!endings.includes(event.type) || observer.ended.has(id)) return;
      observer.ended.add(id);
      observer.take(event);
    });
    return observer;
  }

  /** Does something, and resolves when the publish that follows from it has succeeded. */
  async succeededAfter<Result>(begin: () => Promise<Result>): Promise<Result> {
    const ended = this.next();
    const [result, { type, data }] = await Promise.all([begin(), ended]);
    if (type !== 'PublishSucceeded') throw new Error(`a publish ended as ${type}: ${JSON.stringify(data)}`);
    return result;
  }

  private next(): Promise<SeenEvent> {
    return new Promise((resolve, reject) => {
      const giveUp = setTimeout(() => reject(new Error(`no publish ended in ${GIVE_UP_MS / 1000} s`)), GIVE_UP_MS);
      this.take = (event) => {
        clearTimeout(giveUp);
        resolve(event);
      };
    });
  }
}
