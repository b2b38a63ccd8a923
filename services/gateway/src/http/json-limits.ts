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
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: document, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value === 'string' && !isStorable(value)) return 'unstorable_text';
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= MAX_DEPTH) return 'too_deep';
    for (const [key, child] of Object.entries(value)) {
      if (!isStorable(key)) return 'unstorable_text';
      open.push({ value: child, depth: depth + 1 });
    }
  }
  return null;
}
