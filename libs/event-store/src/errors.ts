/** The database could not be reached, or the connection broke: whether an append took effect is *unknown*. Load and decide again. */
export class EventStoreUnavailableError extends Error {
  readonly code = 'event_store_unavailable';
  constructor(options?: ErrorOptions) {
    super('the event store cannot be reached; if this was an append, it is unknown whether it took effect', options);
  }
}

/** The database role may not append to the category of this stream. Nothing was appended. */
export class CategoryNotOwnedError extends Error {
  readonly code = 'category_not_owned';
  constructor(readonly stream: string) {
    super(`this service may not append to stream ${stream}: its category belongs to another service`);
  }
}

/** An append that no event store could carry out, such as one that names a stream twice. Nothing was appended. */
export class InvalidAppendError extends Error {
  readonly code = 'invalid_append';
}

/** A reader of the whole log saw a `seq` that does not follow the one before. */
export class LogGapError extends Error {
  readonly code = 'log_gap';
  constructor(
    readonly expectedSeq: number,
    readonly foundSeq: number | null,
  ) {
    super(`the log has a gap: expected seq ${expectedSeq}, found ${foundSeq}`);
  }
}

/** SQLSTATE of a PostgreSQL error, or the code of a socket error. */
export function errorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** Codes of sockets, such as EPIPE, begin otherwise. */
const SQLSTATE = /^[0-9FHPX][0-9A-Z]{4}$/;

/**
 * True if the database did not process the statement to its end, so that its effect is unknown or a repeat may succeed:
 * lost connections, shutdown, cancelled or timed-out statements, deadlocks, exhausted resources.
 */
export function isTransient(error: unknown): boolean {
  const code = errorCode(error);
  if (code === null || !SQLSTATE.test(code)) return true;
  return ['08', '40', '53', '57', '58'].includes(code.slice(0, 2)) || code === '55P03' || code === '25P03';
}
