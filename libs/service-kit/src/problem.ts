import type { ProblemDetails } from '@m3/contracts';
import type { Refusal } from '@m3/decider';

/** The one place that knows which HTTP status a refusal is. Codes not listed here are conflicts with the current state. */
const statusOfCode: Readonly<Record<string, number>> = {
  invalid_command: 400,
  invalid_target: 422,
  invalid_schema_name: 422,
  invalid_freeze: 422,
  invalid_bundle: 422,
  bundle_too_large: 413,
  bundle_unreadable: 422,
  bundle_digest_mismatch: 422,
  invalid_requirement: 422,
  bus_unavailable: 503,
  not_allowed: 403,
  not_an_approver: 403,
  self_approval_forbidden: 403,
};

function statusOf(code: string): number {
  return statusOfCode[code] ?? (code.endsWith('_not_found') ? 404 : 409);
}

/** An RFC 9457 problem from a refusal. */
export function problemOf({ code, detail, field }: Refusal, findings?: readonly unknown[]): ProblemDetails {
  return {
    type: `urn:m3-publish:problem:${code}`,
    title: code.replaceAll('_', ' '),
    status: statusOf(code),
    code,
    detail,
    ...(field === undefined || field === '' ? {} : { field }),
    ...(findings === undefined ? {} : { findings }),
  };
}
