import { EventStoreUnavailableError } from '@m3/event-store';

/** A message that can never be handled, however often it is tried: it becomes a dead letter at once. */
export class Unprocessable extends Error {
  /**
   * @param code stable, snake_case
   * @param reason plain sentence that says what is wrong with the message
   * @param field the part of the message at fault, if one is
   */
  constructor(
    readonly code: string,
    readonly reason: string,
    readonly field?: string,
  ) {
    super(reason);
    this.name = 'Unprocessable';
  }
}

/** Somebody else is doing this work right now. Comes back after a short delay and never counts as a failed attempt. */
export class Busy extends Error {
  constructor(readonly key: string) {
    super(`${key} is being worked on elsewhere`);
    this.name = 'Busy';
  }
}

/** What a dead letter says about an error; faults without a code of their own are `handler_failed`. */
export interface Fault {
  readonly code: string;
  readonly reason: string;
  readonly field?: string;
}

/** Describes any thrown value. Final faults ({@link Unprocessable}, invalid events) are told apart by {@link isFinal}. */
export function describeFault(error: unknown): Fault {
  if (error instanceof Unprocessable) {
    return { code: error.code, reason: error.reason, ...(error.field === undefined ? {} : { field: error.field }) };
  }
  return { code: 'handler_failed', reason: error instanceof Error ? error.message : String(error) };
}

/** SQLSTATE classes: connection, resources, operator intervention (shutdown, recovery). */
const SQLSTATE_OF_OUTAGE = /^(08|53|57P)[0-9A-Z]{2,3}$/;
const SOCKET_CODES: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH']);
/** What the driver says of a connection that broke has no code. */
const DRIVER_WORDS =
  /^(Connection terminated|timeout exceeded when trying to connect|Client (has|was) .* not queryable)/;

/**
 * Whether the fault is our own database's: it says nothing about the message, so it must not bring it closer to being a
 * dead letter. What effects meet outside of the product has errors of its own, so a bare socket error is ours.
 */
export function isOutage(error: unknown): boolean {
  if (error instanceof EventStoreUnavailableError) return true;
  // Looks at the shape, not the class: errors of sockets may come from another realm.
  const code = textOf(error, 'code');
  return SQLSTATE_OF_OUTAGE.test(code) || SOCKET_CODES.has(code) || DRIVER_WORDS.test(textOf(error, 'message'));
}

function textOf(error: unknown, field: 'code' | 'message'): string {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, field) : undefined;
  return typeof value === 'string' ? value : '';
}

/** Whether trying again cannot help. */
export function isFinal(error: unknown): boolean {
  return error instanceof Unprocessable;
}
