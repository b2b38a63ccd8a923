import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { type Bundle, collections } from './bundle.js';
import { type ArtifactKind, artifactKinds } from './findings.js';

/** A SHA-256 digest as `sha256:` and 64 hexadecimal digits. */
export type Digest = `sha256:${string}`;

/** One artifact of a bundle and the digest of its canonical JSON. */
export interface ArtifactEntry {
  readonly kind: ArtifactKind;
  readonly name: string;
  readonly digest: Digest;
}

/** The RFC 8785 canonical JSON of a value: equal documents give equal text. Throws a TypeError for what is not JSON. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('the value has no JSON form');
  return text;
}

/** The digest of a value's canonical JSON. */
export function digestOf(value: unknown): Digest {
  return `sha256:${createHash('sha256').update(canonicalJson(value)).digest('hex')}`;
}

/** The canonical JSON of a bundle; a missing list and an empty one give the same. */
export function canonicalBundle(bundle: Bundle): string {
  return canonicalJson(bundle);
}

/** The digest that identifies a bundle's content. */
export function bundleDigest(bundle: Bundle): Digest {
  return digestOf(bundle);
}

/** Every artifact of a bundle with its digest, kind by kind, in the order of the bundle. */
export function listArtifacts(bundle: Bundle): ArtifactEntry[] {
  return artifactKinds.flatMap((kind) =>
    bundle[collections[kind]].map((artifact) => ({ kind, name: artifact.name, digest: digestOf(artifact) })),
  );
}
