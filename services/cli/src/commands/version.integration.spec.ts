import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalDigest, MeReply, newId, VersionTagAccepted, VersionTaggedData } from '@m3/contracts';
import { FakeGateway, ok, problem, stepsAt } from '../fake-gateway.spec.js';
import { cyclicPlan, goodPlan, ReleaseFolder } from '../release/release-fixture.spec.js';
import { m3Publish } from '../terminal.spec.js';

describe('m3-publish version tag', () => {
  let gateway: FakeGateway;
  let release: ReleaseFolder;
  beforeEach(async () => {
    gateway = await new FakeGateway().start();
    release = new ReleaseFolder();
    gateway.on('GET', 'me', () => ok(MeReply, { id: 'ann', roles: ['maintainer'] }));
    accept([]);
  });
  afterEach(async () => {
    release.remove();
    await gateway.stop();
  });

  function accept(publishes: string[], outcome: 'tagged' | 'already_tagged' = 'tagged'): void {
    const reply = {
      outcome,
      project: 'invoice-pipeline',
      version: 'v1.3.0',
      bundle_digest: canonicalDigest({}),
      publishes,
    };
    gateway.on('POST', 'versions', ({ body }) => {
      ok(VersionTaggedData, body);
      return ok(VersionTagAccepted, reply, 201);
    });
  }

  const tag = (...args: string[]) => {
    const source = ['--branch', 'main', '--commit', '4f2a9c1'];
    return m3Publish(['version', 'tag', 'v1.3.0', '--dir', release.path, ...source, ...args], { url: gateway.url });
  };
  const sent = () => gateway.received('POST', 'versions').at(-1);

  it('sends the folder as a bundle, named after the folder and tagged by whoever signed in', async () => {
    const { exitCode, stdout } = await tag('--tagged-at', '2026-03-19T14:23:45Z');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('invoice-pipeline v1.3.0 tagged: 0 publishes');
    const inline = {
      workflows: [{ name: 'invoice-extraction', plan: goodPlan }],
      agents: [{ name: 'reviewer', backend: 'openai' }],
      processors: [],
      tests: [],
    };
    expect(sent()?.body).toEqual({
      project: 'invoice-pipeline',
      version: 'v1.3.0',
      branch: 'main',
      commit: '4f2a9c1',
      tagged_by: 'ann',
      tagged_at: '2026-03-19T14:23:45.000Z',
      bundle: { inline, sha256: canonicalDigest(inline) },
    });
  });

  it('has the same Idempotency-Key for the same content, and another for other content', async () => {
    const time = ['--tagged-at', '2026-03-19T14:23:45Z'];
    const keys: unknown[] = [];
    for (const change of [
      () => undefined,
      () => undefined,
      () => release.write('release.json', { requires: { marie: '>=3.0.0' } }),
    ]) {
      change();
      await tag(...time);
      keys.push(sent()?.headers['idempotency-key']);
    }
    expect(keys[0]).toMatch(/^tag-[0-9a-f]{64}$/);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
    expect(sent()?.body).toMatchObject({ requires: { marie: '>=3.0.0' } });
  });

  it('says that it was tagged before', async () => {
    accept([], 'already_tagged');
    expect((await tag()).stdout).toContain('was tagged before, with the same content');
  });

  it('refuses a broken release before it is sent', async () => {
    release.write('workflows/invoice-extraction.json', cyclicPlan);
    const { exitCode, stdout, stderr } = await tag();
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^workflows\/invoice-extraction\.json\S* error plan\./);
    expect(stderr).toContain('was not tagged');
    expect(sent()).toBeUndefined();
  });

  it('leaves the judgement to the gates with --no-validate', async () => {
    release.write('workflows/invoice-extraction.json', cyclicPlan);
    expect((await tag('--no-validate')).exitCode).toBe(0);
  });

  it('does not send secrets anywhere', async () => {
    release.write('agents/leaky.json', { name: 'leaky', llm: { api_key: `sk-${'a1B2c3D4e5'.repeat(5)}` } });
    const { exitCode, stdout } = await tag();
    expect(exitCode).toBe(1);
    expect(stdout).toContain('agents/leaky.json');
    expect(stdout).not.toContain('a1B2c3D4e5');
    expect(sent()).toBeUndefined();
  });

  it('says what the gateway has against it', async () => {
    gateway.on('POST', 'versions', () =>
      problem(409, 'version_conflict', { detail: 'v1.3.0 exists with another digest. Tag a new version.' }),
    );
    const { exitCode, stderr } = await tag();
    expect(exitCode).toBe(1);
    expect(stderr).toBe('m3-publish: v1.3.0 exists with another digest. Tag a new version.\n');
  });

  it('follows the publishes that the tag set off', async () => {
    const publish = gateway.addPublish({
      status: 'failed',
      steps: stepsAt('gating', 'failed'),
      outcome_reason: 'a gate failed',
    });
    accept([publish.id]);
    const { exitCode, stdout } = await tag('--watch');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('invoice-pipeline v1.3.0 → staging: failed: a gate failed');
  });

  it('sends a large bundle by its address, and says how', async () => {
    release.write('agents/large.json', { name: 'large', system_message: 'word '.repeat(120_000) });
    const inline = await tag();
    expect(inline.exitCode).toBe(2);
    expect(inline.stderr).toContain('m3-publish version bundle');
    const byUri = await tag('--bundle-uri', 's3://releases/invoice-pipeline/v1.3.0.json');
    expect(byUri.exitCode).toBe(0);

    const out = join(release.path, 'bundle.json');
    const written = await m3Publish(['version', 'bundle', release.path, '--out', out, '--json'], {});
    const bundle: unknown = JSON.parse(readFileSync(out, 'utf8'));
    expect(sent()?.body).toMatchObject({
      bundle: { uri: 's3://releases/invoice-pipeline/v1.3.0.json', sha256: canonicalDigest(bundle) },
    });
    expect(JSON.parse(written.stdout)).toMatchObject({ digest: canonicalDigest(bundle) });
  });

  it('takes branch and commit from Git', async () => {
    const git = (...args: string[]): string => execFileSync('git', ['-C', release.path, ...args], { encoding: 'utf8' });
    git('init', '-q', '-b', 'release/1.3');
    git('add', '.');
    git('-c', 'user.name=ann', '-c', 'user.email=ann@example.com', 'commit', '-q', '-m', 'first');
    await m3Publish(['version', 'tag', 'v1.3.0', '--dir', release.path], { url: gateway.url });
    expect(sent()?.body).toMatchObject({ branch: 'release/1.3', commit: git('rev-parse', 'HEAD').trim() });
  });

  it.each([
    [['--project', 'Invoice Pipeline'], '(field project)'],
    [['--tagged-at', 'yesterday'], '(field tagged-at)'],
    [['--commit', ''], '(field commit)'],
  ])('names the option at fault: %j', async (args, text) => {
    const { exitCode, stderr } = await tag(...args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(text);
  });

  it('names the publishes that it set off', async () => {
    const id = newId('publish');
    accept([id]);
    const { stdout } = await tag();
    expect(stdout).toContain(`1 publish (`);
    expect(stdout).toContain(`  ${id}\n`);
  });
});
