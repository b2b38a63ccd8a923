import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

/**
 * A small repository that breaks each rule once, checked with the rules of this one: a rule that nobody has seen failing
 * may well check nothing.
 */

const repository = resolve(import.meta.dirname, '../..');
const require = createRequire(import.meta.url);
const run = promisify(execFile);

const index = { 'libs/contracts/src/index.ts': '', 'libs/messaging/src/index.ts': 'export const bus = 1;' };

const allowed: Record<string, string> = {
  ...index,
  'services/gates/src/domain/gate.ts': `import { bus } from './bus.js';\nexport const gate = bus;`,
  'services/gates/src/domain/bus.ts': `import { createHash } from 'node:crypto';\nexport const bus = createHash;`,
  'services/gates/src/adapters/postgres/store.ts': `import pg from 'pg';\nimport { bus } from '@m3/messaging';\nexport const store = [pg, bus];`,
  'services/gates/src/runners/clock.ts': `export const now = (): number => Date.now();`,
  'services/gates/src/gate.integration.spec.ts': `import { gateway } from '../../../infra/sandbox/src/index.js';\nexport const it = gateway;`,
  'services/gates/src/o.ts': `import './n.js';`,
  'services/gates/src/utils/text.ts': `export const text = '';`,
  'infra/sandbox/src/index.ts': `export const gateway = 1;`,
};

const boundaries: readonly (readonly [rule: string, file: string, source: string])[] = [
  ['services-never-import-services', 'services/gates/src/a.ts', `import '../../backups/src/index.js';`],
  ['libs-import-only-libs', 'libs/messaging/src/b.ts', `import '../../../services/backups/src/index.js';`],
  ['infra-is-for-infra-and-tests', 'services/gates/src/c.ts', `import '../../../infra/sandbox/src/index.js';`],
  [
    'decider-and-contracts-stay-plain',
    'libs/contracts/src/d.ts',
    `import type { Pool } from 'pg';\nexport type D = Pool;`,
  ],
  ['decider-and-contracts-stay-plain', 'libs/decider/src/e.ts', `import '@nestjs/common';`],
  ['domain-does-no-io', 'services/gates/src/domain/f.ts', `import 'node:fs/promises';`],
  ['domain-does-no-io', 'services/gates/src/domain/g.ts', `import 'pg';`],
  ['domain-does-no-io', 'services/gates/src/domain/h.ts', `import '@nestjs/common';`],
  ['domain-does-no-io', 'services/gates/src/domain/i.ts', `import '@nats-io/transport-node';`],
  ['domain-does-no-io', 'services/gates/src/domain/j.ts', `import '@m3/messaging';`],
  ['domain-does-no-io', 'services/gates/src/domain/k.ts', `import 'https';`],
  ['domain-knows-no-outer-layer', 'services/gates/src/domain/l.ts', `import '../adapters/postgres/store.js';`],
  ['only-the-index-of-another-package', 'services/gates/src/m.ts', `import '../../../libs/messaging/src/b.js';`],
  ['no-circular-imports', 'services/gates/src/n.ts', `import './o.js';`],
  ['imports-resolve', 'services/gates/src/p.ts', `import '@m3/messaging/src/b.js';`],
  ['imports-are-declared', 'services/backups/src/q.ts', `import 'pg';`],
  ['names-say-what-it-does', 'services/gates/src/r.ts', `import './utils/text.js';`],
];

const domain = 'services/gates/src/domain';
const long = Array.from({ length: 201 }, (_, line) => `export const line${line} = ${line};`).join('\n');
const branchy = `export function f(n: number): string {\n${Array.from({ length: 8 }, (_, n) => `if (n === ${n}) return '${n}';`).join('\n')}\nreturn '';\n}`;

const lint: readonly (readonly [rule: string, file: string, source: string])[] = [
  ['max-lines', 'services/gates/src/long.ts', long],
  ['complexity', 'services/gates/src/branchy.ts', branchy],
  [
    '@typescript-eslint/max-params',
    'services/gates/src/params.ts',
    `export const f = (a: number, b: number, c: number, d: number, e: number): number => a + b + c + d + e;`,
  ],
  [
    '@typescript-eslint/switch-exhaustiveness-check',
    'services/gates/src/switch.ts',
    `export function f(of: 'a' | 'b'): number {\nswitch (of) {\ncase 'a':\nreturn 1;\n}\nreturn 2;\n}`,
  ],
  [
    '@typescript-eslint/no-floating-promises',
    'services/gates/src/floating.ts',
    `const f = async (): Promise<void> => Promise.resolve();\nf();`,
  ],
  [
    '@typescript-eslint/consistent-type-imports',
    'services/gates/src/types.ts',
    `import { Server } from 'node:net';\nexport type T = Server;`,
  ],
  ['@typescript-eslint/no-explicit-any', 'services/gates/src/any.ts', `export const f = (of: any): unknown => of;`],
  [
    '@typescript-eslint/ban-ts-comment',
    'services/gates/src/ignored.ts',
    `// @ts-ignore\nexport const n: number = 'one';`,
  ],
  ['no-debugger', 'services/gates/src/disabled.ts', `// eslint-disable-next-line no-debugger\ndebugger;`],
  ['no-restricted-properties', `${domain}/date-now.ts`, `export const at = Date.now();`],
  ['no-restricted-properties', `${domain}/random.ts`, `export const n = Math.random();`],
  ['no-restricted-properties', `${domain}/uuid.ts`, `export const id = crypto.randomUUID();`],
  ['no-restricted-syntax', `${domain}/new-date.ts`, `export const at = new Date();`],
  ['no-restricted-globals', `${domain}/timer.ts`, `setTimeout(() => undefined, 1);`],
  ['no-restricted-globals', `${domain}/fetch.ts`, `export const answer = fetch('http://localhost');`],
  [
    'no-restricted-imports',
    `${domain}/random-uuid.ts`,
    `import { randomUUID } from 'node:crypto';\nexport const id = randomUUID();`,
  ],
  [
    'no-restricted-imports',
    `${domain}/timers.ts`,
    `import { setTimeout } from 'node:timers/promises';\nexport const pause = setTimeout;`,
  ],
  ['no-restricted-properties', 'libs/decider/src/now.ts', `export const at = Date.now();`],
  ['no-restricted-properties', 'libs/artifacts/src/now.ts', `export const at = Date.now();`],
];

let tree: string;

beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), 'm3-rules-'));
  for (const file of ['eslint.config.mjs', '.dependency-cruiser.cjs', 'tsconfig.json', 'tsconfig.base.json']) {
    await copyFile(join(repository, file), join(tree, file));
  }
  await write('package.json', JSON.stringify({ type: 'module' }));
  for (const name of ['gates', 'backups']) {
    const dependencies =
      name === 'gates' ? { pg: '*', '@m3/messaging': '*', '@nestjs/common': '*', '@nats-io/transport-node': '*' } : {};
    await write(`services/${name}/package.json`, JSON.stringify({ name: `@m3/${name}`, type: 'module', dependencies }));
    await write(`services/${name}/src/index.ts`, '');
  }
  for (const name of ['contracts', 'decider', 'messaging', 'artifacts']) {
    const exports = { '.': { 'm3-source': './src/index.ts' } };
    const dependencies = { pg: '*', '@nestjs/common': '*' };
    await write(
      `libs/${name}/package.json`,
      JSON.stringify({ name: `@m3/${name}`, type: 'module', exports, dependencies }),
    );
  }
  await link('@m3/messaging', join(tree, 'libs/messaging'));
  for (const name of ['pg', '@types', '@nestjs/common', '@nats-io/transport-node', 'typescript', 'typescript-eslint']) {
    await link(name, join(repository, 'node_modules', name));
  }
  for (const [file, source] of Object.entries(allowed)) await write(file, source);
  for (const [, file, source] of [...boundaries, ...lint]) await write(file, source);
});

afterAll(() => rm(tree, { recursive: true, force: true }));

async function write(file: string, source: string): Promise<void> {
  await mkdir(dirname(join(tree, file)), { recursive: true });
  await writeFile(join(tree, file), source);
}

async function link(name: string, target: string): Promise<void> {
  const at = join(tree, 'node_modules', name);
  await mkdir(dirname(at), { recursive: true });
  await symlink(target, at);
}

/** The JSON that a checker prints; it ends with an error code because it has found something. */
async function report(program: string, args: readonly string[]): Promise<unknown> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const found = await run(process.execPath, [program, ...args], { cwd: tree, env, maxBuffer: 64 * 1024 ** 2 }).catch(
    (error: unknown) => error,
  );
  if (typeof found !== 'object' || found === null || !('stdout' in found)) throw found;
  return JSON.parse(String(found.stdout));
}

describe('boundaries', () => {
  let found: Set<string>;

  beforeAll(async () => {
    const program = join(repository, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const args = ['--config', '.dependency-cruiser.cjs', '-T', 'json', 'libs', 'services', 'infra'];
    const { summary } = (await report(program, args)) as {
      summary: { violations: { rule: { name: string }; from: string }[] };
    };
    found = new Set(summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`));
  });

  it.each(boundaries)('%s sees %s', (rule, file) => {
    expect([...found]).toContainEqual(`${rule}: ${file}`);
  });

  it.each(Object.keys(allowed))('leave %s alone', (file) => {
    expect([...found].filter((each) => each.endsWith(` ${file}`))).toEqual([]);
  });
});

describe('lint', () => {
  let found: Set<string>;

  beforeAll(async () => {
    const program = join(dirname(require.resolve('eslint/package.json')), 'bin/eslint.js');
    const files = (await report(program, ['-f', 'json', 'libs', 'services'])) as {
      filePath: string;
      messages: { ruleId: string }[];
    }[];
    found = new Set(
      files.flatMap(({ filePath, messages }) =>
        messages.map(({ ruleId }) => `${ruleId}: ${filePath.slice(tree.length + 1)}`),
      ),
    );
  });

  it.each(lint)('%s sees %s', (rule, file) => {
    expect([...found]).toContainEqual(`${rule}: ${file}`);
  });

  it.each(Object.keys(allowed))('leaves %s alone', (file) => {
    expect([...found].filter((each) => each.endsWith(` ${file}`))).toEqual([]);
  });
});
