import { spawn } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '@m3/local-servers';
import { eventually } from '@m3/testing';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const dist = new URL('../dist/start.js', import.meta.url).href;

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** `npm start` from the point where packages and build are there. */
function start(options: { readonly once: boolean; readonly port: number; readonly home: string }) {
  const program = `import { main } from '${dist}'; process.exit(await main(${JSON.stringify(options)}));`;
  return run(['--input-type=module', '-e', program]);
}

function run(args: readonly string[]) {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH, HOME } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, output })));
  return { child, ended, output: () => output };
}

/** The first of enough free ports in a row. */
async function freePorts(): Promise<number> {
  for (let first = 20_000 + (process.pid % 300) * 30; ; first += 30) {
    const all = Array.from({ length: 25 }, (_, index) => first + index);
    if ((await Promise.all(all.map(isFree))).every(Boolean)) return first;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

describe('npm start', () => {
  let home = '';
  let port = 0;
  beforeAll(async () => {
    home = join(await temporaryFolder('m3-start'), 'home');
    port = await freePorts();
  });

  it('brings the sample version live, ends, and leaves nothing running', async () => {
    const { code, output } = await start({ once: true, port, home }).ended;

    expect(output).toContain('invoice-pipeline v1.3.0 tagged on the bus');
    for (const step of ['validating', 'gating', 'backing up', 'deploying', 'activating', 'verifying', 'notifying'])
      expect(output).toMatch(new RegExp(`\\d\\. ${step} +passed +\\d+ ms`));
    expect(code).toBe(0);
    for (const part of [0, 11, 20, 21, 22]) expect(await isFree(port + part)).toBe(true);
  }, 240_000);

  it('keeps its secrets to its owner, and hands out nothing that is one to its logs', async () => {
    for (const file of ['secrets.json', 'cli.json', 'targets.yaml', 'tokens/ann'])
      expect((await stat(join(home, file))).mode & 0o777).toBe(0o600);
    const secrets: Record<string, string> = JSON.parse(await readFile(join(home, 'secrets.json'), 'utf8'));
    for (const log of ['gateway', 'targets', 'deployer', 'gates', 'backups', 'sandbox-development']) {
      const text = await readFile(join(home, 'logs', `${log}.log`), 'utf8');
      for (const secret of Object.values(secrets)) expect(text).not.toContain(secret);
    }
  });

  it('finds its state again, serves, revives what dies, and stops when it is told to', async () => {
    const { child, ended, output } = start({ once: false, port, home });
    await eventually('it serves', () => output().includes('Serving until Ctrl-C.'), { timeoutMs: 90_000 });

    expect(output()).toContain('v1.3.0 was tagged in an earlier run');
    expect(output()).toContain('targets: Development unchanged, Staging unchanged, Production unchanged');
    expect((await fetch(`http://127.0.0.1:${port}/api/docs`)).status).toBe(200);

    const second = await start({ once: true, port, home }).ended;
    expect(second.code).toBe(1);
    expect(second.output).toMatch(/Port \d+ is in use.*\n.*npm start -- --port/);

    const deployer = Number(/kill -9 (\d+)/.exec(output())?.[1]);
    process.kill(deployer, 'SIGKILL');
    await eventually('the deployer runs again', () => output().includes('✓ service deployer runs again'), {
      timeoutMs: 30_000,
    });

    child.kill('SIGINT');
    expect((await ended).code).toBe(0);
    expect(await isFree(port)).toBe(true);
  }, 240_000);

  it('leaves nothing running when it is killed', async () => {
    const { child, ended, output } = start({ once: false, port, home });
    await eventually('it serves', () => output().includes('Serving until Ctrl-C.'), { timeoutMs: 90_000 });

    child.kill('SIGKILL');
    await ended;

    for (const part of [0, 5, 11, 20, 21, 22])
      await eventually(`port ${port + part} is free again`, () => isFree(port + part));
  }, 240_000);

  it('explains itself, and refuses options that it does not know, before it sets anything up', async () => {
    const script = join(root, 'infra/local/start.mjs');

    expect(await run([script, '--help']).ended).toMatchObject({ code: 0, output: expect.stringContaining('--once') });
    expect(await run([script, '--twice']).ended).toMatchObject({ code: 2, output: expect.stringContaining('--twice') });
    expect(await run([script, '--port', 'http']).ended).toMatchObject({
      code: 2,
      output: expect.stringContaining('The port must be a whole number'),
    });
  });
});
