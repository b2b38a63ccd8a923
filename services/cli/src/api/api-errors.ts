import type { ProblemReply } from '@m3/contracts';
import { CliError } from '../cli-error.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';

/** A refusal or fault that the gateway explained with a problem document. */
export class ApiProblem extends CliError {
  readonly status: number;

  constructor(readonly problem: ProblemReply) {
    super(problem.code, problem.detail === '' ? problem.title : problem.detail, {
      ...(problem.field === undefined ? {} : { field: problem.field }),
      ...remedyOf(problem.status),
      exitCode: exitCodeOfStatus(problem.status),
    });
    this.status = problem.status;
  }
}

/** No answer, or none that can be understood. `sent`: the request may have been carried out. */
export class NoAnswer extends CliError {
  constructor(url: string, reason: string, sent: { readonly idempotencyKey: string | null }) {
    super('gateway_unreachable', `no answer from ${url}: ${reason}`, {
      remedy:
        sent.idempotencyKey === null
          ? 'check that the gateway runs there (npm start), or give another address with --url or M3_PUBLISH_URL'
          : `whether it was carried out is not known; repeat the command with --idempotency-key ${sent.idempotencyKey}: it is done only once`,
      exitCode: exitCodes.unknown,
    });
  }
}

/** The gateway answered with something that this release of the CLI does not understand. */
export class UnexpectedReply extends CliError {
  constructor(request: string, reason: string) {
    super('unexpected_reply', `the answer to ${request} is not understood: ${reason}`, {
      remedy: 'check that --url names a gateway of M3 Forge Publishing, of the same release as this command',
      exitCode: exitCodes.unknown,
    });
  }
}

function exitCodeOfStatus(status: number): ExitCode {
  if (status === 401 || status === 403) return exitCodes.denied;
  return status >= 500 || status === 408 || status === 429 ? exitCodes.unknown : exitCodes.failed;
}

function remedyOf(status: number): { readonly remedy?: string } {
  if (status === 401) return { remedy: 'give a valid token with --token or M3_PUBLISH_TOKEN' };
  if (status === 403) return { remedy: 'ask someone whose role allows it; `m3-publish status` shows your roles' };
  if (status >= 500 || status === 429) return { remedy: 'try again in a moment' };
  return {};
}

/** Whether a fault is of the moment: the gateway restarts, or has too much to do. */
export function isPassing(error: unknown): error is ApiProblem | NoAnswer {
  return error instanceof NoAnswer || (error instanceof ApiProblem && (error.status >= 500 || error.status === 429));
}
