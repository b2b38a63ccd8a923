/**
 * The `code` of a failed connection, or '' if it has none. When several addresses of a host were tried, that of the first.
 * Looks at the shape, not the class: Node's own errors may come from another realm.
 */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'errors' in error && Array.isArray(error.errors) ? errorCode(error.errors[0]) : '';
}
