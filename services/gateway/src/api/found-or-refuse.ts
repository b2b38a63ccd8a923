import { refuse } from '../http/problem-error.js';
import { madeWithin } from '../read-models/patience.js';

/** What was found, or a 404 that says what was looked for. @throws ProblemError */
export function foundOrRefuse<Thing>(thing: Thing | undefined, what: string): Thing {
  if (thing === undefined) throw refuse('not_found', `There is no ${what}.`);
  return thing;
}

/** How far the read models may be behind what was acknowledged. */
const ACKNOWLEDGED_MS = 60_000;

/**
 * The publish, or a refusal that does not deny one that may have been acknowledged a moment ago and is not shown yet.
 * @throws ProblemError
 */
export function knownOrRefuse<Row extends { readonly document: object }>(
  id: string,
  row: Row | undefined,
): Row['document'] {
  if (row !== undefined) return row.document;
  if (!madeWithin(id, ACKNOWLEDGED_MS, Date.now())) throw refuse('not_found', `There is no publish "${id}".`);
  const detail = `If there is a publish "${id}", it was asked for a moment ago and is not known here yet: nothing was done.`;
  throw refuse('not_known_yet', detail, { headers: { 'Retry-After': '1' } });
}
