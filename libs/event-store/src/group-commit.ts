/** What a request touches. Two requests that only read a stream may travel together; a writer of it travels alone. */
export interface Touched {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** Rows that the request sends: streams and events. */
  readonly size: number;
}

export interface GroupCommitLimits {
  /** Batches on their way at one time. */
  readonly concurrency: number;
  /** Rows in one batch, unless a single request is larger. */
  readonly batchSize: number;
}

interface Waiting<Request, Answer> {
  readonly request: Request;
  readonly touched: Touched;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** How far into the queue a batch is looked for, so that a crowd on one stream costs no more than it must. */
const LOOKAHEAD = 512;

/**
 * Sends requests that arrive together as one batch: those that arrive while all places are taken go in a later one.
 * Requests on one stream keep their order and never share a batch or run at the same time. `send` answers each request of
 * a batch by its index, with an answer or an Error.
 */
export class GroupCommit<Request, Answer> {
  private queue: Waiting<Request, Answer>[] = [];
  private readonly streams = new StreamsInFlight();
  private inFlight = 0;
  private scheduled = false;

  constructor(
    private readonly send: (batch: readonly Request[]) => Promise<readonly (Answer | Error)[]>,
    private readonly limits: GroupCommitLimits,
  ) {}

  submit(request: Request, touched: Touched): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.queue.push({ request, touched, resolve, reject });
      this.schedule();
    });
  }

  /** After the running callbacks, so that all requests of this turn of the event loop are in the queue. */
  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      while (this.inFlight < this.limits.concurrency) {
        const batch = this.takeBatch();
        if (batch.length === 0) return;
        void this.run(batch);
      }
    });
  }

  private takeBatch(): readonly Waiting<Request, Answer>[] {
    const batch: Waiting<Request, Answer>[] = [];
    const left: Waiting<Request, Answer>[] = [];
    const passedOver = new StreamsInFlight();
    let size = 0;
    let looked = 0;
    for (const waiting of this.queue) {
      if (size >= this.limits.batchSize || looked++ >= LOOKAHEAD) break;
      const fits = batch.length === 0 || size + waiting.touched.size <= this.limits.batchSize;
      if (fits && this.streams.admits(waiting.touched) && passedOver.admits(waiting.touched)) {
        batch.push(waiting);
        size += waiting.touched.size;
        this.streams.add(waiting.touched);
      } else {
        left.push(waiting);
        passedOver.add(waiting.touched);
      }
    }
    this.queue = left.concat(this.queue.slice(batch.length + left.length));
    return batch;
  }

  private async run(batch: readonly Waiting<Request, Answer>[]): Promise<void> {
    this.inFlight++;
    const answers = await this.answers(batch);
    this.inFlight--;
    batch.forEach(({ touched, resolve, reject }, index) => {
      this.streams.remove(touched);
      const answer = answers[index];
      if (answer instanceof Error) reject(answer);
      else if (answer === undefined) reject(new Error('a batch was sent without an answer for each request'));
      else resolve(answer);
    });
    if (this.queue.length > 0) this.schedule();
  }

  private async answers(batch: readonly Waiting<Request, Answer>[]): Promise<readonly (Answer | Error)[]> {
    try {
      return await this.send(batch.map(({ request }) => request));
    } catch (error) {
      return batch.map(() => (error instanceof Error ? error : new Error(String(error))));
    }
  }
}

/** Readers and writers of each stream, counted. */
class StreamsInFlight {
  private readonly readers = new Map<string, number>();
  private readonly writers = new Map<string, number>();

  admits({ reads, writes }: Touched): boolean {
    return (
      reads.every((stream) => !this.writers.has(stream)) &&
      writes.every((stream) => !this.writers.has(stream) && !this.readers.has(stream))
    );
  }

  add({ reads, writes }: Touched): void {
    for (const stream of reads) count(this.readers, stream, 1);
    for (const stream of writes) count(this.writers, stream, 1);
  }

  remove({ reads, writes }: Touched): void {
    for (const stream of reads) count(this.readers, stream, -1);
    for (const stream of writes) count(this.writers, stream, -1);
  }
}

function count(counts: Map<string, number>, stream: string, by: number): void {
  const next = (counts.get(stream) ?? 0) + by;
  if (next > 0) counts.set(stream, next);
  else counts.delete(stream);
}
