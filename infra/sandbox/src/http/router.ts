import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../gateway-error.js';
import { readJson } from './json-body.js';

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** One request as handlers see it. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The named parts of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly message: IncomingMessage;
  /** @throws GatewayError 400 or 413 */
  readonly json: () => Promise<unknown>;
}

export type Handler = (call: Call) => Reply | Promise<Reply>;

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** `{name}` stands for one part of the path. */
  readonly path: string;
  readonly handle: Handler;
}

interface Route {
  readonly endpoint: Endpoint;
  readonly parts: readonly string[];
}

/** Finds the endpoint of a request by the number and text of its path's parts. */
export class Router {
  private readonly routes: readonly Route[];

  constructor(endpoints: readonly Endpoint[]) {
    this.routes = endpoints.map((endpoint) => ({ endpoint, parts: partsOf(endpoint.path) }));
  }

  /** @throws GatewayError 404 or 405 */
  async dispatch(message: IncomingMessage): Promise<Reply> {
    const { method = 'GET', url = '/' } = message;
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark));
    const found = this.find(method, path);
    return found.endpoint.handle({ method, path, query, params: found.params, message, json: () => readJson(message) });
  }

  private find(method: string, path: string): { endpoint: Endpoint; params: Record<string, string> } {
    const parts = partsOf(path);
    let known = false;
    for (const { endpoint, parts: pattern } of this.routes) {
      const params = match(pattern, parts);
      if (params === undefined) continue;
      if (endpoint.method === method) return { endpoint, params };
      known = true;
    }
    if (known) throw new GatewayError(405, 'method_not_allowed', `${method} is not possible here.`);
    throw new GatewayError(404, 'not_found', 'There is nothing at this address.');
  }
}

function partsOf(path: string): readonly string[] {
  return path.split('/').filter((part) => part !== '');
}

function match(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const part = parts[index] ?? '';
    if (expected.startsWith('{')) params[expected.slice(1, -1)] = decoded(part);
    else if (expected !== part) return undefined;
  }
  return params;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new GatewayError(400, 'invalid_address', 'The address is not written correctly.');
  }
}
