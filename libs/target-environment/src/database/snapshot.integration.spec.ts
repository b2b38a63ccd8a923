import type { Bundle } from '@m3/artifacts';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { release, sampleBundle, useTargets } from '../fixtures/releases.fixture.spec.js';
import { InvalidSnapshotError, parseSnapshot, snapshotDigest, snapshotText } from './snapshot.js';

const freshTarget = useTargets();

describe('a snapshot', () => {
  it('holds everything that serves, and only that', async () => {
    const { target, schema } = await freshTarget();
    expect(await target.snapshot()).toEqual({
      format: 1,
      schema,
      active_release: null,
      routes: [],
      releases: [],
      workflows: [],
      agents: [],
      processors: [],
    });
    await target.deploy(release('v1.0.0', 1));
    await target.activate({ version: 'v1.0.0', expectedVersion: null, fence: 1 });
    await target.deploy(release('v2.0.0', 2));
    const snapshot = await target.snapshot();
    expect(snapshot).toMatchObject({
      active_release: { version: 'v1.0.0', previous_version: null },
      routes: [{ version: 'v1.0.0', weight: 100 }],
      releases: [{ version: 'v1.0.0', manifest: { project: 'invoices' }, checksum: release('v1.0.0', 1).bundleDigest }],
      workflows: [{ name: 'contract-extraction' }, { name: 'invoice-extraction' }, { name: 'receipt-extraction' }],
      agents: [{ name: 'reviewer', document: { system_message: 'You review v1.0.0.' } }],
      processors: [{ name: 'ocr' }],
    });
  });

  it('has the digest of its kept bytes, and survives being kept', async () => {
    const { target } = await freshTarget();
    await target.deploy(release('v1.0.0', 1));
    await target.activate({ version: 'v1.0.0', expectedVersion: null, fence: 1 });
    const snapshot = await target.snapshot();
    const text = snapshotText(snapshot);
    expect(snapshotDigest(snapshot)).toBe(`sha256:${createHash('sha256').update(text).digest('hex')}`);
    expect(snapshotDigest(parseSnapshot(JSON.parse(text)))).toBe(snapshotDigest(snapshot));
  });

  it.each([
    ['another format', { format: 2 }],
    ['a missing list', { agents: undefined }],
    ['a route to a release that it does not hold', { routes: [{ version: 'v9', weight: 100 }] }],
  ])('is refused with %s, before anything is touched', async (_what, fault) => {
    const { target } = await freshTarget();
    const snapshot = JSON.parse(JSON.stringify({ ...(await target.snapshot()), ...fault }));
    await expect(target.restore({ snapshot, fence: 1 })).rejects.toThrow(InvalidSnapshotError);
    expect((await target.releaseState()).fence).toBe(0);
  });
});

describe('restoring', () => {
  it('puts pointer, routes and artifacts back, byte for byte, once, under the new fence', async () => {
    const { target } = await freshTarget();
    await target.deploy(release('v1.0.0', 1));
    await target.activate({ version: 'v1.0.0', expectedVersion: null, fence: 1 });
    const before = await target.snapshot();
    await target.deploy(release('v2.0.0', 2));
    await target.activate({ version: 'v2.0.0', expectedVersion: 'v1.0.0', fence: 2 });

    expect(await target.restore({ snapshot: before, fence: 3 })).toEqual({ outcome: 'restored' });
    expect(snapshotText(await target.snapshot())).toBe(snapshotText(before));
    expect((await target.releaseState()).active).toMatchObject({ version: 'v1.0.0', previous_version: null, fence: 3 });
    expect(await target.restore({ snapshot: before, fence: 4 })).toEqual({ outcome: 'already_restored' });
    expect((await target.releaseState()).active).toMatchObject({ fence: 4 });
    expect(await target.restore({ snapshot: before, fence: 3 })).toEqual({ outcome: 'fenced', current: 4 });
    expect(await target.manifest('v2.0.0')).not.toBeNull();
  });

  it('puts split traffic and the metadata of both versions back', async () => {
    const { target, sql, schema } = await freshTarget();
    await target.deploy(release('v1.0.0', 1));
    await target.activate({ version: 'v1.0.0', expectedVersion: null, fence: 1 });
    await target.deploy(release('v2.0.0', 2));
    await sql.query(`
      update "${schema}".traffic_route set weight = 70;
      insert into "${schema}".traffic_route values ('v2.0.0', 30);`);
    const split = await target.snapshot();
    expect(split).toMatchObject({
      routes: [
        { version: 'v1.0.0', weight: 70 },
        { version: 'v2.0.0', weight: 30 },
      ],
      releases: [{ manifest: { version: 'v1.0.0' } }, { manifest: { version: 'v2.0.0' } }],
    });
    await target.activate({ version: 'v2.0.0', expectedVersion: 'v1.0.0', fence: 2 });
    await sql.query(`update "${schema}".release set manifest = '{}'; delete from "${schema}".agent_definition;`);
    expect(await target.restore({ snapshot: split, fence: 3 })).toEqual({ outcome: 'restored' });
    expect(snapshotText(await target.snapshot())).toBe(snapshotText(split));
  });

  it('undoes a first activation, too', async () => {
    const { target } = await freshTarget();
    const empty = await target.snapshot();
    await target.deploy(release('v1.0.0', 1));
    await target.activate({ version: 'v1.0.0', expectedVersion: null, fence: 1 });
    expect(await target.restore({ snapshot: empty, fence: 2 })).toEqual({ outcome: 'restored' });
    expect(await target.releaseState()).toEqual({ active: null, routes: [], fence: 2 });
  });

  it('brings a lost target back into an empty schema', async () => {
    const lost = await freshTarget();
    await lost.target.deploy(release('v1.0.0', 1));
    await lost.target.activate({ version: 'v1.0.0', expectedVersion: null, fence: 1 });
    const snapshot = await lost.target.snapshot();
    const empty = await freshTarget();
    expect(await empty.target.restore({ snapshot, fence: 1 })).toEqual({ outcome: 'restored' });
    expect({ ...(await empty.target.snapshot()), schema: lost.schema }).toEqual(snapshot);
  });

  it('repairs artifacts that were changed, added or deleted by hand', async () => {
    const { target, sql, schema } = await freshTarget();
    await target.deploy(release('v1.0.0', 1));
    await target.activate({ version: 'v1.0.0', expectedVersion: null, fence: 1 });
    const before = await target.snapshot();
    await sql.query(`
      update "${schema}".agent_definition set document = '{}';
      delete from "${schema}".processor_definition;
      insert into "${schema}".workflow_definition values ('stray', 'v1.0.0', '{}', 'x');
      update "${schema}".traffic_route set weight = 40;
      update "${schema}".release set manifest = '{}';`);
    expect(await target.restore({ snapshot: before, fence: 2 })).toEqual({ outcome: 'restored' });
    expect(snapshotText(await target.snapshot())).toBe(snapshotText(before));
  });

  it('gives back the snapshot of any bundle after any other was activated', async () => {
    const { target } = await freshTarget();
    let fence = 0;
    let active: string | null = null;
    const publish = async (bundle: Bundle) => {
      const version = `v1.0.${++fence}`;
      expect(await target.deploy(release(version, fence, bundle))).toMatchObject({ outcome: 'deployed' });
      expect(await target.activate({ version, expectedVersion: active, fence })).toMatchObject({
        outcome: 'activated',
      });
      active = version;
    };
    await fc.assert(
      fc.asyncProperty(bundles, bundles, async (first, second) => {
        await publish(first);
        const [before, kept] = [active, await target.snapshot()];
        await publish(second);
        expect(await target.restore({ snapshot: JSON.parse(snapshotText(kept)), fence: ++fence })).toEqual({
          outcome: 'restored',
        });
        active = before;
        expect(snapshotText(await target.snapshot())).toBe(snapshotText(kept));
      }),
      { numRuns: 40 },
    );
  });
});

/** JSON that PostgreSQL can keep: no NUL, no half surrogate pairs (both are refused at deployment). */
const json = fc
  .json({ maxDepth: 3 })
  .filter((text) => !text.includes('\\u0000') && !/\p{Surrogate}/u.test(text) && !/\\ud[89a-f]/i.test(text))
  .map((text): unknown => JSON.parse(text));
const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/), { maxLength: 6 });
const bundles: fc.Arbitrary<Bundle> = fc
  .record({ names, plan: json, config: fc.dictionary(fc.string({ unit: 'grapheme-ascii' }), json) })
  .map(({ names: chosen, plan, config }) => ({
    ...sampleBundle('v0'),
    workflows: chosen.map((name) => ({ name, plan })),
    processors: chosen.map((name) => ({ name, config_snapshot: config })),
  }));
