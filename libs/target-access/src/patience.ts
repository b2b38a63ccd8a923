import { Busy } from '@m3/messaging';
import { TargetUnreachableError } from '@m3/target-environment';

/** How long an effect is usually tried again while the other side does not answer. */
const patienceMs = 20_000;

export interface Patience {
  /** Names the effect in the service's log. */
  readonly key: string;
  /** When the effect was asked for, ISO 8601. */
  readonly requestedAt: string;
  /** When the answer is of no use any more, ISO 8601: patience ends there at the latest. */
  readonly deadlineAt?: string;
  /** For what is worth more patience than usual. */
  readonly lastsMs?: number;
  readonly now: () => Date;
}

/** A fault of the other side. Not retryable: somebody has to change settings first. */
export interface OutsideFault {
  readonly code: string;
  readonly reason: string;
  readonly retryable: boolean;
}

/** `unanswered`: whether the effect happened is not known. */
export type Tried<Result> =
  | { readonly outcome: 'answered'; readonly result: Result }
  | { readonly outcome: 'unanswered'; readonly code: string; readonly reason: string };

/**
 * Runs an effect on something outside. What does not answer for a moment is asked again later (the request comes back by
 * throwing {@link Busy}); what does not answer for long, or refuses for good, ends as unanswered. Other errors are faults.
 */
export async function tryPatiently<Result>(
  { key, requestedAt, deadlineAt, lastsMs = patienceMs, now }: Patience,
  run: () => Promise<Result>,
  describe: (error: unknown) => OutsideFault | null = describeTargetFault,
): Promise<Tried<Result>> {
  try {
    return { outcome: 'answered', result: await run() };
  } catch (error) {
    const fault = describe(error);
    if (!fault) throw error;
    const until = Math.min(Date.parse(requestedAt) + lastsMs, deadlineAt ? Date.parse(deadlineAt) : Infinity);
    if (fault.retryable && now().getTime() < until) throw new Busy(key);
    return { outcome: 'unanswered', code: fault.code, reason: fault.reason.slice(0, 2000) };
  }
}

/** What a target that cannot be reached means; null for any other error. */
export function describeTargetFault(error: unknown): OutsideFault | null {
  if (!(error instanceof TargetUnreachableError)) return null;
  return { code: `${error.what}_${error.code}`, reason: error.message, retryable: error.retryable };
}
