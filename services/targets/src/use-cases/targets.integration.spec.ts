import { bundleDigest, canonicalBundle, type Bundle } from '@m3/artifacts';
import { BundleStore } from '@m3/bundles';
import { EventRegistry, eventCatalogue, sha256, type TargetDocument, type VersionTaggedData } from '@m3/contracts';
import { prepareDatabase } from '@m3/database';
import { PostgresEventStore, Sealer, type AppendContext } from '@m3/event-store';
import { ObjectStorage } from '@m3/object-storage';
import { localKeyProvider, SecretStore, secretStores } from '@m3/secrets';
import { createTestBucket, createTestDatabase, eventually, type TestBucket, type TestDatabase } from '@m3/testing';
import { TargetUnreachableError } from '@m3/target-environment';
import pg from 'pg';
import { fetchFrom } from '../adapters/s3/fetch-bundle.js';
import { ApplyTargets } from './apply-targets.js';
import { CheckDocuments, type Gateways } from './check-documents.js';
import { BundleSource } from './bundle-source.js';
import { ChangeTargets } from './change-targets.js';
import { TagVersion } from './tag-version.js';
import { TargetRegistry } from './target-registry.js';

const key = localKeyProvider(Buffer.alloc(32, 7).toString('base64'));
const context: AppendContext = {
  actor: { kind: 'user', id: 'ann' },
  ...{ correlationId: 'test', causationId: null, occurredAt: '2026-03-19T14:23:45.000Z' },
};
let database: TestDatabase;
let pool: pg.Pool;
let sealer: Sealer;
let bucket: TestBucket;
let objects: ObjectStorage;

beforeAll(async () => {
  database = await createTestDatabase({
    name: 'targets',
    prepare: async (url) => {
      await prepareDatabase(url, () => 'secret');
    },
  });
  pool = new pg.Pool({ connectionString: database.url, max: 10 });
  sealer = new Sealer({ connectionString: database.url });
  sealer.start();
  bucket = await createTestBucket();
  objects = new ObjectStorage(bucket);
});
afterAll(async () => {
  await sealer.stop();
  await Promise.all([pool.end(), objects.close()]);
  await database.drop();
});

/** What gateways of these hosts say to the question whether they route by version. */
const gateways: Gateways = {
  canRouteByVersion: (url) =>
    url.includes('away')
      ? Promise.reject(
          new TargetUnreachableError('gateway', 'connection_refused', 'The gateway refused the connection.'),
        )
      : Promise.resolve(url.includes('capable')),
};

/** A process of the service, with a memory of its own. */
function replica() {
  const store = new PostgresEventStore(pool, new EventRegistry(eventCatalogue));
  const registry = new TargetRegistry(store);
  const targets = new ChangeTargets(store, registry);
  const documents = new CheckDocuments(gateways, (names) => registry.promotions(names));
  const applying = new ApplyTargets({ store, secrets: secretStores(pool, key), registry, targets, documents });
  const source = new BundleSource(fetchFrom(objects));
  const versions = new TagVersion({ store, bundles: new BundleStore(pool), source, registry });
  return {
    store,
    registry,
    targets,
    apply: (...documents: readonly object[]) => applying.apply({ documents, dryRun: false }, context),
    applyIf: (expectedRevision: number, document: object, dryRun = false) =>
      applying.apply({ documents: [document], dryRun, expectedRevision }, context),
    tag: (data: VersionTaggedData, id: string) => versions.tag(data, { source: 'test', id }, context),
  };
}

const document = (name: string, more: Partial<TargetDocument> = {}): TargetDocument => ({
  ...{
    name,
    environment: 'production',
    type: 'auto_deploy',
    gateway_id: 'g1',
    gateway_url: 'https://gateway.example.com',
  },
  ...{ database_url: 'postgresql://deploy:first@db.example.com:5432/m3', schema: 'production' },
  triggers: { version_pattern: 'v9.*.*' },
  ...more,
});

const bundle = (text: string): Bundle => ({
  ...{ workflows: [], agents: [{ name: 'reviewer', system_message: text }], processors: [], tests: [] },
});
const tagOf = (version: string, contents: VersionTaggedData['bundle']): VersionTaggedData => ({
  ...{ project: 'invoice-pipeline', version, branch: 'main', commit: '4f2a9c1', tagged_by: 'ann' },
  ...{ tagged_at: '2026-03-19T14:23:45.000Z', bundle: contents },
});

describe('targets', () => {
  it('of one name are one target, though ten processes make it at the same moment', async () => {
    const applied = await Promise.all(Array.from({ length: 10 }, () => replica().apply(document('Raced'))));
    const ids = applied
      .flatMap((each) => (each.outcome === 'accepted' ? each.targets : []))
      .map((each) => each.target_id);
    expect(ids).toHaveLength(10);
    expect(new Set(ids).size).toBe(1);
    const history = await replica().store.readStream(`target-${ids[0]}`);
    expect(history.map(({ type }) => type)).toEqual(['TargetCreated']);
  });

  it('applied again as they are, by another process, stay as they are', async () => {
    const first = await replica().apply(document('Steady'));
    const second = await replica().apply(document('Steady'));
    expect(first).toMatchObject({ targets: [{ outcome: 'created' }] });
    expect(second).toMatchObject({ targets: [{ outcome: 'unchanged', changes: [] }] });
  });

  it('have another digest with another password, which is said and not shown', async () => {
    const { apply, store } = replica();
    const applied = await apply(document('Secretive'));
    const id = applied.outcome === 'accepted' ? applied.targets[0]?.target_id : undefined;
    const changed = await apply(
      document('Secretive', { database_url: 'postgresql://deploy:second@db.example.com:5432/m3' }),
    );
    expect(changed).toMatchObject({
      targets: [
        { outcome: 'changed', changes: [{ field: 'database_url', after: expect.stringContaining('not shown') }] },
      ],
    });
    await apply(document('Secretive', { database_url: 'postgresql://deploy:second@db.example.com:5432/m3' }));
    const history = await store.readStream(`target-${id}`);
    expect(history.map(({ type }) => type)).toEqual(['TargetCreated', 'TargetChanged']);
    const digests = history.map(({ data }) => Reflect.get(data, 'config_digest') as string);
    expect(new Set(digests).size).toBe(2);
    expect(JSON.stringify([changed, history])).not.toMatch(/first|second/);
  });

  it('have the signing secrets of their external gates sealed, and the same ones again change nothing', async () => {
    const { apply, store } = replica();
    const signed = (text: string) =>
      document('Signed', {
        gates: {
          external: [{ name: 'licences', url: 'https://gates.example.com', secret: `whsec_${text.repeat(6)}` }],
        },
      });
    const applied = await apply(signed('Zmly'));
    expect(await replica().apply(signed('Zmly'))).toMatchObject({ targets: [{ outcome: 'unchanged', changes: [] }] });
    const changed = await apply(signed('c2Vj'));
    const change = { field: 'gates.external.licences.secret', before: 'set', after: 'changed' };
    expect(changed).toMatchObject({ targets: [{ outcome: 'changed', changes: [change] }] });

    const target = await replica().registry.byName('Signed');
    const id = target?.target_id ?? '';
    const history = await store.readStream(`target-${id}`);
    expect(history.map(({ type }) => type)).toEqual(['TargetCreated', 'TargetChanged']);
    expect(JSON.stringify([applied, changed, history])).not.toMatch(/whsec_|Zmly|c2Vj/);
    const [ref = ''] = target?.document.gates?.external?.map(({ secret_ref }) => secret_ref) ?? [];
    expect(await new SecretStore(pool, key, 'external_gate').get(ref, id)).toBe(`whsec_${'c2Vj'.repeat(6)}`);
  });

  it('are all refused when one document of several is wrong, with its place', async () => {
    const { apply, registry } = replica();
    const refused = await apply(document('Fine'), document('Wrong', { triggers: { version_pattern: '[' } }));
    expect(refused).toMatchObject({
      outcome: 'rejected',
      rejection: { code: 'invalid_version_pattern', field: '/targets/1/triggers/version_pattern' },
    });
    expect((await registry.all()).map(({ document: { name } }) => name)).not.toContain('Fine');
  });
});

describe('a target that is to be changed', () => {
  const timeout = (timeout_seconds: number) => document('Shared', { deployment: { timeout_seconds } });

  it('is changed by one of two operators who saw the same revision; the other is told what changed', async () => {
    await replica().apply(timeout(100));
    const outcomes = await Promise.all([200, 300].map((each) => replica().applyIf(1, timeout(each))));
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['accepted', 'rejected']);
    expect(outcomes.find(({ outcome }) => outcome === 'rejected')).toMatchObject({
      rejection: { code: 'target_changed', detail: 'Shared is at revision 2 now, not 1: look at it again' },
      findings: [
        { revision: 2, what: 'changed', by: 'ann', changes: [{ field: 'deployment.timeout_seconds', before: 100 }] },
      ],
    });
    const won = outcomes.find(({ outcome }) => outcome === 'accepted');
    expect(won).toMatchObject({ targets: [{ outcome: 'changed', revision: 2 }] });
  });

  it('may be changed by a repeat of the change that was made, and by nobody with an older revision, dry or not', async () => {
    const { apply, applyIf, targets } = replica();
    const applied = await apply(document('Again'));
    const id = applied.outcome === 'accepted' ? (applied.targets[0]?.target_id ?? '') : '';
    const changed = document('Again', { region: 'eu' });
    expect(await applyIf(1, changed)).toMatchObject({ targets: [{ revision: 2 }] });
    expect(await replica().applyIf(1, changed)).toMatchObject({ targets: [{ outcome: 'unchanged', revision: 2 }] });
    await targets.handle(id, { type: 'hold', reason: 'load test' }, context);
    const other = document('Again', { region: 'us' });
    for (const dryRun of [true, false])
      expect(await applyIf(2, other, dryRun)).toMatchObject({
        rejection: { code: 'target_changed' },
        findings: [{ revision: 3, what: 'held', reason: 'load test', changes: [] }],
      });
  });

  it('that is not there has no revision', async () => {
    expect(await replica().applyIf(1, document('Nobody'))).toMatchObject({ rejection: { code: 'target_changed' } });
  });

  it('stays disabled when it is applied again without a word about it', async () => {
    const { apply, targets, registry } = replica();
    const applied = await apply(document('Quiet'));
    const id = applied.outcome === 'accepted' ? (applied.targets[0]?.target_id ?? '') : '';
    await targets.handle(id, { type: 'disable' }, context);
    expect(await apply(document('Quiet'))).toMatchObject({ targets: [{ outcome: 'unchanged' }] });
    await apply(document('Quiet', { region: 'eu' }));
    expect(await registry.byName('Quiet')).toMatchObject({ enabled: false });
    expect(await apply(document('Quiet', { region: 'eu', enabled: true }))).toMatchObject({
      targets: [
        {
          outcome: 'changed',
          changes: [expect.objectContaining({ field: 'enabled', before: false, after: true })],
        },
      ],
    });
    expect(await registry.byName('Quiet')).toMatchObject({ enabled: true });
  });
});

describe('documents', () => {
  it('are told all that is wrong with any of them, each in its place', async () => {
    const refused = await replica().apply(
      document('One', { triggers: { version_pattern: '[' } }),
      { ...document('Two'), colour: 'red', database_url: 'postgresql://' },
      document('One', { promotion: { from: 'Nowhere' } }),
    );
    expect(refused).toMatchObject({ outcome: 'rejected', rejection: { code: 'invalid_version_pattern' } });
    expect(refused.outcome === 'rejected' ? refused.findings : []).toEqual(
      [
        ['invalid_version_pattern', '/targets/0/triggers/version_pattern'],
        ['unknown_field', '/targets/1/colour'],
        ['invalid_database_url', '/targets/1/database_url'],
        ['duplicate_name', '/targets/2/name'],
        ['promotion_target_unknown', '/targets/2/promotion/from'],
      ].map(([code, field]) => expect.objectContaining({ code, field }) as unknown),
    );
  });

  it.each([
    ['https://plain.example.com', 'strategy_unsupported'],
    ['https://away.example.com', 'strategy_unchecked'],
  ])('with another strategy and the gateway %s are refused: %s', async (gateway_url, code) => {
    const { apply } = replica();
    for (const deployment_strategy of ['blue_green', 'canary'] as const)
      expect(await apply(document('Strategic', { gateway_url, deployment_strategy }))).toMatchObject({
        rejection: { code, field: '/targets/0/deployment_strategy' },
      });
    expect(await apply(document('Plain', { gateway_url }))).toMatchObject({ outcome: 'accepted' });
  });

  it.each(['blue_green', 'canary'] as const)(
    'may be brought by %s where the gateway routes by version, and keep every field of it',
    async (deployment_strategy) => {
      const blocks = {
        blue_green: {
          ...{ switch_after_seconds: 300, traffic_split: { blue: 50, green: 50 }, rollback_on_error_rate: 5 },
          ...{ min_requests: 10, extend_seconds: 60 },
        },
        canary: { steps: [{ weight: 100, pause_seconds: 5 }], max_error_rate: 1.5, max_p95_ms: 900 },
      };
      const fields = {
        gateway_url: 'https://capable.example.com',
        deployment_strategy,
        [deployment_strategy]: blocks[deployment_strategy],
      };
      const { apply, registry } = replica();
      expect(await apply(document(`By ${deployment_strategy}`, fields))).toMatchObject({ outcome: 'accepted' });
      const kept = (await registry.all()).find((target) => target.document.name === `By ${deployment_strategy}`);
      expect(kept?.document).toMatchObject(fields);
    },
  );

  it('of a target that another process made a moment ago may be promoted from', async () => {
    const fresh = replica();
    await fresh.registry.all();
    await replica().apply(document('Just made'));
    expect(await fresh.apply(document('Next', { promotion: { from: 'Just made' } }))).toMatchObject({
      targets: [{ outcome: 'created', revision: 1 }],
    });
  });

  it('of scheduled targets are taken', async () => {
    const schedule = { cron: '0 2 * * 2', timezone: 'America/New_York', deploy_latest_version: true };
    const applied = await replica().apply(document('Nightly', { type: 'scheduled', schedule }));
    expect(applied).toMatchObject({ targets: [{ outcome: 'created', revision: 1 }] });
  });
});

describe('a tag', () => {
  it('that ten processes take at the same moment is one version and one publish a target', async () => {
    await replica().apply(document('Taker', { triggers: { version_pattern: 'v1.*.*' } }));
    // Other processes see it as soon as the log is sealed.
    await eventually('another process knows the target', async () =>
      (await replica().registry.all()).some(({ document: { name } }) => name === 'Taker'),
    );
    const tag = tagOf('v1.0.0', { inline: bundle('one') });
    const outcomes = await Promise.all(Array.from({ length: 10 }, (_, n) => replica().tag(tag, `event ${n % 3}`)));

    expect(outcomes.filter(({ outcome }) => outcome === 'tagged')).toHaveLength(1);
    expect(outcomes.filter(({ outcome }) => outcome === 'already_tagged')).toHaveLength(9);
    const types = (await replica().store.readStream('version-invoice-pipeline:v1.0.0')).map(({ type }) => type);
    expect(types).toEqual(['VersionTagged', 'PublishTriggered']);
  });

  it('under the id of another message is refused, whatever it holds', async () => {
    const { tag } = replica();
    expect(await tag(tagOf('v5.0.0', { inline: bundle('five') }), 'taken')).toMatchObject({ outcome: 'tagged' });
    expect(await tag(tagOf('v5.0.0', { inline: bundle('five') }), 'taken')).toMatchObject({
      outcome: 'already_tagged',
    });
    expect(await replica().tag(tagOf('v5.1.0', { inline: bundle('five') }), 'taken')).toMatchObject({
      outcome: 'rejected',
      rejection: { code: 'event_id_reused', field: 'id' },
    });
    expect(await tag(tagOf('v5.0.0', { inline: bundle('other') }), 'taken')).toMatchObject({
      outcome: 'rejected',
      rejection: { code: 'version_conflict' },
    });
  });

  it('with other contents is a conflict, recorded once however often it comes', async () => {
    const tag = (contents: string, id: string) => replica().tag(tagOf('v6.0.0', { inline: bundle(contents) }), id);
    await tag('six', 'six');
    await Promise.all(['a', 'b', 'c'].map((id) => tag('not six', id)));
    const types = (await replica().store.readStream('version-invoice-pipeline:v6.0.0')).map(({ type }) => type);
    expect(types).toEqual(['VersionTagged', 'VersionConflictDetected']);
  });

  it('with a bundle by address takes what the digest says, and nothing else', async () => {
    const { tag } = replica();
    const text = canonicalBundle(bundle('large'));
    await objects.put(bucket.bucket, 'bundles/large one.json', text);
    const uri = `s3://${bucket.bucket}/bundles/large%20one.json`;
    const wrong = `sha256:${'0'.repeat(64)}`;

    expect(await tag(tagOf('v7.0.0', { uri, sha256: wrong }), 'wrong')).toMatchObject({
      outcome: 'rejected',
      rejection: { code: 'bundle_digest_mismatch', field: 'data.bundle.sha256' },
    });
    expect(await tag(tagOf('v7.0.0', { uri, sha256: sha256(text) }), 'right')).toMatchObject({
      outcome: 'tagged',
      bundle_digest: bundleDigest(bundle('large')),
    });
    expect(await tag(tagOf('v7.1.0', { uri: `${uri}x`, sha256: wrong }), 'gone')).toMatchObject({
      outcome: 'rejected',
      rejection: { code: 'bundle_unreadable' },
    });
  });
});
