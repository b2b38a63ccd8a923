/**
 * What a thrown value says of itself. Judged by its fields: errors of Node come from another realm than those of the
 * program where code runs in a sandbox.
 */
export interface Fault {
  readonly name: string;
  readonly message: string;
  /** `ECONNREFUSED`, `ENOENT` or PostgreSQL's five characters; '' without one. */
  readonly code: string;
}

export function faultOf(error: unknown): Fault {
  return { name: textOf(error, 'name'), message: textOf(error, 'message'), code: textOf(error, 'code') };
}

function textOf(error: unknown, field: string): string {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, field) : undefined;
  return typeof value === 'string' ? value : '';
}
