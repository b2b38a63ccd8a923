import { faultOf } from '../fault.js';

/** Why a request got no answer, in words; `timeout` in milliseconds is how long it was waited for. */
export function connectionFault(error: unknown, timeout: number): string {
  const { name } = faultOf(error);
  if (name === 'TimeoutError') return `it took longer than ${timeout / 1000} s`;
  if (name === 'AbortError') return 'the request was stopped';
  const cause: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'cause') : undefined;
  const { code } = faultOf(cause);
  return faults.get(code) ?? `the connection failed${code === '' ? '' : ` (${code})`}`;
}

const faults = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['ECONNRESET', 'the connection was cut'],
  ['UND_ERR_SOCKET', 'the connection was cut'],
  ['ENOTFOUND', 'there is no such host'],
  ['EAI_AGAIN', 'the host name cannot be looked up now'],
  ['ETIMEDOUT', 'the connection timed out'],
  ['UND_ERR_CONNECT_TIMEOUT', 'the connection timed out'],
  ['EHOSTUNREACH', 'the host cannot be reached'],
]);
