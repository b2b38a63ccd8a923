import { isProblemCode, problemCodes, type ProblemDetails } from '@m3/contracts';
import type { Refusal } from '@m3/decider';

/** Codes that are not declared, which a service of another release may have, are conflicts with the current state. */
function statusOf(code: string): number {
  if (isProblemCode(code)) return problemCodes[code].status;
  return code.endsWith('_not_found') ? 404 : 409;
}

/** Refusals may name their field dotted, as events and messages have it; problems name it by its JSON pointer. */
function pointerOf(field: string): string {
  return field.startsWith('/') ? field : `/${field.replaceAll('.', '/')}`;
}

/** An RFC 9457 problem from a refusal. */
export function problemOf({ code, detail, field }: Refusal, findings?: readonly unknown[]): ProblemDetails {
  return {
    type: `urn:m3-publish:problem:${code}`,
    title: code.replaceAll('_', ' '),
    status: statusOf(code),
    code,
    detail,
    ...(field === undefined || field === '' ? {} : { field: pointerOf(field) }),
    ...(findings === undefined ? {} : { findings }),
  };
}
