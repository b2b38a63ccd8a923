import { release, useTargets } from '../fixtures/releases.fixture.spec.js';

const freshTarget = useTargets();

describe('activating', () => {
  it('moves pointer and traffic together, once', async () => {
    const { target } = await freshTarget();
    await target.deploy(release('v1.0.0', 1));
    const wanted = { version: 'v1.0.0', expectedVersion: null, fence: 1 };
    expect(await target.activate(wanted)).toEqual({ outcome: 'activated', previous_version: null });
    const state = await target.releaseState();
    expect(state).toMatchObject({
      active: { version: 'v1.0.0', previous_version: null, fence: 1, manifest: { version: 'v1.0.0' } },
      routes: [{ version: 'v1.0.0', weight: 100 }],
    });
    expect(await target.activate(wanted)).toMatchObject({ outcome: 'already_active' });
    expect(await target.releaseState()).toEqual(state);
  });

  it('refuses when another version is active than expected, or the release is missing', async () => {
    const { target } = await freshTarget();
    await target.deploy(release('v1.0.0', 1));
    await target.activate({ version: 'v1.0.0', expectedVersion: null, fence: 1 });
    await target.deploy(release('v1.1.0', 2));
    expect(await target.activate({ version: 'v1.1.0', expectedVersion: 'v0.9.0', fence: 2 })).toEqual({
      outcome: 'conflict',
      reason: 'other_version_active',
      actual: 'v1.0.0',
    });
    expect(await target.activate({ version: 'v2.0.0', expectedVersion: 'v1.0.0', fence: 2 })).toEqual({
      outcome: 'conflict',
      reason: 'release_missing',
      actual: 'v1.0.0',
    });
    expect(await target.activate({ version: 'v1.1.0', expectedVersion: 'v1.0.0', fence: 1 })).toEqual({
      outcome: 'fenced',
      current: 2,
    });
    expect((await target.releaseState()).active).toMatchObject({ version: 'v1.0.0' });
  });

  it('lets exactly one of two rivals win', async () => {
    const { target } = await freshTarget();
    await target.deploy(release('v1.0.0', 1));
    await target.deploy(release('v1.1.0', 1));
    const results = await Promise.all(
      ['v1.0.0', 'v1.1.0'].map((version) => target.activate({ version, expectedVersion: null, fence: 1 })),
    );
    expect(results.map(({ outcome }) => outcome).sort()).toEqual(['activated', 'conflict']);
  });
});
