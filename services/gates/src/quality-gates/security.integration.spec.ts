import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretDigest, type Processor } from '@m3/artifacts';
import { importDatabase } from '@m3/vulnerabilities';
import { startSandboxGateway } from '@m3/sandbox';
import { bundleOf, gate, start, useGateStand } from '../fixtures/gate-stand.fixture.spec.js';

const on = useGateStand(startSandboxGateway);
const dayMs = 86_400_000;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'm3-security-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('secrets in artifacts', () => {
  const secret = 'mas_3f9c2b7d81e64a05';
  const agents = [{ name: 'reviewer', system_message: `Call it with ${secret}.` }];
  const digest = secretDigest(secret);

  it.each([
    ['an agent', { agents }],
    ['a workflow', { workflows: [{ name: 'extraction', description: secret, plan: {} }] }],
    ['a processor', { processors: [{ name: 'splitter', config_snapshot: { url: 'postgresql://u:s3cr3tpass@db/x' } }] }],
  ])('fail the gate when they are in %s, and are not repeated', async (_, more) => {
    const judged = await on.judged({ bundle: bundleOf(more) });
    expect(gate(judged, 'security')).toMatchObject({ outcome: 'failed' });
    expect(JSON.stringify(judged)).not.toMatch(/mas_3f9c|s3cr3tpass/);
  });

  it('may stay where the target allows them by digest, with a reason that is shown', async () => {
    const allowed = { allowed_secrets: [{ digest, reason: 'a public test key' }] };
    const judged = await on.judged({ bundle: bundleOf({ agents }), settings: allowed });
    expect(gate(judged, 'security')).toMatchObject({
      ...{ outcome: 'passed', message: expect.stringContaining(`${digest}: a public test key`) },
    });
  });

  it('are not allowed by the digest of another', async () => {
    const settings = { allowed_secrets: [{ digest: '000000000000', reason: 'another' }] };
    expect(await on.judged({ bundle: bundleOf({ agents }), settings })).toMatchObject({ outcome: 'failed' });
  });
});

describe('known vulnerabilities of the packages that processors need', () => {
  const processors = (dependencies: Processor['dependencies']) => [
    { name: 'splitter', ...(dependencies ? { dependencies } : {}) },
  ];
  const needs = (dependencies: Processor['dependencies']) => bundleOf({ processors: processors(dependencies) });
  const vector = {
    critical: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    low: 'CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N',
  };

  async function list(rating: keyof typeof vector | null, ageDays = 0): Promise<string> {
    await mkdir(join(folder, 'osv'), { recursive: true });
    const record = {
      ...{ id: 'OSV-1', modified: '2026-03-01T00:00:00Z', summary: 'reads too far' },
      ...(rating === null ? {} : { severity: [{ type: 'CVSS_V3', score: vector[rating] }] }),
      affected: [
        {
          package: { ecosystem: 'PyPI', name: 'pypdf' },
          ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '6.0.0' }] }],
        },
      ],
    };
    await writeFile(join(folder, 'osv', 'OSV-1.json'), JSON.stringify(record));
    const database = join(folder, 'list');
    await importDatabase(join(folder, 'osv'), database, new Date(start.getTime() - ageDays * dayMs));
    return database;
  }
  const judge = async (vulnerabilities: string | undefined, dependencies: Processor['dependencies'], settings = {}) => {
    const stand = vulnerabilities === undefined ? {} : { vulnerabilities };
    return gate(await on.judged({ bundle: needs(dependencies), settings }, stand), 'security');
  };

  it('fail the gate when one is critical', async () => {
    expect(await judge(await list('critical'), { pypdf: '5.9.0' })).toMatchObject({
      ...{ outcome: 'failed', codes: ['dependency.critical_vulnerability'] },
      findings: [{ severity: 'error', artifact: { kind: 'processor', name: 'splitter' }, path: '/dependencies' }],
    });
  });

  it('are warnings below that, and pass with them', async () => {
    expect(await judge(await list('low'), { pypdf: '5.9.0' })).toMatchObject({
      ...{ outcome: 'passed', codes: ['dependency.vulnerability'] },
    });
  });

  it('leave no finding where the version is not affected, in either form of the list', async () => {
    const database = await list('critical');
    const fixed = { ecosystem: 'PyPI', name: 'PyPDF', version: '6.0.1' };
    expect(await judge(database, [fixed])).toMatchObject({ outcome: 'passed', findings: [] });
    expect(await judge(database, [{ ...fixed, version: '==5.9.0' }])).toMatchObject({ outcome: 'failed' });
    expect((await judge(database, { pypdf: '6.0.0' })).message).toContain(
      'list 0 days old, newest record of 2026-03-01',
    );
  });

  it.each<[string, Processor['dependencies'], string]>([
    ['nobody has rated one', { pypdf: '5.9.0' }, 'dependency.vulnerability'],
    ['the version is not exact', { pypdf: '>=5' }, 'dependency.undecided'],
    [
      'the list knows nothing of the ecosystem',
      [{ ecosystem: 'npm', name: 'x', version: '1.0.0' }],
      'dependency.unknown_ecosystem',
    ],
  ])('have no result when %s', async (_, dependencies, code) => {
    expect(await judge(await list(null), dependencies)).toMatchObject({
      ...{ outcome: 'inconclusive', codes: ['vulnerabilities_undecided', code] },
    });
  });

  it('have no result with an old list, or none at all', async () => {
    const old = await list('low', 8);
    expect((await judge(old, { pypdf: '6.0.0' })).codes).toEqual(['vulnerabilities_stale']);
    const patient = { vulnerabilities_max_age_days: 8 };
    expect(await judge(old, { pypdf: '6.0.0' }, patient)).toMatchObject({ outcome: 'passed' });
    expect((await judge(undefined, { pypdf: '6.0.0' })).codes).toEqual(['vulnerabilities_absent']);
    expect((await judge(join(folder, 'nowhere'), { pypdf: '6.0.0' })).codes).toEqual(['vulnerabilities_absent']);
  });

  it.each(['current.json', 'generations'])('have no result with a list that is damaged: %s', async (what) => {
    const damaged = await list('low');
    const files =
      what === 'current.json'
        ? [what]
        : (await readdir(join(damaged, what), { recursive: true })).map((name) => join(what, name));
    for (const file of files.filter((name) => name.endsWith('.json'))) await writeFile(join(damaged, file), 'garbage');
    expect(await judge(damaged, { pypdf: '5.9.0' })).toMatchObject({
      ...{ outcome: 'inconclusive', codes: ['vulnerabilities_damaged'] },
      findings: [{ remedy: expect.stringContaining('m3-publish gate osv import') as unknown }],
    });
  });

  it('need no list where no package is declared', async () => {
    expect(await judge(undefined, undefined)).toMatchObject({ outcome: 'passed' });
  });
});
