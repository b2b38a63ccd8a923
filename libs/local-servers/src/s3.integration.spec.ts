import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './file-lock.js';
import { startS3, type S3Options, type S3Server } from './index.js';

let dir: string;
const servers: S3Server[] = [];

async function start(options: Partial<S3Options> = {}): Promise<S3Server> {
  const server = await startS3({ dir, ...options });
  servers.push(server);
  return server;
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 's3-spec-'));
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  await rm(dir, { recursive: true, force: true });
});

describe('startS3', () => {
  it('stores objects in its buckets and keeps them over a crash', async () => {
    const first = await start({ buckets: ['backups'] });
    await fetch(`${first.endpoint}/backups/a/b.json`, { method: 'PUT', body: '{"kept":true}' });
    await first.kill();
    expect(isAlive(first.pid)).toBe(false);

    const second = await start({ port: first.port, buckets: ['backups'] });
    const answer = await fetch(`${second.endpoint}/backups/a/b.json`);

    expect(await answer.json()).toEqual({ kept: true });
  });

  it('makes a bucket on demand', async () => {
    const server = await start();
    expect((await fetch(`${server.endpoint}/later`)).status).toBe(404);

    await server.createBucket('later');

    expect((await fetch(`${server.endpoint}/later`)).status).toBe(200);
  });

  it('lists a bucket page by page', async () => {
    const { endpoint } = await start({ buckets: ['many'] });
    for (const key of ['a', 'b', 'c']) await fetch(`${endpoint}/many/${key}`, { method: 'PUT', body: key });

    const first = await (await fetch(`${endpoint}/many?list-type=2&max-keys=2`)).text();
    const token = /<NextContinuationToken>(.*)<\/NextContinuationToken>/.exec(first)?.[1] ?? '';
    const second = await (
      await fetch(`${endpoint}/many?list-type=2&max-keys=2&continuation-token=${encodeURIComponent(token)}`)
    ).text();

    expect([...(first + second).matchAll(/<Key>(.)<\/Key>/g)].map(([, key]) => key)).toEqual(['a', 'b', 'c']);
  });

  it('names the port that is in use, and stops while a client is connected', async () => {
    const server = await start({ buckets: ['x'] });
    await fetch(`${server.endpoint}/x`);

    await expect(start({ port: server.port })).rejects.toMatchObject({ code: 'port_in_use' });
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
  });
});
