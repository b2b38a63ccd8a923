import type { EventData } from '@m3/contracts';
import type { Vote } from './votes.js';

export interface OpenApproval {
  readonly status: 'open';
  readonly opened: EventData<'ApprovalOpened'>;
  readonly votes: readonly Vote[];
  /** Who took a vote back and cast no other. */
  readonly withdrawn: readonly string[];
  readonly comments: readonly Pick<EventData<'ApprovalCommented'>, 'by' | 'comment'>[];
  readonly reminded: readonly EventData<'ApprovalReminded'>['at'][];
  readonly escalated: boolean;
}
export type ApprovalState =
  | { readonly status: 'absent' }
  | OpenApproval
  | { readonly status: 'granted' | 'rejected' | 'closed'; readonly votes: readonly Vote[] };
