import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTestBucket, type TestBucket } from '@m3/testing';
import { ObjectStorage } from './object-storage.js';

describe('the object storage', () => {
  let bucket: TestBucket;
  let storage: ObjectStorage;

  beforeAll(async () => {
    bucket = await createTestBucket();
    storage = new ObjectStorage(bucket);
  });

  afterAll(() => storage.close());

  it('gives back what was put, also under keys that need escaping, and replaces it', async () => {
    for (const key of ['a/b.json', 'a b+c=d/ü.json']) {
      await storage.put(bucket.bucket, key, '{"first":"text with ü"}');
      await storage.put(bucket.bucket, key, '{"second":"text with ü"}');
      expect(await storage.get(bucket.bucket, key)).toBe('{"second":"text with ü"}');
    }
  });

  it('says what is missing, and what is too large', async () => {
    await expect(storage.get(bucket.bucket, 'nothing')).rejects.toMatchObject({ code: 'object_missing' });
    await storage.put(bucket.bucket, 'large', 'x'.repeat(5_000));
    await expect(storage.get(bucket.bucket, 'large', 4_000)).rejects.toMatchObject({ code: 'object_too_large' });
  });

  it('is refused to an account that the storage does not know, without repeating its secret key', async () => {
    const stranger = new ObjectStorage({ ...bucket, accessKeyId: 'STRANGER', secretAccessKey: 'a-secret-key' });
    const refused = stranger.put(bucket.bucket, 'a', 'b');
    await expect(refused).rejects.toMatchObject({ code: 'storage_refused' });
    await expect(refused).rejects.not.toThrow(/a-secret-key/);
    await stranger.close();
  });

  it('is refused with another secret key than the account has', async () => {
    const forger = new ObjectStorage({ ...bucket, secretAccessKey: 'a-secret-key' });
    await expect(forger.put(bucket.bucket, 'a', 'b')).rejects.toMatchObject({ code: 'storage_refused' });
    await expect(storage.get(bucket.bucket, 'a')).rejects.toMatchObject({ code: 'object_missing' });
    await forger.close();
  });

  it('lists what lies below a prefix, also under keys that need escaping', async () => {
    const keys = ['list/a b+c=d/ü.json', "list/<&>'.json", 'list/plain'];
    for (const key of [...keys, 'listed-not']) await storage.put(bucket.bucket, key, '{}');
    expect([...(await storage.list(bucket.bucket, 'list/'))].sort()).toEqual([...keys].sort());
    expect(await storage.list(bucket.bucket, 'nothing/')).toEqual([]);
  });

  it('lists page after page', async () => {
    const page = (key: string, rest: string) => `<ListBucketResult><Key>a/${key}</Key>${rest}</ListBucketResult>`;
    const next = '<NextContinuationToken>b&amp;=</NextContinuationToken>';
    const asked: string[] = [];
    await servedBy(
      ({ url = '' }, response) => {
        asked.push(url);
        response.end(url.includes('continuation-token=b%26%3D') ? page('2', '') : page('1', next));
      },
      async (paged) => expect(await paged.list(bucket.bucket, 'a/')).toEqual(['a/1', 'a/2']),
    );
    expect(asked).toHaveLength(2);
  });

  it('deletes, and says nothing of what is not there', async () => {
    await storage.put(bucket.bucket, 'gone', '{}');
    await storage.delete(bucket.bucket, 'gone');
    await storage.delete(bucket.bucket, 'gone');
    await expect(storage.get(bucket.bucket, 'gone')).rejects.toMatchObject({ code: 'object_missing' });
  });

  it('tells a missing bucket from a missing object', async () => {
    const refused = { code: 'bucket_missing', retryable: false };
    await expect(storage.put('there-is-none', 'a', 'b')).rejects.toMatchObject(refused);
  });

  const says = (status: number, code: string): RequestListener => {
    return (_request, response) => response.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);
  };
  it.each<[string, RequestListener | null, string, boolean]>([
    ['nobody listens', null, 'storage_unreachable', true],
    ['the server is broken', says(500, 'InternalError'), 'storage_unreachable', true],
    ['the connection breaks', (_request, response) => response.destroy(), 'storage_unreachable', true],
    ['the server is asked too often', says(429, 'TooManyRequests'), 'storage_busy', true],
    ['the server asks to slow down', says(503, 'SlowDown'), 'storage_busy', true],
    ['the disk is full', says(507, 'InsufficientStorage'), 'storage_full', false],
    ['the quota is used up', says(403, 'QuotaExceeded'), 'storage_full', false],
    ['access is denied', says(403, 'AccessDenied'), 'storage_refused', false],
    [
      'no HTTP comes back',
      (_request, response) => response.socket?.end('220 mail.example.com\r\n'),
      'storage_invalid_answer',
      true,
    ],
  ])('when %s: a code of its own', async (_case, listener, code, retryable) => {
    await servedBy(listener, async (broken) => {
      await expect(broken.get(bucket.bucket, 'a')).rejects.toMatchObject({ code, retryable });
      await expect(broken.put(bucket.bucket, 'a', 'b')).rejects.toMatchObject({ code, retryable });
    });
  });

  it.each<[string, RequestListener]>([
    ['never answers', () => undefined],
    ['never ends its answer', (_request, response) => response.writeHead(200).write('a')],
  ])('gives up on a server that %s', async (_case, listener) => {
    await servedBy(listener, (silent) =>
      expect(silent.put(bucket.bucket, 'a', 'b', 100)).rejects.toMatchObject({ code: 'storage_timeout' }),
    );
  });

  it('refuses a listing that is none', async () => {
    await servedBy(
      (_request, response) => response.end('<html>Sign in</html>'),
      (portal) => expect(portal.list(bucket.bucket, 'a/')).rejects.toMatchObject({ code: 'storage_invalid_answer' }),
    );
  });

  /** Uses a storage behind a server that answers as the test wants; null: nobody listens there. */
  async function servedBy(listener: RequestListener | null, use: (storage: ObjectStorage) => Promise<void>) {
    const server = createServer(listener ?? undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    if (listener === null) await new Promise((resolve) => server.close(resolve));
    const served = new ObjectStorage({ ...bucket, endpoint: `http://127.0.0.1:${port}` });
    try {
      await use(served);
    } finally {
      server.closeAllConnections();
      server.close();
      await served.close();
    }
  }
});
