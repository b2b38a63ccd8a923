import type { AppendContext, AppendResult, EventStore, StreamWrite } from '@m3/event-store';

/** A process that may end at any moment; what it was at is never gone on with. */
export interface Mortal {
  alive: boolean;
}

interface Waiting {
  readonly who: Mortal;
  readonly appends: boolean;
  readonly go: () => Promise<void>;
}

/** Everything that processes do to the world waits here for its turn, which the test gives in an order of its own. */
export class Turns {
  private waiting: Waiting[] = [];
  /** What went wrong in handlers: nothing may. */
  readonly faults: unknown[] = [];

  get length(): number {
    return this.waiting.length;
  }

  /** Does the work when its turn comes; never, if the process ends before. */
  take<Result>(who: Mortal, work: () => Promise<Result>, appends = false): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (who.alive) this.waiting.push({ who, appends, go: () => work().then(resolve, reject) });
    });
  }

  /** Lets one of those that wait go on, as far as its next call. */
  async give(which: number): Promise<void> {
    const next = this.waiting[which % Math.max(1, this.waiting.length)];
    if (!next) return;
    this.waiting = this.waiting.filter((each) => each !== next);
    await next.go();
    await quiet();
  }

  /** Starts something that takes as many turns as it needs. */
  async start(work: () => Promise<unknown>): Promise<void> {
    work().catch((error: unknown) => this.faults.push(error));
    await quiet();
  }

  /** Begins something, and lets its process go on as far as to where it is about to append what it has decided. */
  async upToAppend(who: Mortal, begin: () => Promise<void>): Promise<void> {
    const before = this.appendsOf(who);
    await begin();
    while (this.appendsOf(who) === before) {
      const next = this.waiting.findIndex((each) => each.who === who && !each.appends);
      if (next < 0) return;
      await this.give(next);
    }
  }

  private appendsOf(who: Mortal): number {
    return this.waiting.filter((each) => each.who === who && each.appends).length;
  }

  end(who: Mortal): void {
    who.alive = false;
    this.waiting = this.waiting.filter((each) => each.who !== who);
  }
}

/** Until nobody goes on by himself any more. */
const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * The log as one process reaches it: every call waits for its turn, and an append for a second one before its process
 * learns of it, so that a process can end between what it has done and what it knows.
 */
export class LogOfProcess implements EventStore {
  constructor(
    private readonly log: EventStore,
    private readonly turns: Turns,
    private readonly who: Mortal,
  ) {}

  async append(writes: readonly StreamWrite[], context: AppendContext): Promise<AppendResult> {
    const result = await this.turns.take(this.who, () => this.log.append(writes, context), true);
    return this.turns.take(this.who, () => Promise.resolve(result));
  }

  readStream(stream: string, afterVersion?: number) {
    return this.turns.take(this.who, () => this.log.readStream(stream, afterVersion));
  }

  readLog(read: Parameters<EventStore['readLog']>[0]) {
    return this.turns.take(this.who, () => this.log.readLog(read));
  }

  readHeads(read: Parameters<EventStore['readHeads']>[0]) {
    return this.turns.take(this.who, () => this.log.readHeads(read));
  }

  lastSeq() {
    return this.turns.take(this.who, () => this.log.lastSeq());
  }
}
