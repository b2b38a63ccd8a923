/** Work on one thing is done one after the other; work on different things side by side. */
export class InTurn {
  private readonly last = new Map<string, Promise<void>>();

  async run<Result>(thing: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.last.get(thing);
    const result = before ? before.then(work) : work();
    const over = result.then(
      () => undefined,
      () => undefined,
    );
    this.last.set(thing, over);
    try {
      return await result;
    } finally {
      if (this.last.get(thing) === over) this.last.delete(thing);
    }
  }
}
