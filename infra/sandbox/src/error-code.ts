/** The code of a system or database error, else ''. Looks at the shape: errors may come from another realm. */
export function errorCode(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** Codes of PostgreSQL (`57P01`) and of the network (`ECONNREFUSED`); the driver's own errors have only their words. */
export function isFromDatabase(error: unknown): boolean {
  if (/^(?:[0-9A-Z]{5}|E[A-Z]+)$/.test(errorCode(error))) return true;
  return error instanceof Error && /connection|timeout/i.test(error.message);
}
