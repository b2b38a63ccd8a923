import { ObjectStorage } from '@m3/object-storage';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** An object storage whose objects a test can look at and alter, and which can be told to give back something else. */
export function useObjectServer() {
  const objects = new Map<string, string>();
  let garble = (stored: string): string => stored;
  let server: Server;
  let storage: ObjectStorage;
  beforeAll(async () => {
    server = createServer((request, response) => {
      void text(request).then((body) => {
        const path = request.url ?? '';
        if (request.method === 'PUT') objects.set(path, body);
        const stored = objects.get(path);
        response.writeHead(stored === undefined ? 404 : 200);
        response.end(request.method === 'GET' && stored !== undefined ? garble(stored) : undefined);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    storage = storageAt((server.address() as AddressInfo).port);
  });
  beforeEach(() => {
    objects.clear();
    garble = (stored) => stored;
  });
  afterAll(async () => {
    await storage.close();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    objects,
    storage: () => storage,
    gives: (change: (stored: string) => string) => void (garble = change),
  };
}

export function storageAt(port: number): ObjectStorage {
  const keys = { accessKeyId: 'test', secretAccessKey: 'test' };
  return new ObjectStorage({ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', ...keys });
}
