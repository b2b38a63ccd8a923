import type { FinalPublishStatus } from '@m3/contracts';
import { assertNever } from '@m3/decider';

/** What a pipeline learns from the exit code; documented in `--help` and the README, so never renumber. */
export const exitCodes = {
  ok: 0,
  /** Refused, failed, rolled back, or findings that are errors. */
  failed: 1,
  usage: 2,
  /** Not signed in, or not allowed. */
  denied: 3,
  /** Unreachable, or no usable answer: whether a request was carried out is unknown. */
  unknown: 4,
  /** `--timeout` ran out while the publish was still going on. */
  waiting: 5,
  /** Rejected, cancelled or superseded: nothing was published, and nothing went wrong. */
  stopped: 6,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodeHelp = `
Exit codes:
  0  done; a watched publish succeeded
  1  refused, failed or rolled back; validation found errors
  2  wrong usage
  3  not signed in, or not allowed
  4  the gateway cannot be reached or gave no usable answer
  5  still going on when --timeout ran out
  6  the publish was rejected, cancelled, or superseded by a newer one`;

/** The exit code of a publish that has ended. */
export function exitCodeOf(status: FinalPublishStatus): ExitCode {
  switch (status) {
    case 'succeeded':
      return exitCodes.ok;
    case 'failed':
    case 'rolled_back':
    case 'rollback_failed':
      return exitCodes.failed;
    case 'rejected':
    case 'cancelled':
    case 'superseded':
      return exitCodes.stopped;
    default:
      return assertNever(status);
  }
}

/** The code that matters most among several outcomes: a failure before a stop, a stop before success. */
export function worstOf(codes: readonly ExitCode[]): ExitCode {
  const order = [exitCodes.denied, exitCodes.unknown, exitCodes.failed, exitCodes.waiting, exitCodes.stopped];
  return order.find((code) => codes.includes(code)) ?? exitCodes.ok;
}
