import type { RunRecords } from '../scheduler/run-records.js';
import type { Execution } from './execution.js';
import { patiently } from './patiently.js';

/** A run longer than this shows its progress in the database; a shorter one is written when it starts and when it ends. */
const PROGRESS_EVERY_MS = 50;

/** Writes how one run gets on, one write at a time. */
export class RunProgress {
  private readonly timer: NodeJS.Timeout;
  private latest: Promise<void> | undefined;

  constructor(
    private readonly records: RunRecords,
    private readonly execution: Execution,
  ) {
    this.timer = setInterval(() => this.show(), PROGRESS_EVERY_MS);
  }

  /** Stops showing progress and leaves the run as it was last written. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.latest;
  }

  /** Writes what is left to write. Repeats while the database is away; rejects when it stays away or on `signal`. */
  async finish(signal: AbortSignal): Promise<void> {
    await this.stop();
    await patiently(() => this.write(), signal);
  }

  private show(): void {
    if (this.latest !== undefined || !this.execution.hasChanged()) return;
    // What fails to be written now is written later: the change stays with the execution.
    this.latest = this.write().catch(() => undefined);
    void this.latest.then(() => (this.latest = undefined));
  }

  private async write(): Promise<void> {
    const change = this.execution.takeChange();
    try {
      await this.records.change(change.rows);
    } catch (error) {
      change.giveBack();
      throw error;
    }
  }
}
