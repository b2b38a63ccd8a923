import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive } from './file-lock.js';

/** The built package, as `npm start` uses it: built by the global setup of the test run. */
const built = new URL('../dist/index.js', import.meta.url).href;

const program = `
  import { startNats, startPostgres, startS3, temporaryFolder } from ${JSON.stringify(built)};
  const folder = await temporaryFolder('m3-lifetime');
  const servers = await Promise.all([
    startNats({ dataDir: folder + '/nats' }),
    startPostgres({ dataDir: folder + '/postgres', durability: 'throw_away' }),
    startS3({ dir: folder + '/s3' }),
  ]);
  console.log(JSON.stringify({ folder, pids: servers.map(({ pid }) => pid) }));
`;

interface Started {
  readonly folder: string;
  readonly pids: readonly number[];
}

/** Starts three servers in a process that then ends in the given way, and answers what it left. */
async function startThenEnd(ending: string): Promise<Started> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program + ending], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env,
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  return JSON.parse(printed) as Started;
}

async function gone({ folder, pids }: Started): Promise<boolean> {
  const deadline = Date.now() + 15_000;
  while (pids.some(isAlive) || existsSync(folder)) {
    if (Date.now() > deadline) return false;
    await pause(20);
  }
  return true;
}

describe('servers and temporary folders do not outlive the process that started them', () => {
  it.each([
    ['has nothing more to do', ''],
    ['leaves at once', 'process.exit(0);'],
    ['fails', `throw new Error('a fault');`],
    ['is interrupted', `setInterval(() => undefined, 1000); process.kill(process.pid, 'SIGINT');`],
    ['is killed', `process.kill(process.pid, 'SIGKILL');`],
  ])('when it %s', async (_, ending) => {
    expect(await gone(await startThenEnd(ending))).toBe(true);
  });
});
