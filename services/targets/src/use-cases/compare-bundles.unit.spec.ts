import { bundleDigest, type Bundle } from '@m3/artifacts';
import { BundleMissingError } from '@m3/bundles';
import { CompareBundles } from './compare-bundles.js';

const bundle = (parts: Partial<Bundle>): Bundle => ({ workflows: [], agents: [], processors: [], tests: [], ...parts });
const old = bundle({ agents: [{ name: 'clerk', max_iterations: 5 }], requires: { marie: '>=3.0.0' } });
const now = bundle({ agents: [{ name: 'clerk', max_iterations: 6 }], processors: [{ name: 'ocr' }] });
const kept = new Map([old, now].map((each) => [bundleDigest(each), each]));
const comparison = new CompareBundles({
  get: (digest) => {
    const found = kept.get(digest);
    return found ? Promise.resolve(found) : Promise.reject(new BundleMissingError(`there is no bundle ${digest}`));
  },
});

describe('comparing bundles', () => {
  it('says what differs, requirements too', async () => {
    expect(await comparison.compare({ before: bundleDigest(old), after: bundleDigest(now) })).toMatchObject({
      outcome: 'accepted',
      result: {
        requires_marie: { before: '>=3.0.0', after: null },
        counts: { new: 1, updated: 1, deleted: 0, unchanged: 0 },
        changes: [{ name: 'clerk', fields: [{ field: '/max_iterations', before: 5, after: 6 }] }, { name: 'ocr' }],
      },
    });
  });

  it('takes everything for new where there was nothing before', async () => {
    const compared = await comparison.compare({ before: null, after: bundleDigest(old) });
    expect(compared).toMatchObject({
      result: { counts: { new: 1 }, requires_marie: { before: null, after: '>=3.0.0' } },
    });
  });

  it('refuses where a bundle is not there', async () => {
    const compared = await comparison.compare({ before: null, after: `sha256:${'0'.repeat(64)}` });
    expect(compared).toMatchObject({ outcome: 'rejected', rejection: { code: 'bundle_missing' } });
  });
});
