import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Caller } from '@m3/contracts';
import type { Request } from 'express';
import type { SignedIn } from '../sign-in/token-verifier.js';

/** Who made a request: put there by the guard, once the token was verified. */
const known = new WeakMap<Request, SignedIn>();

export function setSignedIn(request: Request, signedIn: SignedIn): void {
  known.set(request, signedIn);
}

/** @throws when the guard has not seen the request: a mistake in the gateway, never of the caller */
export function signedInOf(request: Request): SignedIn {
  const signedIn = known.get(request);
  if (signedIn === undefined) throw new Error('a route was reached without the guard');
  return signedIn;
}

export function callerOf(request: Request): Caller {
  return signedInOf(request).caller;
}

/** Parameter decorator: the verified caller. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext) =>
  callerOf(context.switchToHttp().getRequest<Request>()),
);
