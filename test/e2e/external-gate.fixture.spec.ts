import { createHmac, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

/** An endpoint that judges versions, as somebody else would write one: it takes only calls that are signed with its secret. */
export interface JudgingEndpoint {
  readonly url: string;
  readonly secret: string;
  /** What it answers from now on. */
  answers: object;
  /** Where it was told to call back, below `/api/v1/`: `gates/<run>/callbacks/<token>`. The last call first. */
  readonly callbacks: readonly string[];
  close(): Promise<void>;
}

export async function startJudgingEndpoint(): Promise<JudgingEndpoint> {
  const key = randomBytes(32);
  const callbacks: string[] = [];
  const endpoint = { answers: { outcome: 'pass' } as object };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = request.headers;
      const expected = createHmac('sha256', key)
        .update(`${String(id)}.${String(at)}.${body}`)
        .digest('base64');
      if (signature !== `v1,${expected}`) return void response.writeHead(401).end();
      callbacks.unshift(callbackIn(body));
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(endpoint.answers));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the endpoint has no port');
  return Object.assign(endpoint, {
    url: `http://127.0.0.1:${address.port}/judge`,
    secret: `whsec_${key.toString('base64')}`,
    callbacks,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

function callbackIn(body: string): string {
  return /\/api\/v1\/(gates\/gtr_[\w-]+\/callbacks\/[\w-]+)/.exec(body)?.[1] ?? '';
}
