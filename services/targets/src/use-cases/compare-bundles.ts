import { diffBundles, summariseChanges, type Bundle } from '@m3/artifacts';
import { BundleMissingError, type BundleStore } from '@m3/bundles';
import type { CommandPayload, VersionChanges } from '@m3/contracts';
import type { CommandOutcome } from '@m3/service-kit';

/** Says what one version's bundle changes against another's. */
export class CompareBundles {
  constructor(private readonly bundles: Pick<BundleStore, 'get'>) {}

  async compare({
    before,
    after,
  }: Pick<CommandPayload<'targets.changes'>, 'before' | 'after'>): Promise<CommandOutcome<'targets.changes'>> {
    try {
      const [old, now] = await Promise.all([
        before === null ? null : this.bundles.get(before),
        this.bundles.get(after),
      ]);
      const result = { requires_marie: requirementChange(old, now), ...summariseChanges(diffBundles(old, now)) };
      return { outcome: 'accepted', result };
    } catch (error) {
      if (!(error instanceof BundleMissingError)) throw error;
      return { outcome: 'rejected', rejection: { code: error.code, detail: error.message } };
    }
  }
}

function requirementChange(old: Bundle | null, now: Bundle): VersionChanges['requires_marie'] {
  const [before = null, after = null] = [old?.requires?.marie, now.requires?.marie];
  return before === after ? null : { before, after };
}
