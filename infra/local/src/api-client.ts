import { setTimeout as pause } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import type { Static, TSchema } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';

/** The gateway refused, or answered what nobody expected. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    /** The stable code of the problem; empty when the answer was none of the gateway's. */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const ANSWER_WITHIN_MS = 15_000;
const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 50;
const ajv = ajvFormats.default(new Ajv({ strict: false }));

/** The gateway's API as one person sees it. Paths are below `/api/v1/`. */
export class ApiClient {
  constructor(
    readonly url: string,
    readonly token: string,
  ) {}

  /** @throws ApiError */
  get<Schema extends TSchema>(path: string, reply: Schema): Promise<Static<Schema>> {
    return this.ask('GET', path, { reply });
  }

  /** What the owner of a decision did not answer is sent again, with the same key: it is done once. @throws ApiError */
  async post<Schema extends TSchema>(path: string, body: object, reply: Schema): Promise<Static<Schema>> {
    const key = randomUUID();
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await this.ask('POST', path, { body, key, reply });
      } catch (error) {
        const passing = error instanceof ApiError && (error.status === 503 || error.status === 504);
        if (!passing || performance.now() > deadline) throw error;
      }
      await pause(LOOK_EVERY_MS);
    }
  }

  /** Asks until the answer is what is waited for. Not found counts as "not yet". @throws ApiError when it does not come */
  async eventually<Schema extends TSchema>(
    path: string,
    reply: Schema,
    isThere: (reply: Static<Schema>) => boolean,
  ): Promise<Static<Schema>> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = await this.find(path, reply);
      if (found !== undefined && isThere(found)) return found;
      if (performance.now() > deadline) throw new ApiError(0, 'late', `${path} is not as expected after 30 s`);
      await pause(LOOK_EVERY_MS);
    }
  }

  /** As {@link get}; undefined when there is no such thing. @throws ApiError */
  async find<Schema extends TSchema>(path: string, reply: Schema): Promise<Static<Schema> | undefined> {
    try {
      return await this.get(path, reply);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  private async ask<Schema extends TSchema>(
    method: string,
    path: string,
    { reply, body, key }: { readonly reply: Schema; readonly body?: object; readonly key?: string },
  ): Promise<Static<Schema>> {
    const answer = await fetch(`${this.url}/api/v1/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const content: unknown = await answer.json().catch(() => null);
    if (!answer.ok) throw problem(answer.status, content);
    if (ajv.validate<Static<Schema>>(reply, content)) return content;
    throw new ApiError(answer.status, 'unexpected_reply', `${method} ${path}: ${ajv.errorsText()}`);
  }
}

function problem(status: number, content: unknown): ApiError {
  const text = (name: string) => {
    const value: unknown = typeof content === 'object' && content !== null ? Reflect.get(content, name) : undefined;
    return typeof value === 'string' ? value : '';
  };
  const field = text('field');
  const detail = text('detail') || `HTTP ${status}`;
  return new ApiError(status, text('code'), field === '' ? detail : `${detail} (${field})`);
}
