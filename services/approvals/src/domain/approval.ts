import type { ApprovalEvent, EventData } from '@m3/contracts';
import { accept, assertNever, reject, type Decider, type Refusal } from '@m3/decider';
import type { ApprovalState, OpenApproval } from './approval.state.js';
import { pass } from './passing-time.js';
import { countedApprovers, ineligible, mayDecide, type SeenRoles, type Vote } from './votes.js';

type Opened = OpenApproval['opened'];

/** Who does something, as the verified token says it. */
interface By {
  readonly by: string;
  readonly roles: readonly string[];
}
export interface CastVote extends By {
  readonly type: 'vote';
  readonly decision: 'approve' | 'reject';
  readonly comment: string | null;
  /** The roles that others were last seen with. */
  readonly seen: SeenRoles;
}
export interface Withdraw extends By {
  readonly type: 'withdraw';
}
export interface Comment extends By {
  readonly type: 'comment';
  readonly comment: string;
}

export type ApprovalCommand =
  | { readonly type: 'open'; readonly request: EventData<'ApprovalRequested'>; readonly now: string }
  | CastVote
  | Withdraw
  | Comment
  | { readonly type: 'expire'; readonly now: string }
  | { readonly type: 'close'; readonly approval_id: string; readonly publish_id: string; readonly reason: string };

export type ApprovalCode =
  | 'approval_not_found'
  | 'approval_ended'
  | 'not_an_approver'
  | 'self_approval_forbidden'
  | 'already_voted'
  | 'not_voted';

type Decision = ReturnType<Decider<ApprovalState, ApprovalCommand, ApprovalEvent, Refusal<ApprovalCode>>['decide']>;

/** One approval: opened with the rule in force, voted on, and ended once. It holds no slot and no lock. */
export const approval: Decider<ApprovalState, ApprovalCommand, ApprovalEvent, Refusal<ApprovalCode>> = {
  initial: { status: 'absent' },
  evolve: evolveApproval,
  decide(command, state) {
    switch (command.type) {
      case 'open':
        return state.status === 'absent' ? accept(opening(command.request, command.now)) : accept();
      case 'vote':
        return vote(command, state);
      case 'withdraw':
        return withdraw(command, state);
      case 'comment':
        return comment(command, state);
      case 'expire':
        return state.status === 'open' ? accept(...pass(state, command.now)) : accept();
      case 'close':
        return close(command, state);
      default:
        return assertNever(command);
    }
  },
};

function evolveApproval(state: ApprovalState, event: ApprovalEvent): ApprovalState {
  if (event.type === 'ApprovalOpened') return { ...fresh, opened: event.data };
  if (event.type === 'ApprovalClosed') return { status: 'closed', votes: 'votes' in state ? state.votes : [] };
  if (state.status !== 'open') throw new Error(`${event.type} on an approval that is ${state.status}`);
  switch (event.type) {
    case 'ApprovalVoted': {
      const { by, decision, roles } = event.data;
      const withdrawn = state.withdrawn.filter((each) => each !== by);
      return { ...state, votes: [...state.votes, { by, decision, roles }], withdrawn };
    }
    case 'ApprovalVoteWithdrawn': {
      const votes = state.votes.filter(({ by }) => by !== event.data.by);
      return { ...state, votes, withdrawn: [...state.withdrawn, event.data.by] };
    }
    case 'ApprovalCommented': {
      const { by, comment } = event.data;
      return { ...state, comments: [...state.comments, { by, comment }] };
    }
    case 'ApprovalReminded':
      return { ...state, reminded: [...state.reminded, event.data.at] };
    case 'ApprovalEscalated':
      return { ...state, escalated: true };
    case 'ApprovalGranted':
      return { status: 'granted', votes: state.votes };
    case 'ApprovalRejected':
      return { status: 'rejected', votes: state.votes };
    default:
      return assertNever(event);
  }
}

const fresh = { status: 'open', votes: [], withdrawn: [], comments: [], reminded: [], escalated: false } as const;

function opening(request: EventData<'ApprovalRequested'>, opened_at: string): ApprovalEvent {
  return { type: 'ApprovalOpened', data: { ...request, publish_id: request.subject.publish_id, opened_at } };
}

function vote(command: CastVote, state: ApprovalState): Decision {
  if (state.status === 'absent') return notFound;
  const { by, roles, decision } = command;
  const cast = state.votes.find((each) => each.by === by);
  if (state.status !== 'open') return cast?.decision === decision ? accept() : hasEnded(state.status);
  return ineligible(state.opened, by, roles) ?? voteOf(command, cast, state);
}

/** The vote of somebody who may cast one. */
function voteOf(command: CastVote, cast: Vote | undefined, state: OpenApproval): Decision {
  const { by, roles, decision, comment: said } = command;
  // The same again changes nothing of itself, but is a moment to count: of somebody else more may be known by now.
  if (cast?.decision === decision) return accept(...granted(state, state.votes, command));
  if (cast) return reject('already_voted', 'you have decided otherwise on this approval; withdraw that first');
  const ids = idsOf(state.opened);
  const voted: ApprovalEvent = {
    type: 'ApprovalVoted',
    data: { ...ids, by, decision, comment: said, roles: [...roles] },
  };
  if (decision === 'approve')
    return accept(voted, ...granted(state, [...state.votes, { by, decision, roles }], command));
  return accept<ApprovalEvent>(voted, {
    type: 'ApprovalRejected',
    data: { ...ids, by, comment: said ?? 'rejected without a comment' },
  });
}

/** The grant, if the votes that count now are enough. */
function granted({ opened }: OpenApproval, votes: readonly Vote[], { by, roles, seen }: CastVote): ApprovalEvent[] {
  const approved_by = [...countedApprovers(opened, votes, new Map(seen).set(by, roles))];
  if (approved_by.length < opened.rule.quorum) return [];
  const { approved_digest } = opened;
  return [{ type: 'ApprovalGranted', data: { ...idsOf(opened), approved_digest, approved_by } }];
}

function withdraw({ by }: Withdraw, state: ApprovalState): Decision {
  if (state.status === 'absent') return notFound;
  if (state.status !== 'open') return hasEnded(state.status);
  if (state.withdrawn.includes(by)) return accept();
  if (!state.votes.some((cast) => cast.by === by)) return reject('not_voted', 'you have no vote on this approval');
  return accept({ type: 'ApprovalVoteWithdrawn', data: { ...idsOf(state.opened), by } });
}

/** Those who cannot decide have something to say too: the requester answers questions. Said again it is said once. */
function comment({ by, roles, comment: said }: Comment, state: ApprovalState): Decision {
  if (state.status === 'absent') return notFound;
  if (state.status !== 'open') return hasEnded(state.status);
  const { opened } = state;
  if (!mayDecide(opened.rule, by, roles) && !opened.excluded.includes(by) && opened.requested_by !== by)
    return reject('not_an_approver', 'comments come from those who decide and from those who asked');
  if (state.comments.some((each) => each.by === by && each.comment === said)) return accept();
  return accept({ type: 'ApprovalCommented', data: { ...idsOf(opened), by, comment: said } });
}

/** One that was never opened is closed too, so that a request for it which arrives late opens nothing. */
function close({ approval_id, publish_id, reason }: Extract<ApprovalCommand, { type: 'close' }>, state: ApprovalState) {
  if (state.status !== 'open' && state.status !== 'absent') return accept<ApprovalEvent>();
  return accept<ApprovalEvent>({ type: 'ApprovalClosed', data: { approval_id, publish_id, reason } });
}

const notFound = reject('approval_not_found', 'there is no such approval', 'approval_id');
const hasEnded = (status: string) => reject('approval_ended', `the approval has ended: ${status}`);

function idsOf({ approval_id, publish_id }: Opened) {
  return { approval_id, publish_id };
}
