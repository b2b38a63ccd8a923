import type { ApprovalStatus, EventData, VoteView } from '@m3/contracts';
import type { LogEntry } from './log-entry.js';
import type { Projection } from './projection.js';

export type ApprovalRow = EventData<'ApprovalOpened'> & {
  readonly status: ApprovalStatus;
  readonly opened_at: string;
  readonly escalated_at: string | null;
  readonly decided_at: string | null;
  readonly outcome_reason: string | null;
  readonly votes: readonly VoteView[];
};

export const approvals: Projection<ApprovalRow> = {
  table: 'approval',
  keyOf: ({ data }) => ('approval_id' in data ? data.approval_id : null),
  begins: {
    ApprovalOpened: (event: LogEntry<'ApprovalOpened'>) => ({
      ...event.data,
      status: 'open',
      opened_at: event.metadata.occurredAt,
      escalated_at: null,
      decided_at: null,
      outcome_reason: null,
      votes: [],
    }),
  },
  changes: {
    ApprovalVoted: (approval, { data: { by, decision, comment }, metadata }) => ({
      ...approval,
      votes: [...approval.votes, { by, decision, comment, at: metadata.occurredAt }],
    }),
    ApprovalGranted: (approval, event) => decided(approval, 'granted', event, null),
    ApprovalRejected: (approval, event) => decided(approval, 'rejected', event, event.data.comment),
    ApprovalClosed: (approval, event) => decided(approval, 'closed', event, event.data.reason),
    ApprovalEscalated: (approval, event) => ({ ...approval, escalated_at: event.metadata.occurredAt }),
  },
  columns: ({ publish_id, status }) => ({ publish_id, status }),
};

function decided(
  approval: ApprovalRow,
  status: ApprovalStatus,
  { metadata }: LogEntry,
  outcome_reason: string | null,
): ApprovalRow {
  return { ...approval, status, decided_at: metadata.occurredAt, outcome_reason };
}
