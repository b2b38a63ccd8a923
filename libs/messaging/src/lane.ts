/** A limit on how many messages of one pattern are handled at a time in this process. Waiting ones go in order. */
export class Lane {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /** Told each time that a place has become free, whoever had it. */
  private freed: () => void = () => undefined;

  constructor(readonly capacity: number) {}

  onFree(listener: () => void): void {
    this.freed = listener;
  }

  /** How many more could start now. */
  get free(): number {
    return Math.max(0, this.capacity - this.running - this.waiting.length);
  }

  /** Whether one more may stand in line: it gets its turn although the bus keeps all places taken. */
  get hasRoom(): boolean {
    return this.waiting.length < Math.max(1, this.capacity / 4);
  }

  /** Resolves when a place is taken for the caller; undefined when it was free at once. Every entry needs a {@link leave}. */
  enter(): Promise<void> | undefined {
    if (this.running < this.capacity) {
      this.running++;
      return undefined;
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Gives the place back, or straight on to the next in line. */
  leave(): void {
    const next = this.waiting.shift();
    if (next) {
      next();
      return;
    }
    this.running--;
    this.freed();
  }
}
