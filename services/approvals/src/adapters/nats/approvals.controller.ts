import { declared, type Actor, type CommandPayload, type RecordedEventOf } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import { HandleEvent } from '@m3/messaging';
import { causedBy, startedBy } from '@m3/process';
import { answer, HandleCommand, RUNTIME, type CommandOutcome, type ServiceRuntime } from '@m3/service-kit';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import type { CastVote } from '../../domain/approval.js';
import { DecideApprovals } from '../../use-cases/decide-approvals.js';

const approvals: Actor = { kind: 'service', id: 'approvals' };

@Controller()
export class ApprovalsController {
  private readonly store: EventStore;

  constructor(
    private readonly decisions: DecideApprovals,
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime,
  ) {
    this.store = runtime.store;
  }

  @HandleEvent(declared('ApprovalRequested'))
  async requested(event: RecordedEventOf<'ApprovalRequested'>): Promise<void> {
    // Events may arrive in any order: a publish that has ended meanwhile is not asked about any more.
    const since = await this.store.readStream(event.stream, event.streamVersion);
    if (since.some(({ type }) => type === 'PublishCancelled' || type === 'PublishSuperseded')) return;
    const context = causedBy(event, approvals, this.runtime.clock);
    await this.decisions.handle(event.data.approval_id, { type: 'open', request: event.data }, context);
  }

  @HandleEvent(declared('PublishCancelled'))
  cancelled(event: RecordedEventOf<'PublishCancelled'>): Promise<void> {
    return this.closeApprovalOf(event, 'the publish was cancelled');
  }

  @HandleEvent(declared('PublishSuperseded'))
  superseded(event: RecordedEventOf<'PublishSuperseded'>): Promise<void> {
    return this.closeApprovalOf(event, `the publish was superseded: ${event.data.reason}`.slice(0, 2000));
  }

  @HandleCommand('approvals.approve')
  approve(@Payload() payload: unknown) {
    return answer('approvals.approve', payload, (command) => this.vote(command, 'approve'));
  }

  @HandleCommand('approvals.reject')
  reject(@Payload() payload: unknown) {
    return answer('approvals.reject', payload, (command) => this.vote(command, 'reject'));
  }

  private async vote(
    { approval_id, caller, command_id, comment }: CommandPayload<'approvals.approve' | 'approvals.reject'>,
    decision: CastVote['decision'],
  ): Promise<CommandOutcome<'approvals.approve'>> {
    const context = startedBy(command_id, { kind: 'user', id: caller.id }, this.runtime.clock);
    const command: CastVote = { type: 'vote', by: caller.id, roles: caller.roles, decision, comment };
    const decided = await this.decisions.handle(approval_id, command, context);
    if (decided.outcome === 'rejected') return { outcome: 'rejected', rejection: decided.rejection };
    return { outcome: 'accepted', result: { approval_id, status: decided.state.status } };
  }

  /** The publish's own stream says which approval it had asked for. */
  private async closeApprovalOf(
    event: RecordedEventOf<'PublishCancelled' | 'PublishSuperseded'>,
    reason: string,
  ): Promise<void> {
    const history = await this.store.readStream(event.stream);
    const asked = history.find(isApprovalRequested);
    if (!asked) return;
    const context = causedBy(event, approvals, this.runtime.clock);
    await this.decisions.handle(asked.data.approval_id, { type: 'close', reason }, context);
  }
}

function isApprovalRequested(event: { readonly type: string }): event is RecordedEventOf<'ApprovalRequested'> {
  return event.type === 'ApprovalRequested';
}
