import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** What a release puts on a target. A parsed bundle of `@m3/artifacts` is one. */
export interface Artifacts {
  readonly workflows: readonly {
    readonly name: string;
    readonly description?: string | undefined;
    readonly plan: unknown;
  }[];
  readonly agents: readonly { readonly name: string }[];
  readonly processors: readonly { readonly name: string }[];
}

export type ArtifactKind = 'workflow' | 'agent' | 'processor';

/** The list of what a release holds, kept beside it as `release.manifest`. */
export interface Manifest {
  readonly project: string;
  readonly version: string;
  readonly bundle_digest: string;
  readonly artifacts: readonly { readonly kind: ArtifactKind; readonly name: string; readonly digest: string }[];
}

/** `sha256:` and the hex digest of the value's canonical JSON (RFC 8785). */
export function canonicalDigest(value: unknown): string {
  return digestOfText(canonicalText(value));
}

export function canonicalText(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('only JSON values have a canonical form');
  return text;
}

export function digestOfText(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** The immutable name under which a workflow of a version is registered on the gateway. */
export function plannerName(workflow: string, version: string): string {
  return `${workflow}--${version}`;
}
