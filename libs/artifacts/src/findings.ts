import { type FindingCode, rules } from './finding-rules.js';

/** The kinds of artifacts in a bundle. */
export const artifactKinds = ['workflow', 'agent', 'processor', 'test'] as const;
export type ArtifactKind = (typeof artifactKinds)[number];

/** One artifact, or the bundle itself (its name is then empty). */
export interface ArtifactRef {
  readonly kind: ArtifactKind | 'bundle';
  readonly name: string;
}

/** Something wrong with an artifact, in words that say what to do. `code` is stable. */
export interface Finding {
  readonly code: FindingCode;
  /** Errors refuse the artifact; warnings only where the target says `fail_on_warnings`. */
  readonly severity: 'error' | 'warning';
  readonly artifact: ArtifactRef;
  /** The task id of the node at fault. */
  readonly node?: string;
  /** A JSON pointer into the artifact (for plans: into the plan). */
  readonly path?: string;
  /** For secrets: twelve hexadecimal digits by which an allow-list names the secret without holding it. */
  readonly digest?: string;
  readonly message: string;
  readonly remedy: string;
}

export const theBundle: ArtifactRef = { kind: 'bundle', name: '' };

/** Where a finding lies. */
export interface Place {
  readonly artifact: ArtifactRef;
  readonly node?: string | undefined;
  readonly path?: string | undefined;
}

/** A finding of a known rule; severity and remedy come from the rule. */
export function finding(code: FindingCode, place: Place, message: string): Finding {
  const { severity, remedy } = rules[code];
  return {
    code,
    severity,
    artifact: place.artifact,
    ...(place.node === undefined ? {} : { node: readable(place.node) }),
    ...(place.path === undefined ? {} : { path: place.path }),
    message,
    remedy,
  };
}

/** Text from an artifact, made fit for a one-line message: shortened, no control characters. */
export function readable(text: string, length = 80): string {
  const clean = text.slice(0, length).replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ');
  return text.length > length ? `${clean}…` : clean;
}

/** Whether any finding refuses the artifact. */
export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some((found) => found.severity === 'error');
}
