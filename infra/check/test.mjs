/**
 * `npm test`: everything that must hold, on a fresh clone too. Uses nothing but Node until the packages are installed.
 * The last line of its output is `N passed, N failed`; the exit code is 0 when nothing failed, else 1.
 */
import { installIfStale } from './install.mjs';
import { startProgress } from './progress.mjs';
import { endAll, isEnding } from './run-program.mjs';
import { STATIC_CHECKS, TESTS, servers } from './stages.mjs';
import { failures, summary } from './summary.mjs';

const LANES = 2;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    process.stdout.write('\ninterrupted: ending what runs\n');
    endAll();
  });
}

const progress = startProgress(process.stdout);
const results = [];

results.push(await timed('install', installIfStale));
if (results[0].ok) {
  results.push(await timed('servers', servers));
  results.push(...(await inLanes(STATIC_CHECKS)));
  for (const [name, work] of TESTS) if (!isEnding()) results.push(await timed(name, work));
}
progress.end();

const failed = failures(results);
const passed = results.reduce((sum, { tests }) => sum + (tests?.passed ?? 0), 0);
process.stdout.write(`\n${summary(results)}\n\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

/** Runs stages beside each other, as many as the machine is sure to have processors. */
async function inLanes(stages) {
  const waiting = [...stages];
  const done = new Map();
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined && !isEnding(); next = waiting.shift()) {
      done.set(next[0], await timed(next[0], next[1]));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return stages.flatMap(([name]) => done.get(name) ?? []);
}

/** A stage answers `{ok, output?, tests?, note?}`. */
async function timed(name, work) {
  const began = performance.now();
  progress.begin(name);
  const outcome = await work((line) => progress.line(name, line)).catch((error) => ({
    ok: false,
    output: String(error),
  }));
  const result = { name, seconds: (performance.now() - began) / 1000, ...outcome };
  progress.finish(result);
  return result;
}
