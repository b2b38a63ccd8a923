import type { ProblemDetails } from '@m3/contracts';

/** A refusal of the gateway itself, or an owner's refusal passed on: what the caller sees, and nothing else. */
export class ProblemError extends Error {
  constructor(
    readonly problem: ProblemDetails,
    /** Further headers of the answer. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(problem.detail);
  }
}

/** Every reason for which the gateway itself refuses, and its HTTP status. Owners' refusals bring their own. */
const statuses = {
  malformed_json: 400,
  body_required: 400,
  invalid_body: 400,
  invalid_query: 400,
  invalid_path: 400,
  invalid_cursor: 400,
  invalid_idempotency_key: 400,
  position_ahead_of_log: 400,
  sign_in_required: 401,
  token_refused: 401,
  role_missing: 403,
  not_found: 404,
  unknown_route: 404,
  body_too_large: 413,
  unsupported_media_type: 415,
  unknown_target: 422,
  name_mismatch: 422,
  too_many_requests: 429,
  internal_error: 500,
  owner_unavailable: 503,
  storage_unavailable: 503,
  too_many_streams: 503,
  outcome_unknown: 504,
} as const;
export type ProblemCode = keyof typeof statuses;

export interface ProblemExtras {
  /** JSON pointer into the request. */
  readonly field?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function refuse(code: ProblemCode, detail: string, { field, headers }: ProblemExtras = {}): ProblemError {
  const problem = {
    type: `urn:m3-publish:problem:${code}`,
    title: code.replaceAll('_', ' '),
    status: statuses[code],
    code,
    detail,
  };
  return new ProblemError(field === undefined ? problem : { ...problem, field }, headers);
}
