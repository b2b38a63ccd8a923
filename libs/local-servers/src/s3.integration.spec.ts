import { mkdtemp, readdir, rm } from 'node:fs/promises';
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

  it('replaces an object whole, and leaves nothing half written behind', async () => {
    const { endpoint } = await start({ buckets: ['backups'] });
    const put = (body: string) => fetch(`${endpoint}/backups/a/b.json`, { method: 'PUT', body });
    await Promise.all([put('{"first":1}'), put('{"second":2}')]);
    await put('{"third":3}');

    expect(await (await fetch(`${endpoint}/backups/a/b.json`)).json()).toEqual({ third: 3 });
    expect(await readdir(join(dir, 'backups', 'a'))).toHaveLength(1);
  });

  it('refuses what it cannot keep as it is, and names it as S3 does', async () => {
    const { endpoint } = await start({ buckets: ['backups'] });
    const put = async (path: string, headers: Record<string, string> = {}) => {
      const answer = await fetch(`${endpoint}/${path}`, { method: 'PUT', body: 'x', headers });
      return `${answer.status} ${/<Code>(.*)<\/Code>/.exec(await answer.text())?.[1]}`;
    };

    expect(await put('backups/a//b')).toBe('400 InvalidObjectName');
    expect(await put('backups/%2E%2E%2Fb')).toBe('400 InvalidObjectName');
    expect(await put(`backups/${'a'.repeat(300)}`)).toBe('400 KeyTooLongError');
    expect(await put('backups/%')).toBe('400 InvalidURI');
    expect(await put('there-is-none/a')).toBe('404 NoSuchBucket');
    expect(await put('backups/a', { 'content-encoding': 'aws-chunked' })).toBe('501 NotImplemented');
    expect(await put('backups/a', { authorization: 'AWS4-HMAC-SHA256 x' })).toBe('400 AuthorizationHeaderMalformed');
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
