import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const pack = fileURLToPath(new URL('./pack.mjs', import.meta.url));
const packages = fileURLToPath(new URL('../../node_modules', import.meta.url));

const PROGRAM = `import { createServer } from 'node:http';
import express from 'express';
import { Pool } from 'undici';

const server = createServer(express().get('/', (_, response) => response.send('here'))).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const pool = new Pool(\`http://127.0.0.1:\${server.address().port}\`);
const { body } = await pool.request({ method: 'GET', path: '/' });
process.stdout.write(await body.text());
await pool.close();
server.close();
`;

describe('what a packed program does not use', () => {
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'm3-pack-'));
    await symlink(packages, join(folder, 'node_modules'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function packed(name: string, dependencies: object) {
    const service = join(folder, name);
    await mkdir(join(service, 'dist'), { recursive: true });
    await writeFile(join(service, 'package.json'), JSON.stringify({ type: 'module', dependencies }));
    await writeFile(join(service, 'dist/main.js'), PROGRAM);
    await run(process.execPath, [pack], { cwd: service });
    const file = join(service, 'packed/main.js');
    return { text: await readFile(file, 'utf8'), answer: (await run(process.execPath, [file])).stdout };
  }

  it('is left out: it answers, and asks, without it', async () => {
    const { text, answer } = await packed('probes', { undici: '*' });
    expect(answer).toBe('here');
    for (const unused of ['MockAgent', 'iconv-lite']) expect(text).not.toContain(unused);
  });

  it('is kept where requests have bodies', async () => {
    const { text, answer } = await packed('requests', { express: '*' });
    expect(answer).toBe('here');
    expect(text).toContain('iconv-lite');
  });
});
