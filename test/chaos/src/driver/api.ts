import { setTimeout as pause } from 'node:timers/promises';
import type { Role } from '@m3/contracts';
import type { Stack } from '@m3/local';

const ANSWER_WITHIN_MS = 12_000;
const TRIES = 50;
const TRY_AGAIN_AFTER_MS = 600;

/** `accepted`, `refused`: the product has said so. `unanswered`: nobody knows. */
export interface Answer {
  readonly outcome: 'accepted' | 'refused' | 'unanswered';
  readonly status: number;
  readonly json: unknown;
}

export interface Person {
  readonly sub: string;
  readonly roles: readonly Role[];
}

/** The API as a patient client uses it: the same request again, with the same key, until there is an answer. */
export class Api {
  constructor(private readonly stack: Stack) {}

  async post(path: string, body: object, { key, as }: { readonly key: string; readonly as: Person }): Promise<Answer> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': key };
    return this.patiently(path, as, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  async get(path: string): Promise<unknown> {
    const { outcome, status, json } = await this.patiently(path, auditor, { method: 'GET', headers: {} });
    if (outcome !== 'accepted') throw new Error(`GET ${path}: ${outcome}, ${status} ${JSON.stringify(json)}`);
    return json;
  }

  /** Every entry of a list. */
  async list(path: string): Promise<readonly unknown[]> {
    const all: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: unknown = await this.get(
        `${path}?limit=200${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      if (!isPage(page)) throw new Error(`GET ${path} answered no list: ${JSON.stringify(page).slice(0, 200)}`);
      all.push(...page.items);
      cursor = page.next_cursor;
    }
    return all;
  }

  private async patiently(path: string, as: Person, request: Request): Promise<Answer> {
    let last: Answer = { outcome: 'unanswered', status: 0, json: null };
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      last = await this.once(path, as, request).catch(() => last);
      if (last.outcome !== 'unanswered') return last;
      await pause(TRY_AGAIN_AFTER_MS);
    }
    return last;
  }

  private async once(path: string, as: Person, { method, headers, body }: Request): Promise<Answer> {
    const token = await this.stack.issuer.token(as);
    const answer = await fetch(`${this.stack.services.gateway.url}/api/v1/${path}`, {
      method,
      headers: { ...headers, authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      ...(body === undefined ? {} : { body }),
    });
    const json: unknown = await answer.json();
    return { outcome: meaningOf(answer.status), status: answer.status, json };
  }
}

interface Request {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const auditor: Person = { sub: 'vera', roles: ['viewer', 'auditor'] };
/** Said of the moment, not of the request: the clock of the gateway is wrong (401), or it has too much to do. */
const passing = new Set([401, 408, 425, 429]);

function meaningOf(status: number): Answer['outcome'] {
  if (status < 300) return 'accepted';
  return status >= 500 || passing.has(status) ? 'unanswered' : 'refused';
}

function isPage(value: unknown): value is { readonly items: readonly unknown[]; readonly next_cursor: string | null } {
  return typeof value === 'object' && value !== null && 'items' in value && Array.isArray(value.items);
}
