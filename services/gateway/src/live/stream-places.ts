import { refuse } from '../http/problem-error.js';

export interface StreamLimits {
  readonly total: number;
  readonly perCaller: number;
}

/** Bounds how many streams are open at a time. */
export class StreamPlaces {
  private readonly open = new Map<string, number>();
  private total = 0;

  constructor(private readonly limits: StreamLimits) {}

  /** Runs `work` in a place of its own. @throws ProblemError when there is none */
  async hold(caller: string, work: () => Promise<void>): Promise<void> {
    const mine = this.open.get(caller) ?? 0;
    if (mine >= this.limits.perCaller || this.total >= this.limits.total) {
      throw refuse('too_many_streams', 'Too many live streams are open. Close some, or follow everything with one.', {
        headers: { 'Retry-After': '10' },
      });
    }
    this.move(caller, 1);
    try {
      await work();
    } finally {
      this.move(caller, -1);
    }
  }

  private move(caller: string, by: 1 | -1): void {
    const left = (this.open.get(caller) ?? 0) + by;
    if (left === 0) this.open.delete(caller);
    else this.open.set(caller, left);
    this.total += by;
  }
}
