import type { ApprovalStatus, CommentView, EventData, VoteView } from '@m3/contracts';
import type { LogEntry } from './log-entry.js';
import type { Projection } from './projection.js';

/** `withdrawn_at` is absent in rows that were projected before votes could be withdrawn. */
type VoteRow = Omit<VoteView, 'relative' | 'withdrawn_at'> & { readonly withdrawn_at?: string | null };

export type ApprovalRow = EventData<'ApprovalOpened'> & {
  readonly status: ApprovalStatus;
  readonly opened_at: string;
  readonly escalated_at: string | null;
  readonly decided_at: string | null;
  readonly outcome_reason: string | null;
  readonly votes: readonly VoteRow[];
  /** Absent in rows that were projected before there were any. */
  readonly comments?: readonly CommentView[];
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
      votes: [...approval.votes, { by, decision, comment, at: metadata.occurredAt, withdrawn_at: null }],
    }),
    ApprovalVoteWithdrawn: (approval, { data, metadata }) => ({
      ...approval,
      votes: approval.votes.map((vote) =>
        vote.by === data.by && !vote.withdrawn_at ? { ...vote, withdrawn_at: metadata.occurredAt } : vote,
      ),
    }),
    ApprovalCommented: (approval, { data: { by, comment }, metadata }) => ({
      ...approval,
      comments: [...(approval.comments ?? []), { by, comment, at: metadata.occurredAt }],
    }),
    ApprovalVoided: (approval, event) => decided(approval, 'void', event, event.data.reason),
    ApprovalGranted: (approval, event) => decided(approval, 'granted', event, null),
    ApprovalRejected: (approval, event) => decided(approval, 'rejected', event, event.data.comment),
    ApprovalClosed: (approval, event) =>
      approval.status === 'void' ? approval : decided(approval, 'closed', event, event.data.reason),
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
