import { InterruptedError } from '../deadline.js';
import { errorCode } from '../error-code.js';

export type HttpErrorCode =
  | 'address_refused'
  | 'host_not_found'
  | 'connection_refused'
  | 'connection_lost'
  | 'timeout'
  | 'aborted'
  | 'tls'
  | 'redirect_refused'
  | 'body_too_large'
  | 'invalid_url';

/** No usable HTTP answer. The message names the origin, never headers, query or body. */
export class HttpRequestError extends Error {
  constructor(
    readonly code: HttpErrorCode,
    message: string,
  ) {
    super(message);
    this.name = 'HttpRequestError';
  }
}

const CODES: Readonly<Record<string, HttpErrorCode>> = {
  address_refused: 'address_refused',
  ECONNREFUSED: 'connection_refused',
  EHOSTUNREACH: 'connection_refused',
  ENETUNREACH: 'connection_refused',
  EADDRNOTAVAIL: 'connection_refused',
  ENOTFOUND: 'host_not_found',
  EAI_AGAIN: 'host_not_found',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
};

const SENTENCES: Readonly<Record<HttpErrorCode, string>> = {
  address_refused: 'is at an address that is not allowed: use a public address, or have it allow-listed',
  host_not_found: 'has a host name that cannot be resolved',
  connection_refused: 'refused the connection or cannot be routed to',
  connection_lost: 'closed the connection before it answered',
  timeout: 'did not answer in time',
  aborted: 'was not waited for: the call was cancelled',
  tls: 'could not be trusted: the TLS handshake or its certificate failed',
  redirect_refused: 'answered with a redirect, which is not followed: give the final address',
  body_too_large: 'sent a larger answer than is accepted',
  invalid_url: 'is not an http(s) address without user name and password',
};

export function httpError(code: HttpErrorCode, origin: string): HttpRequestError {
  return new HttpRequestError(code, `${origin} ${SENTENCES[code]}.`);
}

/** Turns whatever a failed request threw into a code. */
export function classifyHttpFailure(error: unknown, origin: string): HttpRequestError {
  if (error instanceof HttpRequestError) return error;
  if (error instanceof InterruptedError) return httpError(error.interruption, origin);
  return httpError(codeOf(error), origin);
}

function codeOf(error: unknown): HttpErrorCode {
  const code = errorCode(error);
  return CODES[code] ?? (isTls(code) ? 'tls' : 'connection_lost');
}

const TLS_CODE = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO$|HOSTNAME_MISMATCH$)/;

/** True for the error codes of Node's TLS sockets. */
export function isTls(code: string): boolean {
  return TLS_CODE.test(code);
}
