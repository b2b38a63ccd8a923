import { createServer } from 'node:http';
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

  it.each([
    ['nobody listens', null],
    ['the server says 503', 503],
    ['the server says 500', 500],
  ])('is unreachable when %s', async (_case, status) => {
    const server = createServer((_request, response) => response.writeHead(status ?? 200).end('<Code>SlowDown</Code>'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    if (status === null) await new Promise((resolve) => server.close(resolve));
    const broken = new ObjectStorage({ ...bucket, endpoint: `http://127.0.0.1:${port}` });
    await expect(broken.get(bucket.bucket, 'a')).rejects.toMatchObject({ code: 'storage_unreachable' });
    await broken.close();
    server.close();
  });

  it('gives up on a server that takes the request and never answers', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const silent = new ObjectStorage({ ...bucket, endpoint: `http://127.0.0.1:${port}` });
    await expect(silent.put(bucket.bucket, 'a', 'b', 100)).rejects.toMatchObject({ code: 'storage_unreachable' });
    server.closeAllConnections();
    server.close();
    await silent.close();
  });
});
