/** What a JSON document may not be, whatever its schema says. */
export type JsonHazard = 'too_deep' | 'unstorable_text';

const MAX_DEPTH = 64;
/** NUL, and halves of surrogate pairs: JSON can write them, PostgreSQL and UTF-8 cannot hold them. */
const UNSTORABLE = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** True for text that could be stored and sent on. */
export function isStorable(text: string): boolean {
  return !UNSTORABLE.test(text);
}

/** Walks a parsed document without recursion, for depth may be what is wrong with it. */
export function hazardIn(document: unknown): JsonHazard | null {
  const open: Place[] = [{ value: document, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const hazard = hazardAt(next);
    if (hazard !== null) return hazard;
    for (const child of childrenOf(next)) open.push(child);
  }
  return null;
}

interface Place {
  readonly value: unknown;
  readonly depth: number;
}

function hazardAt({ value, depth }: Place): JsonHazard | null {
  if (typeof value === 'string') return isStorable(value) ? null : 'unstorable_text';
  if (typeof value !== 'object' || value === null) return null;
  if (depth >= MAX_DEPTH) return 'too_deep';
  return Object.keys(value).every(isStorable) ? null : 'unstorable_text';
}

function* childrenOf({ value, depth }: Place): Generator<Place> {
  if (typeof value !== 'object' || value === null) return;
  for (const child of Object.values(value)) yield { value: child, depth: depth + 1 };
}
