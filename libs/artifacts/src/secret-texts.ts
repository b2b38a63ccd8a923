import { type Bundle, collections } from './bundle.js';
import { artifactKinds, type ArtifactRef } from './findings.js';
import { toPointer } from './json-document.js';

/** One text of an artifact: a value with the name of its field, or the name of a field itself. */
export interface ArtifactText {
  readonly artifact: ArtifactRef;
  readonly path: string;
  readonly field: string;
  readonly text: string;
}

/** Shorter texts hold no secret that a rule could tell from other words. */
const shortest = 8;

/** Every text of a bundle that could hold a secret. Names of fields are texts too (a `cases` object can hold anything); each is given once. */
export function* textsOf(bundle: Bundle): Generator<ArtifactText> {
  const names = new Set<string>();
  for (const kind of artifactKinds) {
    for (const artifact of bundle[collections[kind]]) {
      yield* textsIn({ kind, name: artifact.name }, artifact, names);
    }
  }
}

interface Pending {
  readonly value: unknown;
  readonly path: string;
  readonly field: string;
}

function* textsIn(artifact: ArtifactRef, value: unknown, names: Set<string>): Generator<ArtifactText> {
  const pending: Pending[] = [{ value, path: '', field: '' }];
  for (let item = pending.pop(); item; item = pending.pop()) {
    const { value: text, path, field } = item;
    if (typeof text === 'string' && text.length >= shortest) yield { artifact, path, field, text };
    for (const inner of insideOf(item)) {
      pending.push(inner);
      const { field: name } = inner;
      if (name.length < shortest || names.has(name)) continue;
      names.add(name);
      yield { artifact, path, field: '', text: name };
    }
  }
}

/** The values inside one; those of a list count as under the name that the list has. */
function insideOf({ value, path, field }: Pending): Pending[] {
  if (typeof value !== 'object' || value === null) return [];
  const list = Array.isArray(value);
  const entries: [string, unknown][] = Object.entries(value);
  return entries.map(([key, inner]) => ({
    value: inner,
    path: `${path}${toPointer([key])}`,
    field: list ? field : key,
  }));
}

/** Texts put one below the other as `field: "text"`, so that rules which look at names see them. */
export interface Page {
  readonly content: string;
  readonly parts: readonly Part[];
}

/** A stretch of a page and the text it came from: `from` is where in the text it begins. */
export interface Part {
  readonly source: ArtifactText;
  readonly start: number;
  readonly end: number;
  readonly from: number;
}

const pageSize = 64 * 1024;
const overlap = 4 * 1024;

/** Lays texts out on pages of bounded size. A longer text runs over several pages that overlap by more than a token's length. */
export function* pagesOf(texts: Iterable<ArtifactText>): Generator<Page> {
  let content = '';
  let parts: Part[] = [];
  for (const source of texts) {
    for (let from = 0; from === 0 || from < source.text.length; from += pageSize - overlap) {
      const piece = source.text.slice(from, from + pageSize);
      const head = `${source.field.slice(0, 256)}: "`;
      if (content !== '' && content.length + piece.length > pageSize) {
        yield { content, parts };
        content = '';
        parts = [];
      }
      const start = content.length + head.length;
      parts.push({ source, start, end: start + piece.length, from });
      content += `${head}${piece}"\n`;
      if (from + pageSize >= source.text.length) break;
    }
  }
  if (content !== '') yield { content, parts };
}
