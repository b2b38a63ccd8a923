import { problemCodes, type ProblemCode, type ProblemDetails } from '@m3/contracts';

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

export interface ProblemExtras {
  /** JSON pointer into the request. */
  readonly field?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function refuse(code: ProblemCode, detail: string, { field, headers }: ProblemExtras = {}): ProblemError {
  const problem = {
    type: `urn:m3-publish:problem:${code}`,
    title: code.replaceAll('_', ' '),
    status: problemCodes[code].status,
    code,
    detail,
  };
  return new ProblemError(field === undefined ? problem : { ...problem, field }, headers);
}
