import { release, useTargets } from '../fixtures/releases.fixture.spec.js';
import { allCapabilities, useScriptedGateway } from '../fixtures/scripted-gateway.fixture.spec.js';

const gateway = useScriptedGateway();
const freshTarget = useTargets({ gatewayUrl: () => gateway.url });

beforeEach(() => gateway.answers(({ path }) => (path.endsWith('/capabilities') ? [200, allCapabilities] : undefined)));

const split = [
  { version: 'v1.0.0', weight: 90 },
  { version: 'v1.1.0', weight: 10 },
];

async function twoReleases() {
  const made = await freshTarget();
  await made.target.deploy(release('v1.0.0', 1));
  await made.target.activate({ version: 'v1.0.0', expectedVersion: null, fence: 1 });
  await made.target.deploy(release('v1.1.0', 2));
  return made.target;
}

it('splits new executions between versions, once, and leaves the pointer', async () => {
  const target = await twoReleases();
  expect(await target.route({ routes: split, fence: 2 })).toEqual({ outcome: 'routed' });
  expect(await target.route({ routes: split, fence: 2 })).toEqual({ outcome: 'already_routed' });
  expect(await target.releaseState()).toMatchObject({ active: { version: 'v1.0.0' }, routes: split });
  expect((await target.snapshot()).releases.map(({ version }) => version)).toEqual(['v1.0.0', 'v1.1.0']);
  expect(await target.discardRelease({ version: 'v1.1.0', fence: 2 })).toEqual({ outcome: 'kept', reason: 'routed' });
});

it('gives all traffic to the version that is activated, also when it was active already', async () => {
  const target = await twoReleases();
  await target.route({ routes: split, fence: 2 });
  expect(await target.activate({ version: 'v1.0.0', expectedVersion: 'v1.0.0', fence: 2 })).toMatchObject({
    outcome: 'already_active',
  });
  expect((await target.releaseState()).routes).toEqual([{ version: 'v1.0.0', weight: 100 }]);
});

it('is fenced, and refuses versions that are not there', async () => {
  const target = await twoReleases();
  expect(await target.route({ routes: split, fence: 1 })).toEqual({ outcome: 'fenced', current: 2 });
  expect(await target.route({ routes: [{ version: 'v9.0.0', weight: 100 }], fence: 2 })).toEqual({
    outcome: 'conflict',
    reason: 'release_missing',
    version: 'v9.0.0',
  });
});

it.each([
  ['less than all', [{ version: 'v1.0.0', weight: 99 }]],
  [
    'fractions',
    [
      { version: 'v1.0.0', weight: 99.5 },
      { version: 'v1.1.0', weight: 0.5 },
    ],
  ],
  [
    'a version twice',
    [
      { version: 'v1.0.0', weight: 50 },
      { version: 'v1.0.0', weight: 50 },
    ],
  ],
  [
    'negative weights',
    [
      { version: 'v1.0.0', weight: 150 },
      { version: 'v1.1.0', weight: -50 },
    ],
  ],
])('refuses weights with %s', async (_what, routes) => {
  const target = await twoReleases();
  await expect(target.route({ routes, fence: 2 })).rejects.toThrow(RangeError);
});
