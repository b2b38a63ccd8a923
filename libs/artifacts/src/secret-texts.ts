import { type Bundle, collections } from './bundle.js';
import { artifactKinds, type ArtifactRef } from './findings.js';
import { isRecord, toPointer } from './json-document.js';

/** One text of an artifact: a value with the name of its field, or the name of a field itself. */
export interface ArtifactText {
  readonly artifact: ArtifactRef;
  readonly path: string;
  readonly field: string;
  readonly text: string;
}

/** Every text of a bundle, names of fields included (a `cases` object can hold anything). */
export function* textsOf(bundle: Bundle): Generator<ArtifactText> {
  for (const kind of artifactKinds) {
    for (const artifact of bundle[collections[kind]]) {
      yield* textsIn({ kind, name: artifact.name }, artifact);
    }
  }
}

function* textsIn(artifact: ArtifactRef, value: unknown): Generator<ArtifactText> {
  const pending: { value: unknown; path: string; field: string }[] = [{ value, path: '', field: '' }];
  for (let item = pending.pop(); item; item = pending.pop()) {
    const { value: current, path, field } = item;
    if (typeof current === 'string') yield { artifact, path, field, text: current };
    if (Array.isArray(current))
      current.forEach((element, at) => pending.push({ value: element, path: `${path}/${at}`, field }));
    else if (isRecord(current)) {
      for (const [key, element] of Object.entries(current)) {
        pending.push({ value: element, path: `${path}${toPointer([key])}`, field: key });
        yield { artifact, path, field: '', text: key };
      }
    }
  }
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
