import { approvalEvents, type ApprovalEvent } from '@m3/contracts';
import type { AppendContext, EventStore } from '@m3/event-store';
import { decideAndAppend, eventsIn, StreamStates, type Decided } from '@m3/process';
import { approval, type ApprovalCommand, type ApprovalState } from '../domain/approval.js';

/** Carries out commands on approvals. */
export class DecideApprovals {
  private readonly states: StreamStates<ApprovalState, ApprovalEvent>;

  constructor(private readonly store: EventStore) {
    this.states = new StreamStates(store, {
      initial: approval.initial,
      evolve: approval.evolve,
      accepts: eventsIn<ApprovalEvent>(approvalEvents),
    });
  }

  handle(approvalId: string, command: ApprovalCommand, context: AppendContext): Promise<Decided<ApprovalState>> {
    return decideAndAppend({
      store: this.store,
      states: this.states,
      stream: `approval-${approvalId}`,
      decide: (state) => approval.decide(command, state),
      context,
    });
  }
}
