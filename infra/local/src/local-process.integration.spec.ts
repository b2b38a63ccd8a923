import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@m3/local-servers';
import { eventually } from '@m3/testing';
import { LocalProcess, type LocalProcessSettings } from './local-process.js';

const ECHO = `
  import { createServer } from 'node:http';
  console.log('hello from', process.pid, process.env.WHO, process.env.SECRET_OF_STARTER ?? 'nothing of the starter');
  const server = createServer((request, response) => response.end(String(process.pid)));
  server.listen(Number(process.env.PORT), '127.0.0.1');
  process.on('SIGTERM', () => { console.log('bye'); process.exit(0); });
`;

describe('a program as a process of its own', () => {
  let folder = '';
  const started: LocalProcess[] = [];
  const answers = async (url: string) => (await fetch(url)).ok;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'm3-process-'));
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((each) => each.stop()));
    await rm(folder, { recursive: true });
  });

  async function start(source: string, settings: Partial<LocalProcessSettings> = {}): Promise<LocalProcess> {
    const script = join(folder, 'program.mjs');
    await writeFile(script, source);
    const logFile = join(folder, 'program.log');
    const process = await LocalProcess.start({
      ...{ name: 'echo', script, logFile, env: { WHO: 'ann' }, isReady: answers },
      ...settings,
    });
    started.push(process);
    return process;
  }

  it('is ready when it says so, with its own settings and none of ours', async () => {
    process.env.SECRET_OF_STARTER = 'something';
    const echo = await start(ECHO);

    expect(await (await fetch(echo.url)).text()).toBe(String(echo.pid));
    expect(await echo.lastLines(1)).toEqual([`hello from ${echo.pid} ann nothing of the starter`]);
    delete process.env.SECRET_OF_STARTER;
  });

  it('can be killed and started again at the same address', async () => {
    const echo = await start(ECHO);
    const { pid, url } = echo;

    await echo.kill();
    expect(echo.pid).toBeUndefined();
    await expect(fetch(url)).rejects.toThrow();
    await echo.restart();

    expect(echo.url).toBe(url);
    expect(echo.pid).not.toBe(pid);
    expect(await (await fetch(url)).text()).toBe(String(echo.pid));
  });

  it('can be held and let go on', async () => {
    const echo = await start(ECHO);

    await echo.kill('SIGSTOP');
    await expect(fetch(echo.url, { signal: AbortSignal.timeout(100) })).rejects.toThrow(/abort/);
    await echo.kill('SIGCONT');

    expect(await (await fetch(echo.url)).text()).toBe(String(echo.pid));
  });

  it('is ended in good order, even while it is held', async () => {
    const echo = await start(ECHO);

    await echo.kill('SIGSTOP');
    await echo.stop();

    expect(echo.pid).toBeUndefined();
    expect((await echo.lastLines(1))[0]).toBe('bye');
  });

  it('tells when it ends by itself, and only then', async () => {
    const ends: string[] = [];
    const onUnexpectedEnd = (how: string) => void ends.push(how);
    const echo = await start(ECHO, { onUnexpectedEnd });

    await echo.kill();
    await echo.restart();
    expect(ends).toEqual([]);
    process.kill(echo.pid ?? 0, 'SIGKILL');

    await eventually('its end is told', () => ends.length > 0);
    expect(ends).toEqual(['SIGKILL']);
  });

  it('that does not get ready is told with the last that it printed', async () => {
    const failing = start(`console.error('DATABASE_URL is not set'); process.exit(3);`);

    await expect(failing).rejects.toMatchObject({
      code: 'ended_early',
      message: expect.stringMatching(
        /^echo ended at start: exit code 3 \(.*program\.log\)\. .*\nDATABASE_URL is not set$/,
      ),
    });
  });

  describe('whose port is taken', () => {
    let squatter: Server | undefined;
    afterEach(() => new Promise((resolve) => (squatter === undefined ? resolve(null) : squatter.close(resolve))));

    it('does not start, and the port is named', async () => {
      const port = await freePort();
      squatter = createServer((_, response) => response.writeHead(500).end());
      await new Promise<void>((resolve) => squatter?.listen(port, '127.0.0.1', resolve));

      await expect(start(ECHO, { port })).rejects.toMatchObject({
        code: 'port_in_use',
        message: expect.stringContaining(`Port ${port} is in use, so echo cannot start there.`),
      });
    });
  });

  it('does not outlive its starter, however that ends', async () => {
    const script = join(folder, 'program.mjs');
    await writeFile(script, ECHO);
    const starter = join(folder, 'starter.mjs');
    const local = new URL('../dist/local-process.js', import.meta.url).href;
    await writeFile(
      starter,
      `import { LocalProcess } from '${local}';
       const settings = { name: 'echo', script: '${script}', env: {}, logFile: '${join(folder, 'orphan.log')}' };
       const echo = await LocalProcess.start({ ...settings, isReady: async (url) => (await fetch(url)).ok });
       console.log(echo.pid);
       setInterval(() => undefined, 1000);`,
    );
    const parent = spawn(process.execPath, [starter], { stdio: ['ignore', 'pipe', 'inherit'], env: {} });
    const pid = Number(await new Promise((resolve) => parent.stdout.once('data', resolve)));
    expect(isAlive(pid)).toBe(true);

    parent.kill('SIGKILL');

    await eventually('the orphan ends', () => !isAlive(pid));
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
