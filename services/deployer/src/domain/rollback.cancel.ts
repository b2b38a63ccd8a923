import type { PublishEvent } from '@m3/contracts';
import { accept, reject, type Decision, type Refusal } from '@m3/decider';
import { cancelled } from './publish.checks.js';
import type { Cancellation } from './publish.state.js';
import type { RollbackState } from './rollback.state.js';

/**
 * A rollback can be cancelled until it begins to change the target. One that has stopped a publish goes on: it alone
 * knows what has to be put right there.
 */
export function cancelRollback(
  wish: Cancellation,
  { status, request }: RollbackState,
): Decision<PublishEvent, Refusal> {
  const untouched = status === 'rollback_requested' || status === 'checking_backup';
  if (untouched && request.takes_over.length === 0) return accept(cancelled(request, wish));
  const detail = untouched
    ? `it has stopped ${request.takes_over.join(', ')}, and has to put the target right`
    : `the rollback is changing the target (${status})`;
  return reject(
    'too_late_to_cancel',
    `${detail}; it ends by itself, and can be followed by another publish or rollback`,
  );
}
