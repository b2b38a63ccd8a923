import { ObjectStorage } from '@m3/object-storage';
import { createTestBucket, type TestBucket } from '@m3/testing';
import { createServer, request as forwarded, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What stands between a service and its storage: answers itself, or passes the request on. */
export type Fault = (request: IncomingMessage, response: ServerResponse, pass: () => void) => void;

/**
 * A bucket of the run's S3 server with an HTTP server in front, which passes everything on until a test wants it to
 * misbehave.
 */
export function useStorage() {
  let bucket: TestBucket;
  let front: Front;
  let direct: ObjectStorage;
  beforeAll(async () => {
    bucket = await createTestBucket();
    direct = new ObjectStorage(bucket);
    front = await Front.before(bucket);
  });
  beforeEach(async () => {
    front.fault = passOn;
    for (const key of await direct.list(bucket.bucket, '')) await direct.delete(bucket.bucket, key);
  });
  afterAll(async () => {
    await front.close();
    await direct.close();
  });
  return {
    get bucket() {
      return bucket.bucket;
    },
    /** Through the server in front. */
    storage: () => front.storage,
    keys: () => direct.list(bucket.bucket, ''),
    texts: async () => Promise.all((await direct.list(bucket.bucket, '')).map((key) => direct.get(bucket.bucket, key))),
    alter: async (change: (stored: string) => string) => {
      for (const key of await direct.list(bucket.bucket, ''))
        await direct.put(bucket.bucket, key, change(await direct.get(bucket.bucket, key)));
    },
    remove: async () => {
      for (const key of await direct.list(bucket.bucket, '')) await direct.delete(bucket.bucket, key);
    },
    /** How the server in front behaves from now on. */
    behaves: (fault: Fault) => void (front.fault = fault),
  };
}

export const passOn: Fault = (_request, _response, pass) => pass();

/** Refuses as S3 does. */
export const refuses =
  (status: number, code: string): Fault =>
  (request, response) => {
    request.resume();
    response.writeHead(status).end(`<?xml version="1.0"?><Error><Code>${code}</Code></Error>`);
  };

/** A fault in the first so many requests. */
export const atFirst = (times: number, fault: Fault): Fault => {
  let left = times;
  return (request, response, pass) => (left-- > 0 ? fault(request, response, pass) : pass());
};

/** A fault in requests of one method. */
export const on =
  (method: string, fault: Fault): Fault =>
  (request, response, pass) =>
    request.method === method ? fault(request, response, pass) : pass();

class Front {
  fault: Fault = passOn;

  private constructor(
    private readonly server: Server,
    readonly storage: ObjectStorage,
  ) {}

  static async before(bucket: TestBucket): Promise<Front> {
    const server = createServer((request, response) => {
      front.fault(request, response, () => void pass(request, response, bucket.endpoint));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const front = new Front(server, new ObjectStorage({ ...bucket, endpoint: `http://127.0.0.1:${port}` }));
    return front;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await this.storage.close();
  }
}

async function pass(request: IncomingMessage, response: ServerResponse, endpoint: string): Promise<void> {
  const body = await buffer(request);
  const { method, headers } = request;
  // The host stays as the sender signed it.
  const sent = forwarded(`${endpoint}${request.url ?? ''}`, { method, headers, agent: false }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  sent.on('error', () => response.destroy());
  sent.end(body);
}
