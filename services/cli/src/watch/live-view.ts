import type { PublishDetail } from '@m3/contracts';
import type { Output } from '../output/output.js';
import { frameOf, type Watched } from './frame.js';
import type { PublishLogLine } from './shown-log.js';
import type { WatchView } from './watch-publishes.js';

/** How many lines of a log are kept for the picture. */
const keptLines = 50;

/** A picture on the terminal that is drawn over itself as the publishes move on. */
export class LiveView implements WatchView {
  private readonly watched = new Map<string, Watched>();
  private lost: string | null = null;
  private height = 0;
  private readonly ticking: NodeJS.Timeout;

  constructor(private readonly output: Output) {
    this.ticking = setInterval(() => this.draw(), 100);
  }

  publish(publish: PublishDetail, newLines: readonly PublishLogLine[]): void {
    const known = this.watched.get(publish.publish_id)?.lines ?? [];
    this.watched.set(publish.publish_id, { publish, lines: [...known, ...newLines].slice(-keptLines) });
  }

  event(): void {
    // Events are what moves the publish; the picture shows the publish.
  }

  connection(state: 'connected' | 'lost', reason: string): void {
    this.lost = state === 'lost' ? reason : null;
  }

  end(): void {
    clearInterval(this.ticking);
    this.lost = null;
    this.draw();
  }

  private draw(): void {
    if (this.watched.size === 0) return;
    const { columns, rows } = this.output;
    const frame = frameOf([...this.watched.values()], { columns, rows, now: Date.now(), lost: this.lost });
    const lines = frame.map(({ text, tone }) => `\x1b[2K${this.output.toned(text, tone)}\n`);
    const upAgain = this.height === 0 ? '' : `\x1b[${this.height}A`;
    // Without line wrap: characters of double width cannot break the picture. Then erase what is left below.
    this.output.raw(`${upAgain}\x1b[?7l${lines.join('')}\x1b[?7h\x1b[J`);
    this.height = frame.length;
  }
}
