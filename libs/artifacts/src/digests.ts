import { canonicalDigest, canonicalJson } from '@m3/contracts';
import { type Bundle, collections } from './bundle.js';
import { type ArtifactKind, artifactKinds } from './findings.js';

/** One artifact of a bundle and the digest of its canonical JSON. */
export interface ArtifactEntry {
  readonly kind: ArtifactKind;
  readonly name: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
}

/** The canonical JSON of a bundle; a missing list and an empty one give the same. */
export function canonicalBundle(bundle: Bundle): string {
  return canonicalJson(bundle);
}

/** The digest that identifies a bundle's content. */
export function bundleDigest(bundle: Bundle): string {
  return canonicalDigest(bundle);
}

/** Every artifact of a bundle with its digest, kind by kind, in the order of the bundle. */
export function listArtifacts(bundle: Bundle): ArtifactEntry[] {
  return artifactKinds.flatMap((kind) =>
    bundle[collections[kind]].map((artifact) => ({ kind, name: artifact.name, digest: canonicalDigest(artifact) })),
  );
}
