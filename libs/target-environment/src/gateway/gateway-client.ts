import type { CallOptions } from '../deadline.js';
import { TargetUnreachableError, type UnreachableCode } from '../errors.js';
import type { GuardedHttp } from '../http/guarded-http.js';
import { HttpRequestError } from '../http/http-request-error.js';

export interface GatewayAddress {
  readonly gatewayUrl: string;
  readonly gatewayToken?: string | undefined;
}

export interface GatewayRequest extends CallOptions {
  readonly method: 'GET' | 'POST';
  /** Below the gateway's URL, starting with a slash. */
  readonly path: string;
  readonly body?: unknown;
}

/** An answer with its parsed body; undefined where the body is empty or, with an error status, not JSON. */
export interface GatewayAnswer {
  readonly status: number;
  readonly body: unknown;
}

const MESSAGE_LIMIT = 500;

/** JSON calls to one Marie gateway, with its token. */
export class GatewayClient {
  readonly #http: GuardedHttp;
  readonly #base: string;
  readonly #token: string | undefined;
  readonly #timeoutMs: number;

  constructor(http: GuardedHttp, address: GatewayAddress, timeoutMs: number) {
    this.#http = http;
    this.#base = baseOf(address.gatewayUrl);
    this.#token = address.gatewayToken;
    this.#timeoutMs = timeoutMs;
  }

  /** The token, for the one call whose body has to repeat it. */
  get token(): string | undefined {
    return this.#token;
  }

  /**
   * Any status is an answer here.
   * @throws TargetUnreachableError when there is none, or a successful one is not JSON
   */
  async ask(request: GatewayRequest): Promise<GatewayAnswer> {
    const answer = await this.#send(request);
    const body = parsed(answer.text);
    if (body === undefined && answer.status < 300) {
      throw this.failure('not_json', 'answered with something that is not JSON: is it a Marie gateway?', answer.status);
    }
    return { status: answer.status, body };
  }

  /** The body of a successful answer. @throws TargetUnreachableError for every other status, too */
  async read(request: GatewayRequest): Promise<unknown> {
    const answer = await this.ask(request);
    this.demandSuccess(answer);
    return answer.body;
  }

  /** @throws TargetUnreachableError for every status but success */
  demandSuccess({ status }: GatewayAnswer): void {
    if (status >= 300) throw this.statusFailure(status);
  }

  statusFailure(status: number): TargetUnreachableError {
    switch (status) {
      case 401:
        return this.failure('unauthorized', 'does not know the token: correct the token of the target', status);
      case 403:
        return this.failure('forbidden', 'wants a token that may do this: set the token of the target', status);
      default:
        return this.failure('http_status', `answered with HTTP status ${status}`, status);
    }
  }

  failure(code: UnreachableCode, sentence: string, status?: number): TargetUnreachableError {
    return new TargetUnreachableError('gateway', code, `The gateway ${origin(this.#base)} ${sentence}.`, status);
  }

  /** A text that the gateway sent, fit to be shown: one line, bounded, without the token. */
  clean(text: string): string {
    const safe = this.#token === undefined || this.#token === '' ? text : text.replaceAll(this.#token, '***');
    return safe
      .slice(0, MESSAGE_LIMIT)
      .replaceAll(/[\p{Cc}\p{Cs}]+/gu, ' ')
      .trim();
  }

  async #send({ method, path, body, ...call }: GatewayRequest) {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (this.#token !== undefined) headers['authorization'] = `Bearer ${this.#token}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    try {
      const content = body === undefined ? {} : { body: JSON.stringify(body) };
      return await this.#http.request({
        timeoutMs: this.#timeoutMs,
        ...call,
        method,
        url: this.#base + path,
        headers,
        ...content,
      });
    } catch (error) {
      if (error instanceof HttpRequestError)
        throw new TargetUnreachableError('gateway', error.code, `The gateway ${error.message}`);
      throw error;
    }
  }
}

/** Without slash at the end, query and fragment; a text that is no URL stays, to be refused when it is called. */
function baseOf(gatewayUrl: string): string {
  if (!URL.canParse(gatewayUrl)) return gatewayUrl;
  const url = new URL(gatewayUrl);
  url.search = '';
  url.hash = '';
  return url.href.replace(/\/+$/, '');
}

function origin(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'address';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
