/** How long a call may take. The answer is unknown after either ends it. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds; each operation has its own default. */
  readonly timeoutMs?: number;
}

export type Interruption = 'timeout' | 'aborted';

/** Rejection of {@link withDeadline}: time ran out or the caller gave up. */
export class InterruptedError extends Error {
  constructor(readonly interruption: Interruption) {
    super(interruption);
    this.name = 'InterruptedError';
  }
}

/**
 * Runs `work` with a signal that fires at the deadline or with the caller's signal; its reason is an
 * {@link InterruptedError}. Listener and timer are removed afterwards, so a signal may live as long as the process.
 */
export async function withDeadline<Result>(
  options: CallOptions,
  defaultTimeoutMs: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const interrupt = (interruption: Interruption) => controller.abort(new InterruptedError(interruption));
  const onAbort = () => interrupt('aborted');
  const timer = setTimeout(() => interrupt('timeout'), options.timeoutMs ?? defaultTimeoutMs);
  if (options.signal?.aborted) onAbort();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
  }
}

/** The end of some work's time. It waits for one promise after another: an abort signal would cost more than the query. */
export class TimeLimit {
  #over: InterruptedError | undefined;
  #interrupt: (error: InterruptedError) => void = () => undefined;

  get isOver(): boolean {
    return this.#over !== undefined;
  }

  /** The promise, or an {@link InterruptedError} as soon as the time is over. One at a time. */
  until<Result>(promise: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#interrupt = reject;
      if (this.#over) reject(this.#over);
      promise.then(resolve, reject);
    });
  }

  end(interruption: Interruption): void {
    this.#over ??= new InterruptedError(interruption);
    this.#interrupt(this.#over);
  }
}

/** Runs `work` within its time; see {@link withDeadline}. */
export async function withinTime<Result>(
  { signal, timeoutMs }: CallOptions,
  defaultTimeoutMs: number,
  work: (limit: TimeLimit) => Promise<Result>,
): Promise<Result> {
  const limit = new TimeLimit();
  const onAbort = () => limit.end('aborted');
  const timer = setTimeout(() => limit.end('timeout'), timeoutMs ?? defaultTimeoutMs);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await work(limit);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** The promise, or the signal's reason as soon as it fires. */
export function untilAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(reasonOf(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function reasonOf({ reason }: AbortSignal): Error {
  return reason instanceof InterruptedError ? reason : new InterruptedError('aborted');
}
