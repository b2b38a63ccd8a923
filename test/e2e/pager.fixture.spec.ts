import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

/** An event as PagerDuty is sent it. */
export interface Paged {
  readonly path: string;
  readonly action: string;
  readonly key: string;
  readonly summary: string;
}

export interface Pager {
  readonly url: string;
  /** Everything that arrived, in order. */
  readonly paged: readonly Paged[];
}

/** Stands for PagerDuty. */
export function usePager(): () => Pager {
  const paged: Paged[] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      paged.push(pagedBy(request.url ?? '', body));
      response.writeHead(202).end('{"status":"success"}');
    });
  });
  let url = '';
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (typeof address === 'object' && address !== null) url = `http://127.0.0.1:${address.port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return () => ({ url, paged });
}

function pagedBy(path: string, body: unknown): Paged {
  const text = (from: unknown, field: string): string => {
    const value: unknown = typeof from === 'object' && from !== null ? Reflect.get(from, field) : '';
    return typeof value === 'string' ? value : '';
  };
  const payload: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'payload') : null;
  return {
    ...{ path, action: text(body, 'event_action'), key: text(body, 'dedup_key'), summary: text(payload, 'summary') },
  };
}
