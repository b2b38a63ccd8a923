/** The code of a system error, else ''. Looks at the shape: errors may come from another realm, as in tests. */
export function errorCode(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}
