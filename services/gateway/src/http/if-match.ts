import { createHash } from 'node:crypto';
import { refuse } from './problem-error.js';

/**
 * `"<revision>-<digest of the reply>"`: a cache goes by the whole of it, a condition by the revision, so that news of a
 * publish do not stand in the way of a change of the configuration.
 */
export function etagOf(revision: number, reply: object): string {
  const digest = createHash('sha256').update(JSON.stringify(reply)).digest('hex').slice(0, 16);
  return `"${revision}-${digest}"`;
}

const TAG = /^"?([1-9]\d{0,9})(-[0-9a-f]{16})?"?$/;

/** The revision that an If-Match header asks for; undefined without one. @throws ProblemError */
export function expectedRevision(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const revision = TAG.exec(header.trim())?.[1];
  if (revision !== undefined) return Number(revision);
  throw refuse('invalid_if_match', 'If-Match takes the ETag of one GET of the target, or its revision, such as "7".');
}
