/**
 * Rows of a table of stories: those that every run of the tests has time for, and with them the others when all are
 * asked for (`npm run e2e:full`).
 */
export function rows<Row>(always: readonly Row[], others: readonly Row[]): readonly Row[] {
  return process.env['M3_E2E'] === 'full' ? [...always, ...others] : always;
}
