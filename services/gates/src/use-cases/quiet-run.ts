import type { Decided } from '@m3/process';
import { decideTogether, quietRun, type DecideRun } from '../domain/gate-run.quiet.js';
import type { GateRun } from '../domain/gate-run.state.js';

/**
 * A run that has just begun. Most are over within a moment and leave only their end in the log; one that goes on is recorded
 * when the moment has passed, and from then on as it goes. What a process that ends had not recorded is found out again.
 */
export class QuietRun {
  private readonly decides: DecideRun[] = [];
  private readonly moment: NodeJS.Timeout;
  private quiet = true;

  /** @param recorded told when everything so far is in the log */
  constructor(
    private readonly append: (decide: DecideRun) => Promise<Decided<GateRun>>,
    private readonly recorded: () => void,
    quietMs: number,
  ) {
    // Should it fail, the next decision records everything.
    this.moment = setTimeout(() => void this.record().catch(() => undefined), quietMs).unref();
  }

  async decide(decide: DecideRun): Promise<Pick<Decided<GateRun>, 'state'>> {
    this.decides.push(decide);
    const { state, canWait } = quietRun(this.decides);
    return this.quiet && canWait ? { state } : this.record();
  }

  private async record(): Promise<Decided<GateRun>> {
    this.quiet = false;
    clearTimeout(this.moment);
    const decides = [...this.decides];
    const decided = await this.append((logged) => decideTogether(decides, logged));
    if (decides.length === this.decides.length) this.recorded();
    return decided;
  }
}
