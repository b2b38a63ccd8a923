import { ownProperty } from './json.js';

type Segment = { readonly kind: 'name'; readonly name: string } | { readonly kind: 'every' };
export type JsonPath = readonly Segment[];

const LONGEST_PATH = 1_000;
const SEGMENT = /\.([^.[\]]+)|\[(-?\d+)\]|\['([^']*)'\]|\["([^"]*)"\]|\[(\*)\]/y;

/**
 * Reads the part of JSONPath that plans use: `$`, `.name`, `['name']`, `[0]`, `[-1]`, `[*]` and `.*`.
 * Filters, recursion and scripts are not evaluated: such a path is `undefined` and finds nothing.
 */
export function parseJsonPath(path: string): JsonPath | undefined {
  if (path.length > LONGEST_PATH || !/^[$@]/.test(path)) return undefined;
  const segments: Segment[] = [];
  SEGMENT.lastIndex = 1;
  while (SEGMENT.lastIndex < path.length) {
    const match = SEGMENT.exec(path);
    if (match === null) return undefined;
    segments.push(toSegment(match));
  }
  return segments;
}

function toSegment([, dotted, ...bracketed]: readonly (string | undefined)[]): Segment {
  const name = dotted ?? bracketed.find((part) => part !== undefined) ?? '';
  const every = dotted === '*' || bracketed.at(-1) === '*';
  return every ? { kind: 'every' } : { kind: 'name', name };
}

/** The one value found, a list when several were found, `undefined` when none was. */
export function findByPath(path: JsonPath | undefined, root: unknown): unknown {
  if (path === undefined) return undefined;
  let found: unknown[] = [root];
  let several = false;
  for (const segment of path) {
    several ||= segment.kind === 'every';
    found = found.flatMap((value) => step(value, segment));
  }
  return found.length > 1 || (several && found.length > 0) ? found : found[0];
}

function step(value: unknown, segment: Segment): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if (segment.kind === 'every') return Object.values(value);
  const found = Array.isArray(value) ? elementAt(value, segment.name) : ownProperty(value, segment.name);
  return found === undefined ? [] : [found];
}

function elementAt(list: readonly unknown[], name: string): unknown {
  return /^-?\d{1,9}$/.test(name) ? list.at(Number(name)) : undefined;
}
