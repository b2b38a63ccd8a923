import { publishEndings } from '@m3/contracts';
import type { BusObserver, SeenEvent } from '../publish/bus-observer.js';

const giveUpMs = 300_000;

/** Counts what becomes of the publishes that one tag sets off. Both times are of `performance.now()`. */
export class PublishesOfTag {
  readonly requested: Promise<number>;
  readonly ended: Promise<number>;
  private readonly open = new Set<string>();
  private readonly over = new Set<string>();
  private allRequested: () => void = () => undefined;
  private allEnded: () => void = () => undefined;
  private stops: (() => void)[] = [];

  private constructor(
    private readonly version: string,
    private readonly expected: number,
  ) {
    this.requested = this.within('requested', (done) => (this.allRequested = done));
    this.ended = this.within('ended', (done) => (this.allEnded = done));
  }

  static async observe(bus: BusObserver, version: string, expected: number): Promise<PublishesOfTag> {
    const publishes = new PublishesOfTag(version, expected);
    for (const type of ['PublishRequested', ...publishEndings])
      publishes.stops.push(await bus.onEvent(`evt.publish.${type}.>`, (event) => publishes.take(event)));
    return publishes;
  }

  stop(): void {
    for (const stop of this.stops) stop();
  }

  private take({ type, data }: SeenEvent): void {
    const id = String(data['publish_id']);
    if (type === 'PublishRequested' && data['version'] === this.version) {
      this.open.add(id);
      if (this.open.size === this.expected) this.allRequested();
    } else if (this.open.has(id)) {
      this.over.add(id);
      if (this.over.size === this.expected) this.allEnded();
    }
  }

  private within(what: string, whenDone: (done: () => void) => void): Promise<number> {
    return new Promise((resolve, reject) => {
      const giveUp = setTimeout(
        () =>
          reject(
            new Error(
              `only ${this.open.size} publishes were requested and ${this.over.size} ended: not all were ${what}`,
            ),
          ),
        giveUpMs,
      );
      whenDone(() => {
        clearTimeout(giveUp);
        resolve(performance.now());
      });
    });
  }
}
