import { temporaryFolder } from '@m3/local-servers';
import type { BenchmarkRun } from './benchmark.js';
import { benchmarkFanout } from './fanout/fanout-benchmark.js';
import { benchmarkMemory } from './memory-benchmark.js';
import { benchmarkPlans } from './plan-benchmark.js';
import { benchmarkPublish } from './publish/publish-benchmark.js';
import { promisesTable, type Measurement } from './report.js';
import { benchmarkRollback } from './rollback/rollback-benchmark.js';
import { benchmarkStore } from './store/store-benchmark.js';

type Benchmark = (run: BenchmarkRun) => Promise<readonly Measurement[]>;

const benchmarks: ReadonlyMap<string, Benchmark> = new Map([
  ['store', benchmarkStore],
  ['publish', benchmarkPublish],
  ['fanout', benchmarkFanout],
  ['rollback', benchmarkRollback],
  ['memory', benchmarkMemory],
  ['plans', benchmarkPlans],
]);

/** A word and not an option: npm keeps options that pass through two of its scripts to itself. */
const SHORT = 'short';

const words = process.argv.slice(2);
const named = words.filter((word) => word !== SHORT);
const unknown = named.filter((name) => !benchmarks.has(name));
if (unknown.length > 0) {
  const known = [...benchmarks.keys()].join(', ');
  process.stderr.write(
    `There is no benchmark ${unknown.join(', ')}. There are: ${known}; add "${SHORT}" for a first look.\n`,
  );
  process.exit(2);
}
const wanted = named.length > 0 ? named : [...benchmarks.keys()];

const say = (line: string) => process.stdout.write(`${line}\n`);
const folder = await temporaryFolder('m3-bench');
const measurements: Measurement[] = [];
for (const [name, benchmark] of benchmarks) {
  if (!wanted.includes(name)) continue;
  say(name);
  measurements.push(...(await benchmark({ folder, short: words.includes(SHORT), say })));
}
say(`\n${promisesTable(measurements)}`);
