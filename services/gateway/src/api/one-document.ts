import { ProblemError } from '../http/problem-error.js';

/** The owner counts documents; a body that is one document has no list to count in. */
const place = /^\/targets\/0(?=\/|$)/;

/** The same problem with pointers into the body of a request that held just one document. */
export function ofOneDocument({ problem, headers }: ProblemError): ProblemError {
  const { field, findings, ...rest } = problem;
  return new ProblemError(
    {
      ...rest,
      ...(field === undefined ? {} : { field: field.replace(place, '') }),
      ...(findings === undefined ? {} : { findings: findings.map(ownField) }),
    },
    headers,
  );
}

function ownField(finding: unknown): unknown {
  if (typeof finding !== 'object' || finding === null || !('field' in finding)) return finding;
  return typeof finding.field === 'string' ? { ...finding, field: finding.field.replace(place, '') } : finding;
}
