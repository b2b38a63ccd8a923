import type { ProblemReply } from '@m3/contracts';
import type { ProblemError } from '../http/problem-error.js';

/** A refusal of one part of a request, as the answer to the whole tells it. */
export function toldProblem({ problem }: ProblemError): ProblemReply {
  const { findings, ...rest } = problem;
  return findings === undefined ? rest : { ...rest, findings: [...findings] };
}
