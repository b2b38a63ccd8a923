import { createHash } from 'node:crypto';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { newId, type Caller } from '@m3/contracts';
import type { Request } from 'express';
import { callerOf } from '../http/api-request.js';
import { expectedRevision } from '../http/if-match.js';
import { refuse } from '../http/problem-error.js';

const KEY = /^[\x21-\x7e]{1,200}$/;

/**
 * The id under which a command is done once. From the Idempotency-Key, which counts for one caller and one address: nobody's
 * key can stand in the way of somebody else's.
 */
export function commandIdOf(request: Pick<Request, 'headers' | 'method' | 'path'>, callerId: string): string {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return newId('command');
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw refuse('invalid_idempotency_key', 'Idempotency-Key must have 1 to 200 visible ASCII characters, no blanks.');
  }
  const scope = JSON.stringify([callerId, request.method, request.path, key]);
  return `key_${createHash('sha256').update(scope).digest('hex')}`;
}

/** What every command carries: who asks, and the id under which it is done once. */
export interface Asked {
  readonly caller: Caller;
  readonly command_id: string;
}

/** Parameter decorator: the {@link Asked} of this request. */
export const AskedBy = createParamDecorator((_: unknown, context: ExecutionContext): Asked =>
  askedOf(context.switchToHttp().getRequest<Request>()),
);

/** What a command carries that changes only what the caller has seen. */
export interface Revised extends Asked {
  readonly expected_revision?: number;
}

/** Parameter decorator: the {@link Revised} of this request, from its If-Match header. */
export const Revised = createParamDecorator((_: unknown, context: ExecutionContext): Revised => {
  const request = context.switchToHttp().getRequest<Request>();
  const revision = expectedRevision(request.headers['if-match']);
  return { ...askedOf(request), ...(revision === undefined ? {} : { expected_revision: revision }) };
});

function askedOf(request: Request): Asked {
  const caller = callerOf(request);
  return { caller, command_id: commandIdOf(request, caller.id) };
}
