import { approvalEvents, type RecordedEvent } from '@m3/contracts';
import { Deadlines, startedBy, type DeadlineChange } from '@m3/process';
import type { ServiceRuntime } from '@m3/service-kit';
import type { DecideApprovals } from './decide-approvals.js';

const prefix = 'approval-';

/** Ends, or escalates, approvals that nobody decided on in time. */
export function watchExpiries(
  { pool, store, clock, log, service }: ServiceRuntime,
  approvals: DecideApprovals,
): Deadlines {
  return new Deadlines({
    pool,
    store,
    service,
    types: approvalEvents.map(({ type }) => type),
    change: expiryChange,
    onDue: async (approvalId) => {
      const context = startedBy(`expiry-${approvalId}`, { kind: 'system', id: 'clock' }, clock);
      await approvals.handle(approvalId, { type: 'expire', now: context.occurredAt }, context);
      return null;
    },
    clock,
    onError: (error) => log.error({ err: error }, 'expiries could not be looked at; trying again'),
  });
}

function expiryChange({ stream, type, data }: RecordedEvent): DeadlineChange | null {
  if (type === 'ApprovalVoted') return null;
  const key = stream.slice(prefix.length);
  const expiresAt = type === 'ApprovalOpened' && 'expires_at' in data ? data.expires_at : null;
  return { key, dueAt: typeof expiresAt === 'string' ? expiresAt : null };
}
