import { listArtifacts, type ArtifactEntry, type Bundle } from '@m3/artifacts';

/** The list of what a release holds, kept beside it as `release.manifest`. Digests are those of `@m3/artifacts`; tests are not deployed. */
export interface Manifest {
  readonly project: string;
  readonly version: string;
  readonly bundle_digest: string;
  readonly artifacts: readonly ArtifactEntry[];
}

export interface ManifestSource {
  readonly project: string;
  readonly version: string;
  readonly bundle: Bundle;
  readonly bundleDigest: string;
}

export function manifestOf({ project, version, bundle, bundleDigest }: ManifestSource): Manifest {
  return {
    project,
    version,
    bundle_digest: bundleDigest,
    artifacts: listArtifacts(bundle).filter(({ kind }) => kind !== 'test'),
  };
}

/** The immutable name under which a workflow of a version is registered on the gateway. */
export function plannerName(workflow: string, version: string): string {
  return `${workflow}--${version}`;
}
