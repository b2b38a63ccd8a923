import { parseVersion, type Version } from './versions.js';

/** Why a pattern cannot be used, or null when it can: for checks at the time it is saved. */
export function versionPatternFault(pattern: string): string | null {
  return parsePattern(pattern)
    ? null
    : 'use three parts of digits or *, such as v*.*.* or v2.*.*, and -* at the end to ask for pre-releases';
}

/**
 * Whether a version is one that the pattern names. `v*.*.*` is any release: three numeric parts. Pre-releases match only a
 * pattern that asks for them: `v*.*.*-*`, or `v*.*.*-rc.*`. A leading `v` must be in both or in neither. Build metadata is
 * not looked at. Time grows with the product of both lengths, which are capped; a malformed pattern or version never matches.
 */
export function matchesVersionPattern(pattern: string, version: string): boolean {
  const wanted = parsePattern(pattern);
  const found = parseVersion(version);
  if (!wanted || !found || wanted.prefixed !== version.startsWith('v')) return false;
  const parts = [found.major, found.minor, found.patch];
  return (
    wanted.parts.every((part, index) => part === '*' || Number(part) === parts[index]) &&
    preReleaseMatches(wanted, found)
  );
}

interface VersionPattern {
  readonly prefixed: boolean;
  readonly parts: readonly string[];
  readonly preRelease: string | null;
}

function parsePattern(pattern: string): VersionPattern | null {
  if (pattern.length > 128) return null;
  const prefixed = pattern.startsWith('v');
  const [core = '', ...rest] = pattern.slice(prefixed ? 1 : 0).split('-');
  const preRelease = rest.length === 0 ? null : rest.join('-');
  const parts = core.split('.');
  return areParts(parts) && isPreRelease(preRelease) ? { prefixed, parts, preRelease } : null;
}

function areParts(parts: readonly string[]): boolean {
  return parts.length === 3 && parts.every((part) => /^(\*|0|[1-9]\d{0,15})$/.test(part));
}

function isPreRelease(text: string | null): boolean {
  return text === null || /^[0-9A-Za-z.*-]+$/.test(text);
}

function preReleaseMatches(pattern: VersionPattern, version: Version): boolean {
  if (pattern.preRelease === null || version.preRelease === null) return pattern.preRelease === version.preRelease;
  return matchesWildcards(pattern.preRelease, version.preRelease);
}

/** `*` stands for any run of characters. Each piece between stars is taken where it first fits: no backtracking is needed. */
function matchesWildcards(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= text.length - last.length;
}
