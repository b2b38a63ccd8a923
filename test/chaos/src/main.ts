import { randomInt } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporaryFolder } from '@m3/local-servers';
import { OptionError, readOptions, type ChaosOptions } from './options.js';
import { report } from './report.js';
import { runChaos } from './run.js';

const say = (line: string) => process.stdout.write(`${line}\n`);
const anySeed = () => randomInt(1, 1_000_000);

function options(): ChaosOptions | null {
  try {
    return readOptions(process.argv.slice(2), anySeed);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    process.stderr.write(`${error.message}\nnpm run chaos -- [--seed N] [--faults N] [--actions N] [--keep]\n`);
    return null;
  }
}

const wanted = options();
if (wanted === null) process.exitCode = 2;
else {
  const home = wanted.keep ? await mkdtemp(join(tmpdir(), 'm3-chaos-')) : await temporaryFolder('m3-chaos');
  // Before anything runs: whatever ends this run, its seed is known.
  say(`seed ${wanted.seed}${wanted.keep ? `, kept in ${home}` : ''}`);
  const result = await runChaos({ ...wanted, home, say });
  say(`\n${report(result)}`);
  process.exitCode = result.violations.length === 0 ? 0 : 1;
}
