import type { LogEvent } from '@m3/contracts';
import type { Output } from '../output/output.js';
import type { WatchView } from './watch-publishes.js';

/** NDJSON: `{"event": …}` for each event; the command adds `{"publish": …}` for each publish at the end. */
export class JsonView implements WatchView {
  constructor(private readonly output: Output) {}

  publish(): void {
    // Programs get the events; how the publish ended comes as the last line.
  }

  event(event: LogEvent): void {
    this.output.jsonLine({ event });
  }

  connection(state: 'connected' | 'lost', reason: string): void {
    if (state === 'lost') this.output.note(`connection lost, trying again: ${reason}`);
  }

  end(): void {
    // The command writes the last lines.
  }
}
