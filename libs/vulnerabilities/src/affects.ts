import { compare as comparePep440, valid as validPep440 } from '@renovatebot/pep440';
import semver from 'semver';
import type { OsvAffected, OsvEvent, OsvRange } from './osv-record.js';

/** `undecided`: versions of this ecosystem cannot be put in order here, or this one is none of them. */
export type Affection = 'affected' | 'not_affected' | 'undecided';

type Affected = Pick<OsvAffected, 'ranges' | 'versions'>;
/** Negative, zero or positive; null when one of both is no version. */
type Order = (a: string, b: string) => number | null;

/** Whether a version is affected, as the OSV format defines it: listed, or inside a range of versions. */
export function affects({ ranges = [], versions = [] }: Affected, ecosystem: string, version: string): Affection {
  if (versions.includes(version)) return 'affected';
  const order = orderOf(ecosystem);
  if (order && versions.some((listed) => order(listed, version) === 0)) return 'affected';
  // Commits say nothing about a version.
  const judged = ranges
    .filter(({ type }) => type !== 'GIT')
    .map((range) => inRange(range, range.type === 'SEMVER' ? bySemver : order, version));
  if (judged.includes('affected')) return 'affected';
  return judged.includes('undecided') ? 'undecided' : 'not_affected';
}

function inRange({ events }: OsvRange, order: Order | null, version: string): Affection {
  const steps = events.flatMap(stepsOf);
  const placed = steps.map((step) => ({ ...step, place: placeOf(step.at, version, order) }));
  if (placed.some(({ place }) => place === null)) return 'undecided';
  const limits = placed.filter(({ kind }) => kind === 'limit');
  if (limits.length > 0 && limits.every(({ place }) => (place ?? 0) <= 0)) return 'not_affected';
  const last = placed
    .filter(({ kind, place }) => kind !== 'limit' && hasPassed(kind, place ?? 0))
    .sort((a, b) => between(a.at, b.at, order) || rank[a.kind] - rank[b.kind])
    .at(-1);
  return last?.kind === 'introduced' ? 'affected' : 'not_affected';
}

type Kind = 'introduced' | 'fixed' | 'last_affected' | 'limit';
/** Of several steps at one version the later in this order decides. */
const rank: Readonly<Record<Kind, number>> = { fixed: 0, last_affected: 0, introduced: 1, limit: 2 };

function stepsOf(event: OsvEvent): { readonly kind: Kind; readonly at: string }[] {
  const kinds: readonly Kind[] = ['introduced', 'fixed', 'last_affected', 'limit'];
  return kinds.flatMap((kind) => {
    const at = event[kind];
    return at === undefined ? [] : [{ kind, at }];
  });
}

/** Whether a step lies behind a version; what was last affected is over only behind it. */
const hasPassed = (kind: Kind, place: number): boolean => (kind === 'last_affected' ? place < 0 : place <= 0);

/** Where a step lies, seen from the version: negative before it. */
function placeOf(at: string, version: string, order: Order | null): number | null {
  if (at === '0') return -1;
  if (at === '*') return 1;
  return order === null ? null : order(at, version);
}

function between(a: string, b: string, order: Order | null): number {
  if (a === '0' || b === '0') return Number(b === '0') - Number(a === '0');
  return order?.(a, b) ?? 0;
}

const bySemver: Order = (a, b) => {
  const [one, other] = [semver.parse(a, { loose: true }), semver.parse(b, { loose: true })];
  return one && other ? semver.compare(one, other) : null;
};
const byPep440: Order = (a, b) => (validPep440(a) !== null && validPep440(b) !== null ? comparePep440(a, b) : null);

const orders: Readonly<Record<string, Order>> = {
  PyPI: byPep440,
  npm: bySemver,
  'crates.io': bySemver,
  Go: bySemver,
  Hex: bySemver,
  Pub: bySemver,
  SwiftURL: bySemver,
};

function orderOf(ecosystem: string): Order | null {
  return Object.hasOwn(orders, ecosystem) ? (orders[ecosystem] ?? null) : null;
}
