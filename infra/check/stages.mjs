import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runNode } from './run-program.mjs';

const bin = {
  prettier: 'node_modules/prettier/bin/prettier.cjs',
  eslint: 'node_modules/eslint/bin/eslint.js',
  tsc: 'node_modules/typescript/bin/tsc',
  depcruise: 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
  nx: 'node_modules/nx/dist/bin/nx.js',
  jest: 'node_modules/jest/bin/jest.js',
};

/** Makes sure that the programs of the servers which the tests use are there. */
export const servers = (onLine) => runNode(['infra/check/get-servers.mjs'], { onLine, minutes: 10 });

/** Compiles every package that changed since it was compiled last; then packs the programs, each with packages of all of these. */
export async function build(onLine) {
  const compiled = await nx('build', onLine);
  return compiled.ok ? nx('pack', onLine) : compiled;
}

const nx = (target, onLine) =>
  runNode([bin.nx, 'run-many', '-t', target, '--outputStyle=static'], { env: { NX_TUI: 'false' }, onLine });

/** These do not depend on one another; the longest come first. */
export const STATIC_CHECKS = [
  ['build', () => build()],
  ['lint', () => runNode([bin.eslint, '.'])],
  ['types', () => runNode([bin.tsc, '--noEmit', '--pretty', 'false', '-p', 'tsconfig.json'])],
  ['format', () => runNode([bin.prettier, '--check', '--log-level', 'warn', '.'])],
  ['boundaries', boundaries],
  ['lock file', () => runNode(['infra/check/complete-lock.mjs', '--check'])],
];

/** One after the other: each uses all processors. */
export const TESTS = ['unit', 'integration', 'e2e'].map((project) => [project, (onLine) => jest(project, onLine)]);

function boundaries() {
  return runNode([bin.depcruise, '--config', '.dependency-cruiser.cjs', 'libs', 'services', 'infra', 'test']);
}

async function jest(project, onLine) {
  const folder = mkdtempSync(join(tmpdir(), 'm3-jest-'));
  const file = join(folder, 'results.json');
  const env = { NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' };
  const args = [bin.jest, '--ci', '--selectProjects', project, '--json', '--outputFile', file];
  try {
    const { ok, output } = await runNode(args, {
      env,
      minutes: 20,
      onLine: (line) => /^(PASS|FAIL) (unit|integration|e2e) /.test(line) && onLine(line),
    });
    return { ok, output: withoutJson(output), tests: counts(file) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Files that could not even be run count as one failed test each. */
function counts(file) {
  try {
    const results = JSON.parse(readFileSync(file, 'utf8'));
    return {
      passed: results.numPassedTests,
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}

function withoutJson(output) {
  return output
    .split('\n')
    .filter((line) => !line.startsWith('{"num') && !line.startsWith('Test results written to'))
    .join('\n');
}
