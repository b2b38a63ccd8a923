import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Caller } from '@m3/contracts';
import type { Request } from 'express';

/** Who made a request: put there by the guard, once the token was verified. */
const callers = new WeakMap<Request, Caller>();

export function setCaller(request: Request, caller: Caller): void {
  callers.set(request, caller);
}

/** @throws when the guard has not seen the request: a mistake in the gateway, never of the caller */
export function callerOf(request: Request): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw new Error('a route was reached without the guard');
  return caller;
}

/** Parameter decorator: the verified caller. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext) =>
  callerOf(context.switchToHttp().getRequest<Request>()),
);
