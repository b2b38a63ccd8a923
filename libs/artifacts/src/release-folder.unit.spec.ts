import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { linear } from './plan-fixtures.spec.js';
import { readReleaseFolder } from './release-folder.js';
import { scanSecrets } from './scan-secrets.js';
import { validateBundle } from './validate-bundle.js';
import { executionOrder } from './execution-order.js';
import { readPlan } from './validate-plan.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'm3-release-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(path: string, content: unknown): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
}
const codes = async (): Promise<string[]> => {
  const reading = await readReleaseFolder(folder);
  return (reading.ok ? reading.warnings : reading.findings).map(({ code }) => code);
};

describe('a release folder', () => {
  test('becomes a bundle: plans, agents in JSON and YAML, names from files or documents', async () => {
    await write('workflows/plain.json', linear());
    await write('workflows/x.json', { name: 'named', description: 'words', plan: linear() });
    await write('workflows/y.json', { name: 'named-plan', ...linear() });
    await write('agents/a.yaml', 'description: |\n  two\n  lines\nmax_iterations: 3\ntools: [search]\n');
    await write('agents/b.yml', '{}');
    await write('agents/c.json', '\uFEFF{"description":"with a byte order mark"}');
    await write('processors/p.json', { config_snapshot: {} });
    await write('tests/t.json', { workflow: 'plain', input: {}, expect: {} });
    await write('release.json', { requires: { marie: '>=3' } });
    await write('README.md', 'not an artifact');
    expect(await readReleaseFolder(folder)).toEqual({
      ok: true,
      warnings: [],
      bundle: {
        workflows: [
          { name: 'plain', plan: linear() },
          { name: 'named', description: 'words', plan: linear() },
          { name: 'named-plan', plan: linear() },
        ],
        agents: [
          { name: 'a', description: 'two\nlines\n', max_iterations: 3, tools: ['search'] },
          { name: 'b' },
          { name: 'c', description: 'with a byte order mark' },
        ],
        processors: [{ name: 'p', config_snapshot: {} }],
        tests: [{ name: 't', workflow: 'plain', input: {}, expect: {} }],
        requires: { marie: '>=3' },
      },
    });
  });

  test('that does not exist, or is a file, is refused', async () => {
    await write('file', '');
    expect(await readReleaseFolder(join(folder, 'gone'))).toMatchObject({
      ok: false,
      findings: [{ code: 'folder.unreadable' }],
    });
    expect(await readReleaseFolder(join(folder, 'file'))).toMatchObject({
      ok: false,
      findings: [{ code: 'folder.unreadable' }],
    });
  });

  test.each([
    ['nothing to deploy', 'tests/t.json', { workflow: 'a', input: {}, expect: {} }, 'bundle.empty'],
    ['JSON that is none', 'workflows/a.json', '{"nodes": [}', 'bundle.not_json'],
    ['a document that is a list', 'workflows/a.json', [], 'bundle.schema'],
    ['YAML that is none', 'agents/a.yaml', 'name: [', 'folder.invalid_yaml'],
    ['YAML with a field twice', 'agents/a.yaml', 'name: a\nname: b', 'folder.invalid_yaml'],
    ['YAML with aliases', 'agents/a.yaml', 'llm: &x {a: 1}\nmemory: *x', 'folder.invalid_yaml'],
    ['YAML without end', 'agents/a.yaml', `llm: ${'['.repeat(200_000)}`, 'folder.invalid_yaml'],
    ['YAML of lists in lists', 'agents/a.yaml', `llm: ${'\n  ' + '- '.repeat(50_000)}x`, 'folder.invalid_yaml'],
    ['YAML of two documents', 'agents/a.yaml', 'name: a\n---\nname: b', 'folder.invalid_yaml'],
    ['YAML that is too large', 'agents/a.yaml', `# ${'x'.repeat(1_100_000)}`, 'bundle.too_large'],
    ['YAML that reaches for the prototype', 'agents/a.yaml', 'llm:\n  __proto__: {a: 1}', 'bundle.forbidden_key'],
    ['a file name that is no name', 'workflows/My Plan.json', linear(), 'bundle.invalid_name'],
    ['a requirement nobody knows', 'release.json', { needs: {} }, 'bundle.unknown_field'],
  ])('with %s is refused', async (_, path, content, code) => {
    if (code !== 'bundle.empty') await write('workflows/good.json', linear());
    await write(path, content);
    expect(await codes()).toContain(code);
    expect(await readReleaseFolder(folder)).toMatchObject({ ok: false });
  });

  test('with two artifacts of one name is refused', async () => {
    await write('agents/a.json', {});
    await write('agents/a.yaml', '{}');
    expect(await codes()).toEqual(['bundle.duplicate_name']);
  });

  test('warns of files that are not read', async () => {
    await write('workflows/a.json', linear());
    await write('workflows/b.yaml', 'nodes: []');
    await write('workflows/old/c.json', linear());
    await write('workflows/.DS_Store', 'x');
    expect(await codes()).toEqual(['folder.unknown_file', 'folder.unknown_file']);
  });

  test('follows links inside itself, and refuses those that lead out', async () => {
    await write('workflows/a.json', linear());
    await symlink(join(folder, 'workflows/a.json'), join(folder, 'workflows/b.json'));
    expect(await readReleaseFolder(folder)).toMatchObject({
      ok: true,
      bundle: { workflows: [{ name: 'a' }, { name: 'b' }] },
    });
    await symlink('/etc/hostname', join(folder, 'workflows/c.json'));
    expect(await codes()).toEqual(['folder.link_outside']);
  });

  test('whose folder is a link that leads out is refused', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'm3-outside-'));
    await writeFile(join(outside, 'a.json'), JSON.stringify(linear()));
    await symlink(outside, join(folder, 'workflows'));
    expect(await codes()).toEqual(['folder.link_outside']);
    await rm(outside, { recursive: true });
  });

  test('larger than allowed is refused before it is read', async () => {
    await write('workflows/a.json', linear());
    const limits = { bytes: 100, depth: 64, values: 1_000, artifacts: 10, nodes: 10 };
    expect(await readReleaseFolder(folder, limits)).toMatchObject({
      ok: false,
      findings: [{ code: 'bundle.too_large' }],
    });
  });

  test('never quotes what it refuses', async () => {
    await write('agents/a.yaml', 'api_key: hunter2: hunter2');
    await write('workflows/a.json', '{"api_key": hunter2}');
    expect(JSON.stringify(await readReleaseFolder(folder))).not.toContain('hunter2');
  });
});

describe('the sample release', () => {
  const sample = new URL('../../../infra/local/sample/invoice-pipeline', import.meta.url).pathname;

  test('is read without a finding, is valid, holds no secret, and can be put in order', async () => {
    const reading = await readReleaseFolder(sample);
    if (!reading.ok) throw new Error(JSON.stringify(reading.findings));
    expect(reading.warnings).toEqual([]);
    expect(validateBundle(reading.bundle)).toEqual([]);
    expect(await scanSecrets(reading.bundle)).toEqual([]);
    expect(reading.bundle.workflows.map(({ name }) => name)).toEqual([
      'document-classification',
      'extraction-guardrail',
      'invoice-extraction',
    ]);
    expect([reading.bundle.agents.length, reading.bundle.processors.length, reading.bundle.tests.length]).toEqual([
      2, 2, 4,
    ]);
    for (const { plan } of reading.bundle.workflows) {
      const typed = readPlan(plan);
      if (typed.ok) expect(executionOrder(typed.plan).length).toBeGreaterThan(4);
    }
  });
});
