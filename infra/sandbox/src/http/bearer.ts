import { createHash, timingSafeEqual } from 'node:crypto';
import { GatewayError } from '../gateway-error.js';
import type { Call, Handler } from './router.js';

/** Whether two secrets are equal, in a time that says nothing about them. */
export function sameSecret(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right));
}

/** Without a token of the gateway's own any bearer token will do. Missing: 403; unknown: 401, as Marie answers. */
export function withBearer(token: string | undefined, handle: Handler): Handler {
  return (call) => {
    const sent = bearerOf(call);
    if (sent === undefined) throw new GatewayError(403, 'token_missing', 'Send a bearer token.');
    if (token !== undefined && !sameSecret(sent, token)) {
      throw new GatewayError(401, 'token_unknown', 'The bearer token is not known here.');
    }
    return handle(call);
  };
}

function bearerOf({ message }: Call): string | undefined {
  const [scheme, sent] = (message.headers.authorization ?? '').split(' ');
  return scheme?.toLowerCase() === 'bearer' && sent !== undefined && sent !== '' ? sent : undefined;
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
