import { DeadLetterList, PublishDetail, type Finding } from '@m3/contracts';
import type { Bundle } from '@m3/artifacts';
import { freePort } from '@m3/local-servers';
import { eventually } from '@m3/testing';
import { placesOf as placesIn } from './canaries.fixture.spec.js';
import { useProduct } from './product.fixture.spec.js';
import { release, tagMessage, withCycle, withDanglingDependency } from './releases.fixture.spec.js';
import { loginWith } from './target-state.fixture.spec.js';

const use = useProduct({ schemas: ['good', 'other', 'canary'] });
const canary = 'canary-5e1f0c77';

beforeAll(async () => {
  const product = use();
  await product.apply(product.document('good', { triggers: { version_pattern: 'v1.*.*' } }));
  await product.tag({ version: 'v1.0.0' });
  const [id] = await product.log.triggered('v1.0.0');
  if (id !== undefined) await product.log.endsAs(id, 'PublishSucceeded');
});

let made = 0;
/** A version that no target takes by itself. */
const nextVersion = (): string => `v3.${++made}.0`;
const text = (message: object): string => JSON.stringify(message);
const changed = (message: ReturnType<typeof tagMessage>, data: object) => ({
  ...message,
  data: { ...message.data, ...data },
});

describe('a message that is no tag', () => {
  it.each<[string, () => string, string, string | null]>([
    ['not JSON', () => 'not json', 'not_json', null],
    ['of 2 MB', () => text({ padding: 'x'.repeat(2_000_000) }), 'message_too_large', null],
    ['of another shape', () => text({ hello: 'world' }), 'invalid_message', 'specversion'],
    [
      'without a branch',
      () => text(changed(tagMessage({ version: nextVersion() }), { branch: undefined })),
      'invalid_message',
      'data.branch',
    ],
    [
      'with a version that is none',
      () => text(changed(tagMessage({ version: nextVersion() }), { version: 'latest' })),
      'invalid_message',
      'data.version',
    ],
    ['with another digest than its bundle', wrongDigest, 'bundle_digest_mismatch', 'data.bundle.sha256'],
    ['with a bundle that is nowhere', missingBundle, 'bundle_unreadable', 'data.bundle.uri'],
    [
      'with the id of another',
      () => text(tagMessage({ version: nextVersion(), id: 'invoice-pipeline v1.0.0' })),
      'event_id_reused',
      'id',
    ],
    [
      'with other contents for a version that is there',
      () => text(tagMessage({ version: 'v1.0.0', id: 'again', bundle: release('v9.9.9') })),
      'version_conflict',
      'version',
    ],
  ])('(%s) is kept with its reason, and holds up nobody', async (_, payload, code, field) => {
    const { log } = use();
    const before = (await log.ofType('DeadLetterRecorded')).length;
    const good = nextVersion();
    await use().send(payload());
    await use().tag({ version: good });

    await eventually(`${good} is tagged`, async () =>
      (await log.ofType('VersionTagged')).some(({ data }) => data.version === good),
    );
    const recorded = await eventually('the dead letter', () => log.ofType('DeadLetterRecorded'), {
      until: (letters) => letters.length > before,
    });
    expect(recorded).toHaveLength(before + 1);
    expect(recorded.at(-1)?.data).toMatchObject({ code, attempts: 1, origin: 'inbox', ...(field ? { field } : {}) });
    const id = recorded.at(-1)?.data.dead_letter_id;
    const reply = await use().shows('dead-letters', DeadLetterList, ({ items }) =>
      items.some((item) => item.dead_letter_id === id),
    );
    expect(reply.items.find((item) => item.dead_letter_id === id)).toMatchObject({ status: 'open', code, field });
  });

  it('that comes again as it was is ignored', async () => {
    const { log } = use();
    const before = (await log.ofType('DeadLetterRecorded')).length;
    await use().tag({ version: 'v1.0.0' });
    const good = nextVersion();
    await use().tag({ version: good });
    await eventually(`${good} is tagged`, async () =>
      (await log.ofType('VersionTagged')).some(({ data }) => data.version === good),
    );
    expect(await log.publishesOf('v1.0.0')).toHaveLength(1);
    expect(await log.ofType('DeadLetterRecorded')).toHaveLength(before);
  });

  it('tells operators of a version that was tagged again with other contents', async () => {
    const { webhook } = use();
    const news = await eventually('news of the conflict', () =>
      webhook.received.find(({ payload }) => JSON.stringify(payload).includes('version.conflict')),
    );
    expect(JSON.stringify(news.payload)).toContain('v1.0.0');
  });

  it('may be replayed, which ends in the same way and harms nothing, and discarded, which ends it', async () => {
    const { log } = use();
    const [first] = await log.ofType('DeadLetterRecorded');
    const path = `dead-letters/${first?.data.dead_letter_id}`;
    const versions = (await log.ofType('VersionTagged')).length;
    expect((await use().call(`${path}/replay`, { body: {} })).status).toBeLessThan(300);
    await eventually('the replay is recorded', async () => (await log.ofType('DeadLetterReplayed')).length === 1);
    expect((await use().call(`${path}/discard`, { body: { reason: 'the sender was fixed' } })).status).toBeLessThan(
      300,
    );
    expect(await use().call(`${path}/replay`, { body: {} })).toMatchObject({
      status: 409,
      json: { code: 'dead_letter_discarded' },
    });
    expect(await log.ofType('VersionTagged')).toHaveLength(versions);
  });

  function wrongDigest(): string {
    const message = tagMessage({ version: nextVersion() });
    const { inline } = message.data.bundle;
    return text(changed(message, { bundle: { inline, sha256: `sha256:${'0'.repeat(64)}` } }));
  }

  function missingBundle(): string {
    const bundle = { uri: 's3://m3-bundles/nowhere.json', sha256: `sha256:${'0'.repeat(64)}` };
    return text(changed(tagMessage({ version: nextVersion() }), { bundle }));
  }
});

describe('a bundle that must not go live', () => {
  // Put together here, so that no scanner takes it for a real one.
  const secret = ['ghp', '16C7e42F292c6912E7710c838347Ae178B4a'].join('_');

  it.each<[string, string, () => Bundle, string]>([
    ['a cycle', 'v1.1.0', () => withCycle(release('v1.1.0')), 'cycle'],
    ['a dependency that is not there', 'v1.2.0', () => withDanglingDependency(release('v1.2.0')), 'depend'],
    ['a secret', 'v1.3.0', () => release('v1.3.0', { instructions: `Use the token ${secret} for GitHub.` }), 'secret'],
  ])('for it has %s fails at the gates, with the finding, and touches nothing', async (_, version, bundle, word) => {
    const { log, targets } = use();
    await use().tag({ version, bundle: bundle() });
    const [id] = await log.triggered(version);
    const { data } = await log.endsAs(id ?? '', 'PublishFailed');
    expect(data).toMatchObject({ step: 'gating' });
    const detail = await use().shows(`publishes/${id}`, PublishDetail, ({ status }) => status === 'failed');
    const findings: Finding[] = detail.gates?.checks.flatMap((check) => check.findings) ?? [];
    const errors = findings.filter(({ severity }) => severity === 'error');
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.map(({ code, message }) => `${code} ${message}`.toLowerCase()).join('\n')).toContain(word);
    expect((await targets.state('good')).releases).toEqual(['v1.0.0']);
  });

  it('leaves its secret in no event, log, reply or backup', async () => {
    // The bundle itself is kept as it was tagged: there it came in, and no reply shows it.
    expect(await placesOf(secret)).toEqual(['bundles.bundle']);
  });
});

describe('a target that cannot be reached', () => {
  it.each<[string, string, string]>([
    ['gateway', 'v7.1.0', 'gateway_connection_refused'],
    ['password', 'v7.2.0', 'database_password_wrong'],
    ['schema', 'v7.3.0', 'schema_missing'],
  ])('(%s) fails the publish before anything is touched, with a code', async (what, version, code) => {
    const { log, document, apply } = bound();
    const changes = {
      gateway: { gateway_url: `http://127.0.0.1:${await freePort()}` },
      password: { database_url: withPassword(document('other').database_url) },
      schema: { schema: 'nowhere' },
    };
    const change = Object.entries(changes).find(([name]) => name === what)?.[1] ?? {};
    await apply(document('other', { name: 'Broken', triggers: { version_pattern: 'v7.*.*' }, ...change }));
    await use().tag({ version });
    const [id] = await log.triggered(version);
    const { data } = await log.endsAs(id ?? '', 'PublishFailed');
    expect(data).toMatchObject({ step: 'validating', code });
    await use().shows(`publishes/${id}`, PublishDetail, ({ status }) => status === 'failed');
  });

  it('is refused when it is described wrongly, with the field', async () => {
    const { document, call } = bound();
    const refused = async (document_: object) => {
      const { status, json } = await call('targets', { body: document_ });
      expect([400, 422]).toContain(status);
      return json;
    };
    expect(await refused(document('a"b'))).toMatchObject({ field: expect.stringMatching(/schema$/) });
    expect(await refused({ ...document('other'), colour: 'red' })).toMatchObject({
      field: expect.stringMatching(/colour$/),
    });
    expect(await refused(document('other', { database_url: 'postgresql://' }))).toMatchObject({
      field: expect.stringMatching(/database_url$/),
    });
  });

  it('is refused when it asks for a strategy, and nobody can say whether its gateway can do it', async () => {
    const { document, call } = bound();
    const gateway_url = `http://127.0.0.1:${await freePort()}`;
    const body = document('other', { gateway_url, name: 'Strategic', deployment_strategy: 'canary' });
    const refusal = { code: 'strategy_unchecked', field: '/deployment_strategy' };
    expect(await call('targets', { body })).toMatchObject({ status: 422, json: { ...refusal, findings: [refusal] } });
  });

  it('leaves its password in no event, log, reply or backup', async () => {
    const { call } = bound();
    for (const path of ['targets', 'targets/Broken', 'publishes', 'audit/events', 'dead-letters']) await call(path);
    expect(await placesOf(canary)).toEqual([]);
    // The search does find what is there.
    const places = (await placesOf('good')).join('\n');
    for (const place of ['the event log', 'reply', 's3/']) expect(places).toContain(place);
  });

  function withPassword(databaseUrl: string): string {
    const url = new URL(databaseUrl);
    url.password = canary;
    return url.href;
  }
});

describe('the password of a target that works', () => {
  const password = 'canary-b81f04d2';

  it('is in no event, log, reply, backup or row after publishes, checks, changes and a rotation of keys', async () => {
    const { document, apply, call, log } = bound();
    const mine = document('canary', { name: 'Canary', triggers: { version_pattern: 'v8.*.*' } });
    const { adminUrl } = use().stack.servers.postgres;
    const database_url = await loginWith(password, { adminUrl, databaseUrl: mine.database_url });
    await apply({ ...mine, database_url });
    for (const version of ['v8.0.0', 'v8.1.0']) {
      await use().tag({ version });
      const [id] = await log.triggered(version);
      await log.endsAs(id ?? '', 'PublishSucceeded');
      for (const path of ['', '/logs', '/events', '/why']) await call(`publishes/${id}${path}`);
    }
    expect(await call('targets/Canary/check', { body: {} })).toMatchObject({ status: 200, json: { healthy: true } });
    await apply({ ...mine, database_url: database_url.replace(password, 'wrong') });
    expect(await call('targets/Canary/check', { body: {} })).toMatchObject({
      json: { healthy: false, faults: [{ what: 'database', code: 'password_wrong' }] },
    });
    await apply({ ...mine, database_url });
    // What is refused is not repeated either, and neither is a secret in the wrong field.
    await call('targets', { body: { ...mine, database_url, schema: password, region: [database_url] } });
    expect(await call('secrets/rotate', { body: {} })).toMatchObject({ status: 200, json: { remaining: 0 } });
    const now = new Date().toISOString();
    for (const path of ['', '/changes', '/health', `?at=${now}`]) await call(`targets/Canary${path}`);
    for (const path of ['targets', 'publishes', 'backups', 'audit/events', 'dead-letters']) await call(path);
    expect(await placesOf(password)).toEqual([]);
    // The search does find what is there.
    expect((await placesOf('canary_login')).length + (await placesOf('Canary')).length).toBeGreaterThan(3);
  });

  it('is changed by one of two operators who saw the same revision', async () => {
    const { document, call } = bound();
    const body = (timeout_seconds: number) => document('canary', { name: 'Canary', deployment: { timeout_seconds } });
    const { json } = await call('targets/Canary');
    const revision = String(Reflect.get(Object(json), 'revision'));
    const put = (seconds: number) =>
      call('targets/Canary', { method: 'PUT', body: body(seconds), headers: { 'if-match': `"${revision}"` } });
    const answers = await Promise.all([put(500), put(501)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    const refused = answers.find(({ status }) => status === 412)?.json;
    expect(refused).toMatchObject({ code: 'target_changed' });
    expect(JSON.stringify(refused)).toContain('deployment');
  });
});

const placesOf = (text: string) => placesIn(text, use());

function bound() {
  const product = use();
  return {
    log: product.log,
    apply: product.apply.bind(product),
    call: product.call.bind(product),
    document: product.document.bind(product),
  };
}
