/** A pause that can be cut short. A wake-up that comes while nobody sleeps ends the next sleep at once. */
export class InterruptibleSleep {
  private pending = false;
  private end: (() => void) | null = null;

  /** Resolves when woken, or when the time is over. */
  for(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.end = null;
        this.pending = false;
        resolve();
      };
      const timer = setTimeout(finish, ms);
      this.end = finish;
      if (this.pending) finish();
    });
  }

  wake(): void {
    this.pending = true;
    this.end?.();
  }
}
