import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ProblemReply } from '@m3/contracts';
import type { Static, TSchema } from '@sinclair/typebox';
import type { Settings } from '../settings.js';
import { ApiProblem, NoAnswer, UnexpectedReply } from './api-errors.js';
import { connectionFault } from './connection-fault.js';
import { replyCheck } from './reply-check.js';

/** Waits between attempts, and how long one attempt may take. Milliseconds. */
export interface Patience {
  readonly retryDelays: readonly number[];
  readonly requestTimeout: number;
}

export const usualPatience: Patience = { retryDelays: [200, 600, 1500], requestTimeout: 30_000 };

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

interface Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
  readonly idempotencyKey: string | null;
  /** Revision of what is to be changed, as it was looked at. */
  readonly ifMatch?: number | undefined;
}

interface PostOptions {
  readonly query?: Query;
  readonly body?: unknown;
  readonly idempotencyKey?: string | undefined;
  readonly ifMatch?: number | undefined;
}

const isProblem = replyCheck(ProblemReply);
const transient = new Set([408, 429, 502, 503, 504]);

/** The gateway's API under `/api/v1`. Every POST carries an Idempotency-Key, so that it can be repeated safely. */
export class ApiClient {
  constructor(
    readonly settings: Settings,
    private readonly patience: Patience = usualPatience,
  ) {}

  /** @throws ApiProblem when it is refused; NoAnswer; UnexpectedReply */
  async get<Schema extends TSchema>(path: string, reply: Schema, query: Query = {}): Promise<Static<Schema>> {
    return this.request({ method: 'GET', path, query, idempotencyKey: null }, reply);
  }

  /** @throws ApiProblem when it is refused; NoAnswer; UnexpectedReply */
  async post<Schema extends TSchema>(path: string, reply: Schema, options: PostOptions): Promise<Static<Schema>> {
    const idempotencyKey = options.idempotencyKey ?? `cli-${randomUUID()}`;
    return this.request({ method: 'POST', path, body: {}, ...options, idempotencyKey }, reply);
  }

  /** Opens a server-sent stream after event `from`. One attempt: whoever reads the stream decides when to try again. */
  async openStream(path: string, from: number, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const request: Request = { method: 'GET', path, idempotencyKey: null };
    const headers = { accept: 'text/event-stream', 'last-event-id': String(from) };
    const response = await this.send(request, { headers, signal });
    if (!response.ok) throw await this.problemOf(request, response);
    if (!response.body || !response.headers.get('content-type')?.startsWith('text/event-stream')) {
      await response.body?.cancel();
      throw new UnexpectedReply(`GET ${path}`, 'it is not an event stream');
    }
    return response.body;
  }

  private async request<Schema extends TSchema>(request: Request, schema: Schema): Promise<Static<Schema>> {
    const check = replyCheck(schema);
    const value = await this.withRetries(request);
    if (!check(value))
      throw new UnexpectedReply(`${request.method} ${request.path}`, 'fields are missing or of another type');
    return value;
  }

  private async withRetries(request: Request): Promise<unknown> {
    for (const pause of this.patience.retryDelays) {
      const result = await this.attempt(request);
      if (result.outcome === 'answered') return result.value;
      if (!result.transient) throw result.error;
      await delay(Math.max(pause, result.retryAfter));
    }
    const last = await this.attempt(request);
    if (last.outcome === 'answered') return last.value;
    throw last.error;
  }

  private async attempt(request: Request): Promise<Attempt> {
    try {
      const response = await this.send(request, { signal: AbortSignal.timeout(this.patience.requestTimeout) });
      if (response.ok) return { outcome: 'answered', value: await this.jsonOf(request, response) };
      const retryAfter = retryAfterMs(response.headers.get('retry-after'));
      const error = await this.problemOf(request, response);
      return { outcome: 'failed', error, transient: transient.has(response.status), retryAfter };
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      return { outcome: 'failed', error, transient: true, retryAfter: 0 };
    }
  }

  private async send(
    request: Request,
    init: { headers?: Record<string, string>; signal: AbortSignal },
  ): Promise<Response> {
    const { token, url } = this.settings;
    const headers = {
      accept: 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(request.idempotencyKey === null ? {} : { 'idempotency-key': request.idempotencyKey }),
      ...(request.ifMatch === undefined ? {} : { 'if-match': `"${request.ifMatch}"` }),
      ...(request.method === 'GET' ? {} : { 'content-type': 'application/json' }),
      ...init.headers,
    };
    const body = request.method === 'GET' ? null : JSON.stringify(request.body);
    try {
      // A redirect could carry the token to another host.
      const options = { method: request.method, headers, body, redirect: 'manual', signal: init.signal } as const;
      return await fetch(`${url}/api/v1/${request.path}${queryString(request.query)}`, options);
    } catch (error) {
      throw this.noAnswer(request, error);
    }
  }

  private async textOf(request: Request, response: Response): Promise<string> {
    try {
      return await response.text();
    } catch (error) {
      throw this.noAnswer(request, error);
    }
  }

  private async jsonOf(request: Request, response: Response): Promise<unknown> {
    const value = parseJson(await this.textOf(request, response));
    if (value === undefined) throw new UnexpectedReply(`${request.method} ${request.path}`, 'it is not JSON');
    return value;
  }

  private async problemOf(request: Request, response: Response): Promise<ApiProblem | UnexpectedReply> {
    const body = parseJson(await this.textOf(request, response));
    if (isProblem(body)) return new ApiProblem(body);
    return response.status === 401 || response.status === 403 || transient.has(response.status)
      ? new ApiProblem(plainProblem(response.status))
      : new UnexpectedReply(`${request.method} ${request.path}`, `HTTP ${response.status} without a problem document`);
  }

  private noAnswer(request: Request, error: unknown): NoAnswer {
    return new NoAnswer(this.settings.url, connectionFault(error, this.patience.requestTimeout), request);
  }
}

type Attempt =
  | { readonly outcome: 'answered'; readonly value: unknown }
  | { readonly outcome: 'failed'; readonly error: Error; readonly transient: boolean; readonly retryAfter: number };

/** A path of the API from parts that may hold any character. */
export function apiPath(...parts: readonly string[]): string {
  return parts.map(encodeURIComponent).join('/');
}

function queryString(query: Query = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

/** The value of JSON text; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a proxy in between, which knows nothing of problem documents, wants to say. */
function plainProblem(status: number): ProblemReply {
  const detail = status < 404 ? 'the gateway refused the request' : `the gateway answered HTTP ${status}`;
  return { type: 'about:blank', title: `HTTP ${status}`, status, code: `http_${status}`, detail };
}

/** At most ten seconds: a person or a pipeline waits. */
function retryAfterMs(header: string | null): number {
  const seconds = Number(header ?? '0');
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), 10) * 1000 : 0;
}
