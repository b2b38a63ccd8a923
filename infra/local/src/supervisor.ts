import { setTimeout as pause } from 'node:timers/promises';
import type { LocalProcess } from './local-process.js';
import { partName } from './progress.js';
import type { StackPart } from './stack.js';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

/** Starts processes again that ended though nobody asked them to, and tells of it. */
export class Supervisor {
  private readonly stopping = new AbortController();

  constructor(private readonly say: (line: string) => void) {}

  /** Returns at once. */
  revive(part: StackPart, how: string, process: LocalProcess): void {
    if (this.stopping.signal.aborted) return;
    this.say(`✗ ${partName(part)} has ended (${how}); starting it again`);
    void this.tryUntilItRuns(part, process);
  }

  stop(): void {
    this.stopping.abort();
  }

  private async tryUntilItRuns(part: StackPart, process: LocalProcess): Promise<void> {
    const { signal } = this.stopping;
    for (let wait = FIRST_PAUSE_MS; !signal.aborted; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
      try {
        await process.restart();
        this.say(`✓ ${partName(part)} runs again (process ${process.pid ?? 'gone'})`);
        return;
      } catch (error) {
        this.complain(error);
      }
      await pause(wait, undefined, { signal }).catch(() => undefined);
    }
  }

  private complain(error: unknown): void {
    if (this.stopping.signal.aborted) return;
    this.say(`✗ ${error instanceof Error ? error.message : String(error)}`);
  }
}
