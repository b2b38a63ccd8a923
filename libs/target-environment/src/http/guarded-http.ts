import { Pool } from 'undici';
import { untilAborted, withDeadline, type CallOptions } from '../deadline.js';
import { Leases } from '../leases.js';
import { createAddressPolicy, type AddressPolicy } from './address-policy.js';
import { guardedLookup, mayConnect } from './guarded-lookup.js';
import { classifyHttpFailure, httpError } from './http-request-error.js';

export interface GuardedHttpOptions {
  /** Host names, addresses and CIDR ranges that are allowed beside public addresses. */
  readonly allow?: readonly string[];
  /** Origins with open keep-alive connections at a time. Default 500. */
  readonly maxOrigins?: number;
  readonly connectionsPerOrigin?: number;
  /** An origin unused for this long loses its connections. Default 60,000. */
  readonly idleMs?: number;
  readonly timeoutMs?: number;
  readonly maxBodyBytes?: number;
}

export interface HttpRequest extends CallOptions {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly maxBodyBytes?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface GuardedHttp {
  /**
   * Sends one request over a kept-alive connection. Any status but a redirect is an answer.
   * @throws HttpRequestError when there is no answer, or a redirect, or one too large
   */
  request(request: HttpRequest): Promise<HttpAnswer>;
  close(): Promise<void>;
}

const DEFAULTS = {
  maxOrigins: 500,
  connectionsPerOrigin: 16,
  idleMs: 60_000,
  timeoutMs: 10_000,
  maxBodyBytes: 8 * 1024 * 1024,
};

/**
 * HTTP for addresses that users give. Each connection is checked where it is made: literals in any spelling (the URL
 * parser normalises them) before, and the addresses of a name after it was looked up, so that a name which changes its
 * address between check and use gains nothing. Redirects are not followed, answers are bounded, everything has a deadline.
 */
export function createGuardedHttp(options: GuardedHttpOptions = {}): GuardedHttp {
  const limits = { ...DEFAULTS, ...options };
  const policy = createAddressPolicy(options.allow);
  const pools = new Leases<Pool>({
    max: limits.maxOrigins,
    idleMs: limits.idleMs,
    open: (origin) =>
      new Pool(origin, {
        connections: limits.connectionsPerOrigin,
        connect: { lookup: guardedLookup(policy), timeout: limits.timeoutMs, keepAlive: true },
      }),
    close: (pool) => pool.close(),
  });
  return {
    request: async (request) => {
      const url = checkedUrl(request.url, policy);
      try {
        return await withDeadline(request, limits.timeoutMs, (signal) =>
          pools.use(url.origin, (pool) =>
            send(pool, url, { ...request, signal, maxBodyBytes: request.maxBodyBytes ?? limits.maxBodyBytes }),
          ),
        );
      } catch (error) {
        throw classifyHttpFailure(error, url.origin);
      }
    },
    close: () => pools.close(),
  };
}

type BoundedRequest = HttpRequest & { readonly signal: AbortSignal; readonly maxBodyBytes: number };

async function send(pool: Pool, url: URL, request: BoundedRequest): Promise<HttpAnswer> {
  const answer = await pool.request({
    method: request.method,
    path: url.pathname + url.search,
    headers: { ...request.headers },
    body: request.body ?? null,
    signal: request.signal,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  if (answer.statusCode >= 300 && answer.statusCode < 400) {
    answer.body.on('error', () => undefined).destroy();
    throw httpError('redirect_refused', url.origin);
  }
  const text = await untilAborted(readBounded(answer.body, request.maxBodyBytes, url.origin), request.signal);
  return { status: answer.statusCode, headers: answer.headers, text };
}

async function readBounded(
  body: AsyncIterable<Buffer> & { destroy(): unknown },
  limit: number,
  origin: string,
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) throw httpError('body_too_large', origin);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function checkedUrl(text: string, policy: AddressPolicy): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) throw httpError('invalid_url', 'The address');
  if (!isPlainHttp(url)) throw httpError('invalid_url', `${url.protocol}//${url.host}`);
  if (!mayConnect(policy, url.hostname)) throw httpError('address_refused', url.origin);
  return url;
}

function isPlainHttp({ protocol, username, password }: URL): boolean {
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
}
