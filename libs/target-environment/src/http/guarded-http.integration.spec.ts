import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer } from 'node:net';
import { freePort } from '@m3/local-servers';
import { eventually } from '@m3/testing';
import { createGuardedHttp, type GuardedHttp } from './guarded-http.js';
import { HttpRequestError } from './http-request-error.js';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function client(allow: string[] = ['127.0.0.0/8'], options = {}): GuardedHttp {
  const http = createGuardedHttp({ allow, timeoutMs: 2_000, ...options });
  closing.push(() => http.close());
  return http;
}

async function listening(server: Server | TcpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('not a TCP server');
  return address.port;
}

function serve(handle: RequestListener): Promise<number> {
  const server = createServer(handle);
  closing.push(async () => server.closeAllConnections());
  return listening(server);
}

async function codeOf(request: Promise<unknown>): Promise<string> {
  const error: unknown = await request.then(
    () => new Error('it was answered'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof HttpRequestError)) throw error;
  return error.code;
}

describe('addresses', () => {
  it.each([
    'http://127.0.0.1:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f.1:PORT/',
    'http://0177.0.0.1:PORT/',
    'http://127.1:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://[::1]:PORT/',
    'http://0:PORT/',
    'http://１２７.０.０.１:PORT/',
    'http://localhost:PORT/',
    'http://169.254.169.254/latest/meta-data/',
  ])('refuses %s unless it is allow-listed, without connecting', async (url) => {
    let connections = 0;
    const server = createTcpServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    const port = await listening(server);
    const request = client([]).request({ method: 'GET', url: url.replace('PORT', String(port)) });
    expect(await codeOf(request)).toBe('address_refused');
    expect(connections).toBe(0);
  });

  it('allows a listed host with the address that it has', async () => {
    const port = await serve((_request, response) => response.end('hello'));
    const answer = await client(['localhost']).request({ method: 'GET', url: `http://localhost:${port}/` });
    expect(answer).toMatchObject({ status: 200, text: 'hello' });
  });

  it.each(['ftp://127.0.0.1/', 'file:///etc/passwd', 'http://user:pass@127.0.0.1/', 'nonsense', 'http://'])(
    'does not take %s',
    async (url) => {
      expect(await codeOf(client().request({ method: 'GET', url }))).toBe('invalid_url');
    },
  );
});

describe('answers', () => {
  it('are given with status, headers and text, over kept connections', async () => {
    const sockets = new Set<unknown>();
    const port = await serve((request, response) => {
      sockets.add(request.socket);
      response.writeHead(request.url === '/missing' ? 404 : 200, { 'content-type': 'text/plain' }).end(request.method);
    });
    const http = client();
    for (const path of ['/', '/missing', '/', '/', '/', '/', '/', '/', '/', '/']) {
      const answer = await http.request({ method: 'POST', url: `http://127.0.0.1:${port}${path}`, body: '{}' });
      expect(answer).toMatchObject({
        status: path === '/missing' ? 404 : 200,
        text: 'POST',
        headers: { 'content-type': 'text/plain' },
      });
    }
    expect(sockets.size).toBeLessThanOrEqual(2);
  });

  it.each([301, 302, 303, 307, 308])('with status %d are refused, not followed', async (status) => {
    const seen: (string | undefined)[] = [];
    const port = await serve((request, response) => {
      seen.push(request.url);
      response.writeHead(status, { location: '/elsewhere' }).end();
    });
    expect(await codeOf(client().request({ method: 'GET', url: `http://127.0.0.1:${port}/` }))).toBe(
      'redirect_refused',
    );
    expect(seen).toEqual(['/']);
  });

  it('are cut off above the limit, however they are sent', async () => {
    const port = await serve((_request, response) => {
      const more = () => response.write('x'.repeat(10_000), () => response.destroyed || setImmediate(more));
      more();
    });
    const request = client().request({ method: 'GET', url: `http://127.0.0.1:${port}/`, maxBodyBytes: 50_000 });
    expect(await codeOf(request)).toBe('body_too_large');
  });

  it.each([
    ['never begins', () => undefined],
    ['never ends', (_: unknown, response: { write(text: string): unknown }) => response.write('half')],
  ])('that %s end at the deadline', async (_what, handle) => {
    const port = await serve(handle);
    const request = client().request({ method: 'GET', url: `http://127.0.0.1:${port}/`, timeoutMs: 60 });
    expect(await codeOf(request)).toBe('timeout');
  });

  it('are not waited for once the caller gave up', async () => {
    const port = await serve(() => undefined);
    const caller = new AbortController();
    const request = client().request({ method: 'GET', url: `http://127.0.0.1:${port}/`, signal: caller.signal });
    caller.abort();
    expect(await codeOf(request)).toBe('aborted');
  });
});

describe('failures', () => {
  it('are told apart', async () => {
    const slamming = await listening(createTcpServer((socket) => socket.destroy()));
    const plain = await serve((_request, response) => response.end());
    const http = client(['127.0.0.0/8', 'no-such-host.invalid']);
    const failing = (url: string) => codeOf(http.request({ method: 'GET', url }));
    expect(await failing(`http://127.0.0.1:${await freePort()}/`)).toBe('connection_refused');
    expect(await failing(`http://127.0.0.1:${slamming}/`)).toBe('connection_lost');
    expect(await failing(`https://127.0.0.1:${plain}/`)).toBe('tls');
    expect(await failing('http://no-such-host.invalid/')).toBe('host_not_found');
  });

  it('name the origin only', async () => {
    const url = `http://127.0.0.1:${await freePort()}/hooks/secret-path?token=canary`;
    const request = client().request({
      method: 'POST',
      url,
      headers: { authorization: 'Bearer canary' },
      body: 'canary',
    });
    await expect(request).rejects.toThrow(/^http:\/\/127\.0\.0\.1:\d+ refused the connection/);
    await expect(request).rejects.not.toThrow(/canary|secret-path/);
  });
});

it('keeps connections to a bounded number of origins', async () => {
  const open = new Set<unknown>();
  const handle: RequestListener = (_request, response) => response.end();
  const http = client(['127.0.0.0/8'], { maxOrigins: 2 });
  const ports: number[] = [];
  for (let each = 0; each < 5; each++) {
    const server = createServer(handle);
    server.on('connection', (socket) => {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
    });
    ports.push(await listening(server));
  }
  for (const port of ports) await http.request({ method: 'GET', url: `http://127.0.0.1:${port}/` });
  await eventually('all but two are closed', () => open.size <= 2);
});
