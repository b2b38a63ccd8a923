/** How many executor calls may run side by side; the ones beyond wait in order. */
export class ExecutorSlots {
  private used = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(readonly capacity: number) {}

  get inUse(): number {
    return this.used;
  }

  async run<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    if (this.used >= this.capacity) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.used += 1;
    try {
      return await work();
    } finally {
      // A slot that somebody waits for is handed over, not freed.
      const next = this.waiting.shift();
      if (next === undefined) this.used -= 1;
      else next();
    }
  }
}
