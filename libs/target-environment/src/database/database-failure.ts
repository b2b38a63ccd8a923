import pg from 'pg';
import { InterruptedError } from '../deadline.js';
import { errorCode } from '../error-code.js';
import { TargetUnreachableError, type UnreachableCode } from '../errors.js';
import { isTls } from '../http/http-request-error.js';
import type { DatabaseDescription } from './connection-url.js';

const BY_CODE: Readonly<Record<string, UnreachableCode>> = {
  '28P01': 'password_wrong',
  '28000': 'login_refused',
  '3D000': 'database_missing',
  '3F000': 'schema_missing',
  '42P01': 'schema_not_initialised',
  '42883': 'schema_not_initialised',
  '42703': 'schema_not_initialised',
  '42501': 'permission_denied',
  '53300': 'too_many_connections',
  '55P03': 'timeout',
  '57014': 'timeout',
  '57P01': 'connection_lost',
  '57P02': 'connection_lost',
  '57P03': 'connection_refused',
  '25P03': 'connection_lost',
  address_refused: 'address_refused',
  ECONNREFUSED: 'connection_refused',
  EHOSTUNREACH: 'connection_refused',
  ENETUNREACH: 'connection_refused',
  ECONNRESET: 'connection_lost',
  EPIPE: 'connection_lost',
  ENOTFOUND: 'host_not_found',
  EAI_AGAIN: 'host_not_found',
  ETIMEDOUT: 'timeout',
};

/** Failures that the driver reports by their sentence alone. */
const BY_MESSAGE: readonly [RegExp, UnreachableCode][] = [
  [/timeout/i, 'timeout'],
  [/does not support SSL|SSL connection|certificate/i, 'tls'],
  [/password must be a string|no password|SASL/i, 'password_wrong'],
  [/terminated|not queryable|connection error|ended/i, 'connection_lost'],
];

const SENTENCES: Readonly<Partial<Record<UnreachableCode, string>>> = {
  address_refused: 'is at an address that is not allowed: use a public address, or have it allow-listed',
  password_wrong: 'refused the password: correct the user name or password of the target',
  login_refused: 'refused the login: the user may not exist, or may not connect from here',
  database_missing: 'does not exist: create it, or correct the name in the database URL',
  schema_missing: 'has no such schema: run `m3-publish target init` or correct the schema of the target',
  schema_not_initialised: 'is not initialised, or by an older release: run `m3-publish target init`',
  permission_denied: 'lets the user log in but not use the tables: grant it the schema',
  too_many_connections: 'has no free connection',
  connection_refused: 'refused the connection, or cannot be routed to',
  connection_lost: 'closed the connection before it answered',
  host_not_found: 'has a host name that cannot be resolved',
  timeout: 'did not answer in time',
  aborted: 'was not waited for: the call was cancelled',
  tls: 'could not agree on an encrypted connection: check sslmode and the certificate',
};

/** Whatever a query threw, as an error whose message holds nothing but host, port, name and a plain sentence. */
export function databaseFailure(error: unknown, { host, port, name }: DatabaseDescription): TargetUnreachableError {
  if (error instanceof TargetUnreachableError) return error;
  const code = error instanceof InterruptedError ? error.interruption : codeOf(error);
  const sentence = SENTENCES[code] ?? `answered with an error (SQLSTATE ${sqlState(error) ?? 'unknown'})`;
  return new TargetUnreachableError('database', code, `The database ${name} on ${host}:${port} ${sentence}.`);
}

/** SQLSTATE of an error that the server reported; null for everything else. */
export function sqlState(error: unknown): string | null {
  return error instanceof pg.DatabaseError ? (error.code ?? null) : null;
}

function codeOf(error: unknown): UnreachableCode {
  const code = errorCode(error);
  const known = BY_CODE[code];
  if (known !== undefined) return known;
  if (isTls(code)) return 'tls';
  if (!(error instanceof Error) || error instanceof pg.DatabaseError) return 'database_error';
  return BY_MESSAGE.find(([pattern]) => pattern.test(error.message))?.[1] ?? 'database_error';
}
