import type { ApprovalEvent, EventData, Role } from '@m3/contracts';
import { accept, assertNever, reject, type Decider, type Refusal } from '@m3/decider';

type Opened = EventData<'ApprovalOpened'>;
type Vote = Pick<EventData<'ApprovalVoted'>, 'by' | 'decision'>;

export type ApprovalState =
  | { readonly status: 'absent' }
  | { readonly status: 'open'; readonly opened: Opened; readonly votes: readonly Vote[]; readonly escalated: boolean }
  | { readonly status: 'granted' | 'rejected' | 'closed'; readonly votes: readonly Vote[] };

export interface CastVote {
  readonly type: 'vote';
  readonly by: string;
  readonly roles: readonly Role[];
  readonly decision: 'approve' | 'reject';
  readonly comment: string | null;
}

export type ApprovalCommand =
  | { readonly type: 'open'; readonly request: EventData<'ApprovalRequested'> }
  | CastVote
  | { readonly type: 'expire'; readonly now: string }
  | { readonly type: 'close'; readonly reason: string };

export type ApprovalCode =
  'approval_not_found' | 'approval_ended' | 'not_an_approver' | 'self_approval_forbidden' | 'already_voted';

type Open = Extract<ApprovalState, { status: 'open' }>;
type Decision = ReturnType<Decider<ApprovalState, ApprovalCommand, ApprovalEvent, Refusal<ApprovalCode>>['decide']>;

/** One approval: opened with the rule in force, voted on, and ended once. It holds no slot and no lock. */
export const approval: Decider<ApprovalState, ApprovalCommand, ApprovalEvent, Refusal<ApprovalCode>> = {
  initial: { status: 'absent' },
  evolve: evolveApproval,
  decide(command, state) {
    switch (command.type) {
      case 'open':
        return state.status === 'absent' ? accept(opening(command.request)) : accept();
      case 'vote':
        return vote(command, state);
      case 'expire':
        return state.status === 'open' ? expire(state, command.now) : accept();
      case 'close':
        return state.status === 'open'
          ? accept({ type: 'ApprovalClosed', data: { ...idsOf(state.opened), reason: command.reason } })
          : accept();
      default:
        return assertNever(command);
    }
  },
};

function evolveApproval(state: ApprovalState, event: ApprovalEvent): ApprovalState {
  if (event.type === 'ApprovalOpened') return { status: 'open', opened: event.data, votes: [], escalated: false };
  if (state.status !== 'open') throw new Error(`${event.type} on an approval that is ${state.status}`);
  switch (event.type) {
    case 'ApprovalVoted':
      return { ...state, votes: [...state.votes, { by: event.data.by, decision: event.data.decision }] };
    case 'ApprovalEscalated':
      return { ...state, escalated: true };
    case 'ApprovalGranted':
      return { status: 'granted', votes: state.votes };
    case 'ApprovalRejected':
      return { status: 'rejected', votes: state.votes };
    case 'ApprovalClosed':
      return { status: 'closed', votes: state.votes };
    default:
      return assertNever(event);
  }
}

function opening({
  subject,
  approval_id,
  rule,
  requested_by,
  excluded,
  approved_digest,
  expires_at,
}: EventData<'ApprovalRequested'>): ApprovalEvent {
  const { publish_id } = subject;
  return {
    type: 'ApprovalOpened',
    data: { approval_id, publish_id, subject, rule, requested_by, excluded, approved_digest, expires_at },
  };
}

function vote(command: CastVote, state: ApprovalState): Decision {
  const { by, decision, comment } = command;
  if (state.status === 'absent') return reject('approval_not_found', 'there is no such approval', 'approval_id');
  if (state.votes.some((cast) => cast.by === by && cast.decision === decision)) return accept();
  if (state.status !== 'open') return reject('approval_ended', `the approval has ended: ${state.status}`);
  const refusal = ineligible(command, state);
  if (refusal) return refusal;
  const ids = idsOf(state.opened);
  const voted: ApprovalEvent = { type: 'ApprovalVoted', data: { ...ids, by, decision, comment } };
  if (decision === 'reject') {
    return accept<ApprovalEvent>(voted, {
      type: 'ApprovalRejected',
      data: { ...ids, by, comment: comment ?? 'rejected without a comment' },
    });
  }
  const approved_by = [...approversOf(state), by];
  if (approved_by.length < state.opened.rule.quorum) return accept(voted);
  return accept<ApprovalEvent>(voted, {
    type: 'ApprovalGranted',
    data: { ...ids, approved_digest: state.opened.approved_digest, approved_by },
  });
}

function ineligible({ by, roles }: CastVote, { opened, votes }: Open) {
  const { approvers } = opened.rule;
  if (!roles.includes('approver') && !roles.includes('admin')) {
    return reject('not_an_approver', 'deciding on approvals needs the role approver or admin');
  }
  if (opened.excluded.includes(by)) {
    return reject('self_approval_forbidden', 'whoever requested the publish or tagged the version cannot decide on it');
  }
  if (approvers.length > 0 && !approvers.includes(by)) {
    return reject('not_an_approver', `the target names its approvers: ${approvers.join(', ')}`);
  }
  return votes.some((cast) => cast.by === by)
    ? reject('already_voted', 'you have decided on this approval already')
    : null;
}

function expire({ opened, escalated }: Open, now: string): Decision {
  const { expires_at, rule } = opened;
  if (expires_at === null || Date.parse(expires_at) > Date.parse(now)) return accept();
  const ids = idsOf(opened);
  if (rule.auto_reject_on_timeout) {
    return accept({
      type: 'ApprovalRejected',
      data: { ...ids, by: null, comment: `no quorum of ${rule.quorum} by ${expires_at}` },
    });
  }
  return escalated ? accept() : accept({ type: 'ApprovalEscalated', data: { ...ids, waiting_since: expires_at } });
}

const approversOf = ({ votes }: Open): readonly string[] =>
  votes.filter(({ decision }) => decision === 'approve').map(({ by }) => by);

function idsOf({ approval_id, publish_id }: Opened) {
  return { approval_id, publish_id };
}
