import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { eventually } from '@m3/testing';
import { at, FakeGateway, stepsAt } from './fake-gateway.spec.js';
import { cyclicPlan, ReleaseFolder } from './release/release-fixture.spec.js';

/** The program as a process of its own: what a shell or a pipeline sees. */

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const node = ['--conditions=m3-source', '--import', source('../testing/from-source.mjs'), source('./main.ts')];

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function m3Publish(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [...node, ...args], { cwd: '/', env: { PATH: process.env['PATH'], ...env } });
  const printed = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => (printed.stdout += String(text)));
  child.stderr.on('data', (text) => (printed.stderr += String(text)));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, ...printed };
}

describe('the process m3-publish', () => {
  let release: ReleaseFolder;
  let gateway: FakeGateway;
  beforeEach(async () => {
    release = new ReleaseFolder();
    gateway = await new FakeGateway().start();
  });
  afterEach(async () => {
    release.remove();
    await gateway.stop();
  });

  it('validate: 0 for a good folder', async () => {
    expect(await m3Publish(['validate', release.path])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringMatching(/^valid: 1 workflow, 1 agent, 0 processors, 0 tests; 0 errors; sha256:/),
    });
  });

  it('validate: 1 for a broken folder, one line for each finding', async () => {
    release.write('workflows/loop.json', cyclicPlan);
    release.write('workflows/broken.json', '{"nodes": [');
    const onlyBroken = await m3Publish(['validate', release.path]);
    expect(onlyBroken).toMatchObject({ code: 1, stdout: expect.stringContaining('workflows/broken.json') });
    release.write('workflows/broken.json', cyclicPlan);
    const { code, stdout } = await m3Publish(['validate', release.path]);
    expect(code).toBe(1);
    expect(stdout).toContain('error plan.no_root');
    const line = /^workflows\/(loop|broken)\.json\S* (error|warning) plan\.\w+ .+ — .+$/;
    for (const text of stdout.trimEnd().split('\n')) expect(text).toMatch(line);
  });

  it('4 when the gateway is not there, in two lines without a stack trace', async () => {
    await gateway.stop();
    const { code, stdout, stderr } = await m3Publish(['target', 'list'], { M3_PUBLISH_URL: gateway.url });
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toEqual([
      `m3-publish: no answer from ${gateway.url}: connection refused`,
      expect.stringMatching(/^ {2}→ check that the gateway runs there/),
    ]);
  });

  it('3 when the token is not valid, and the token is not repeated', async () => {
    gateway.token = 'the-right-one';
    const env = { M3_PUBLISH_URL: gateway.url, M3_PUBLISH_TOKEN: 'the-wrong-one' };
    const { code, stderr } = await m3Publish(['history', '--json'], env);
    expect(code).toBe(3);
    expect(JSON.parse(stderr)).toMatchObject({ error: { status: 401, code: 'unauthenticated' } });
    expect(stderr).not.toContain('the-wrong-one');
  });

  it('watch: follows to the end and then ends by itself', async () => {
    const publish = gateway.addPublish();
    const running = m3Publish(['watch', publish.id], { M3_PUBLISH_URL: gateway.url });
    await eventually('the CLI follows the stream', () => gateway.openStreams === 1);
    publish.happens('PublishSucceeded', { status: 'succeeded', steps: stepsAt('end'), ended_at: at, duration_ms: 100 });
    expect(await running).toMatchObject({ code: 0, stdout: expect.stringContaining('succeeded in 100 ms') });
  });

  it('completion bash: completes commands and options', async () => {
    const { stdout } = await m3Publish(['completion', 'bash']);
    const complete = async (...words: string[]): Promise<string[]> => {
      const quoted = words.map((word) => `'${word}'`).join(' ');
      const script = `${stdout}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _m3_publish; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const shell = spawn('bash', ['-c', script]);
      let printed = '';
      shell.stdout.on('data', (text) => (printed += String(text)));
      await new Promise((resolve) => shell.on('close', resolve));
      return printed.trim().split('\n');
    };
    expect(await complete('m3-publish', 'app')).toEqual(['approvals', 'approve']);
    expect(await complete('m3-publish', 'target', 'in')).toEqual(['init']);
    expect(await complete('m3-publish', 'target', 'apply', '--dr')).toEqual(['--dry-run']);
  });
});
