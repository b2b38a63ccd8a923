import { approvalEvents, type ApprovalEvent } from '@m3/contracts';
import type { AppendContext, EventStore, StreamWrite } from '@m3/event-store';
import { decideAndAppend, eventsIn, StreamStates, type Decided } from '@m3/process';
import { approval, type ApprovalCommand, type CastVote } from '../domain/approval.js';
import type { ApprovalState } from '../domain/approval.state.js';
import { news, type KnownPeople } from './known-people.js';

/** More conflicts in a row than voters could cause. */
const maxAttempts = 20;

export type CastBallot = Omit<CastVote, 'seen'>;

/** Carries out commands on approvals. */
export class DecideApprovals {
  private readonly states: StreamStates<ApprovalState, ApprovalEvent>;

  constructor(
    private readonly store: EventStore,
    private readonly people: KnownPeople,
  ) {
    this.states = new StreamStates(store, {
      initial: approval.initial,
      evolve: approval.evolve,
      accepts: eventsIn<ApprovalEvent>(approvalEvents),
    });
  }

  handle(
    approvalId: string,
    command: Exclude<ApprovalCommand, CastVote>,
    context: AppendContext,
  ): Promise<Decided<ApprovalState>> {
    return decideAndAppend({
      ...{ store: this.store, states: this.states, stream: streamOf(approvalId), context },
      decide: (state) => approval.decide(command, state),
    });
  }

  /**
   * A vote is counted together with what is known of the roles of all who voted: the append checks that nothing newer
   * was seen of any of them.
   */
  async vote(approvalId: string, ballot: CastBallot, context: AppendContext): Promise<Decided<ApprovalState>> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const voted = await this.tryVote(approvalId, ballot, context);
      if (voted !== null) return voted;
    }
    throw new Error(`approval ${approvalId}: ${maxAttempts} version conflicts in a row`);
  }

  /** Null: another writer came first. */
  private async tryVote(
    id: string,
    ballot: CastBallot,
    context: AppendContext,
  ): Promise<Decided<ApprovalState> | null> {
    const current = await this.states.reload(streamOf(id));
    const { state } = current;
    const others = votersOf(state).filter((person) => person !== ballot.by);
    const own = await this.people.look(ballot.by, true);
    const known = await Promise.all(others.map((person) => this.people.look(person, true)));
    const seen = new Map(
      known.flatMap(({ state: roles }, index) => (roles === null ? [] : [[others[index] ?? '', roles]])),
    );
    const decision = approval.decide({ ...ballot, seen }, state);
    if (decision.outcome === 'rejected') return { ...decision, state };
    if (decision.events.length === 0) return { outcome: 'accepted', state, events: [] };
    const writes: StreamWrite[] = [
      { stream: current.stream, expectedVersion: current.version, events: decision.events },
      { stream: own.stream, expectedVersion: own.version, events: news(ballot.by, ballot.roles, own.state) },
      ...known.map(({ stream, version }) => ({ stream, expectedVersion: version, events: [] })),
    ];
    const result = await this.store.append(writes, context);
    if (result.outcome === 'conflict') return null;
    this.states.appended(current, result.events);
    return { outcome: 'accepted', state: (await this.states.load(current.stream)).state, events: result.events };
  }
}

const streamOf = (approvalId: string): string => `approval-${approvalId}`;

function votersOf(state: ApprovalState): readonly string[] {
  return 'votes' in state ? [...new Set(state.votes.map(({ by }) => by))] : [];
}
