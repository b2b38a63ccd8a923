/** Why a target could not be asked, or why its answer is not known. Stable: services show and compare these. */
export type UnreachableCode =
  | 'address_refused'
  | 'host_not_found'
  | 'connection_refused'
  | 'connection_lost'
  | 'timeout'
  | 'aborted'
  | 'tls'
  | 'redirect_refused'
  | 'body_too_large'
  | 'invalid_url'
  | 'unauthorized'
  | 'forbidden'
  | 'http_status'
  | 'not_json'
  | 'unexpected_answer'
  | 'password_wrong'
  | 'login_refused'
  | 'permission_denied'
  | 'database_missing'
  | 'schema_missing'
  | 'schema_not_initialised'
  | 'too_many_connections'
  | 'database_error';

/** Codes that a repeat cannot cure: somebody has to change the target's settings first. */
const LASTING: ReadonlySet<UnreachableCode> = new Set<UnreachableCode>([
  'address_refused',
  'redirect_refused',
  'invalid_url',
  'unauthorized',
  'forbidden',
  'password_wrong',
  'login_refused',
  'permission_denied',
  'database_missing',
  'schema_missing',
  'schema_not_initialised',
]);

/**
 * The target could not be reached, or did not answer in a way that tells what happened. A write may or may not have
 * taken effect; every write can be repeated with the same arguments. The message names hosts, never credentials.
 */
export class TargetUnreachableError extends Error {
  /** Worth another try with the same settings. */
  readonly retryable: boolean;
  /** HTTP status, where the gateway gave one. */
  readonly status?: number;

  constructor(
    readonly what: 'gateway' | 'database',
    readonly code: UnreachableCode,
    message: string,
    status?: number,
  ) {
    super(message);
    this.name = 'TargetUnreachableError';
    this.retryable = !LASTING.has(code);
    if (status !== undefined) this.status = status;
  }
}
