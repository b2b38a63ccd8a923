import { approvalEvents, type ApprovalEvent, type RecordedEvent } from '@m3/contracts';
import { Deadlines, eventsIn, startedBy, type DeadlineChange } from '@m3/process';
import type { ServiceRuntime } from '@m3/service-kit';
import { firstMoment, nextMoment } from '../domain/passing-time.js';
import type { DecideApprovals } from './decide-approvals.js';

const prefix = 'approval-';

/** Reminds people of approvals that wait; ends, or escalates, those that nobody decided on in time. */
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
      const { state } = await approvals.handle(approvalId, { type: 'expire', now: context.occurredAt }, context);
      return { lookAgainAt: state.status === 'open' ? nextMoment(state) : null };
    },
    clock,
    onError: (error) => log.error({ err: error }, 'expiries could not be looked at; trying again'),
  });
}

const isApprovalEvent = eventsIn<ApprovalEvent>(approvalEvents);

/** Only the first moment and the end stand in the log: those between follow from what the approval has come to. */
function expiryChange({ stream, type, data }: RecordedEvent): DeadlineChange | null {
  const event = { type, data };
  if (!isApprovalEvent(event)) return null;
  const key = stream.slice(prefix.length);
  if (event.type === 'ApprovalOpened') return { key, dueAt: firstMoment(event.data) };
  return ends.has(event.type) ? { key, dueAt: null } : null;
}

const ends = new Set(['ApprovalGranted', 'ApprovalRejected', 'ApprovalEscalated', 'ApprovalClosed']);
