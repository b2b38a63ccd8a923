import { bundleDigest, listArtifacts } from '@m3/artifacts';
import type { Manifest } from '@m3/target-environment';
import fc from 'fast-check';
import { planAndPublish, type TargetUnderTest } from './plan-agreement.fixture.spec.js';
import { story } from './plan-stories.fixture.spec.js';

/** A target in memory, with the behaviour of the real one that plans depend on. */
function targetInMemory(): TargetUnderTest {
  const releases = new Map<string, Manifest>();
  let active: { readonly manifest: Manifest; readonly fence: number } | null = null;
  return {
    environment: {
      releaseState: () => {
        const pointer = active && {
          ...{ version: active.manifest.version, previous_version: null, activated_at: '2026-03-19T14:23:45Z' },
          ...active,
        };
        return Promise.resolve({ active: pointer, routes: [], fence: active?.fence ?? 0 });
      },
      manifest: (version) => Promise.resolve(releases.get(version) ?? null),
    },
    put: ({ project, version, bundle }, fence) => {
      const digest = bundleDigest(bundle);
      const manifest = { project, version, bundle_digest: digest, artifacts: listArtifacts(bundle) };
      if ((releases.get(version)?.bundle_digest ?? digest) !== digest) return Promise.resolve(false);
      releases.set(version, manifest);
      active = { manifest, fence };
      return Promise.resolve(true);
    },
  };
}

describe('a plan', () => {
  it('says what the publish then does', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(story, async (told) => {
        const { outcome, traffic } = await planAndPublish(told, targetInMemory());
        seen.add(outcome);
        if (outcome === 'starts') seen.add(`starts, ${traffic?.strategy ?? 'all at once'}`);
      }),
      { seed: 20260319, numRuns: 200 },
    );
    expect([...seen].sort()).toEqual([
      ...['fails', 'refused', 'starts', 'starts, all at once', 'starts, blue_green', 'starts, canary', 'waits'],
    ]);
  });
});
