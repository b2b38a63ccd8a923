import { refuse } from '../http/problem-error.js';

/** What was found, or a 404 that says what was looked for. @throws ProblemError */
export function foundOrRefuse<Thing>(thing: Thing | undefined, what: string): Thing {
  if (thing === undefined) throw refuse('not_found', `There is no ${what}.`);
  return thing;
}
