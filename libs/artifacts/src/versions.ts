import { compareBuild, parse, satisfies, validRange } from 'semver';

/** A semantic version in parts. `text` is as it was written, with its leading `v` if it had one. */
export interface Version {
  readonly text: string;
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** The pre-release after the hyphen, e.g. `rc.1`; null for a release. */
  readonly preRelease: string | null;
}

/** A version that is none. */
export class InvalidVersionError extends Error {
  readonly code = 'invalid_version';
  constructor(text: string) {
    super(`"${text.slice(0, 80)}" is not a semantic version such as v1.3.0`);
  }
}

const maximumLength = 128;

/** The version that a text says, or null. A leading `v` is taken; blanks, `=` and missing parts are not. */
export function parseVersion(text: string): Version | null {
  if (text.length > maximumLength || !/^v?\d/.test(text) || text.trim() !== text) return null;
  const parsed = parse(text);
  if (!parsed) return null;
  const { major, minor, patch, prerelease } = parsed;
  return { text, major, minor, patch, preRelease: prerelease.length > 0 ? prerelease.join('.') : null };
}

/** Negative when `a` is older than `b`, positive when newer, 0 when equal in rank. Throws {@link InvalidVersionError}. */
export function compareVersions(a: string, b: string): -1 | 0 | 1 {
  for (const text of [a, b]) if (!parseVersion(text)) throw new InvalidVersionError(text);
  return compareBuild(a, b);
}

/**
 * Whether a version lies in a semver range, as `requires.marie` states one. Pre-releases of a version in the range count as
 * in it. False when either is malformed.
 */
export function versionSatisfies(version: string, range: string): boolean {
  if (!parseVersion(version) || range.length > maximumLength || validRange(range) === null) return false;
  return satisfies(version, range, { includePrerelease: true });
}
