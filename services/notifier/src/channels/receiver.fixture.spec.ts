import { createServer, type IncomingHttpHeaders } from 'node:http';
import { json } from 'node:stream/consumers';

/** A request that arrived, and the status that it was answered with. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  readonly status: number;
}

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** Statuses of the next answers; afterwards 202. */
  readonly answers: number[];
}

/** An HTTP endpoint for the tests of a file; empty before each. */
export function useReceiver(): () => Receiver {
  const received: Received[] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      const status = answers.shift() ?? 202;
      received.push({ path: request.url ?? '', headers: request.headers, body, status });
      response.writeHead(status).end('{}');
    });
  });
  let url = '';
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (typeof address === 'object' && address !== null) url = `http://127.0.0.1:${address.port}`;
  });
  beforeEach(() => {
    received.length = 0;
    answers.length = 0;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return () => ({ url, received, answers });
}
