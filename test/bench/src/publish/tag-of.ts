import { bundleDigest, type Bundle } from '@m3/artifacts';
import type { VersionTaggedMessage } from '@m3/contracts';

export interface BenchRelease {
  readonly project: string;
  readonly version: string;
  readonly branch: string;
  readonly bundle: Bundle;
}

/** A `version.tagged` message as another service would send it. */
export function tagOf({ project, version, branch, bundle }: BenchRelease): VersionTaggedMessage {
  const taggedAt = new Date().toISOString();
  return {
    specversion: '1.0',
    id: `${project}-${version}`,
    source: 'm3-bench',
    type: 'version.tagged',
    time: taggedAt,
    data: {
      ...{ project, version, branch, commit: version },
      tagged_by: 'ann',
      tagged_at: taggedAt,
      bundle: { inline: bundle, sha256: bundleDigest(bundle) },
    },
  };
}
