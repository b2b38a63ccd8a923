import { declared, type Actor, type Caller, type CommandPayload, type RecordedEventOf } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import { HandleEvent } from '@m3/messaging';
import { causedBy, startedBy, type Decided } from '@m3/process';
import { answer, HandleCommand, RUNTIME, type CommandOutcome, type ServiceRuntime } from '@m3/service-kit';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import type { Comment, Withdraw } from '../../domain/approval.js';
import type { ApprovalState } from '../../domain/approval.state.js';
import { DecideApprovals, type CastBallot } from '../../use-cases/decide-approvals.js';
import { KnownPeople } from '../../use-cases/known-people.js';

const approvals: Actor = { kind: 'service', id: 'approvals' };

@Controller()
export class ApprovalsController {
  private readonly store: EventStore;

  constructor(
    private readonly decisions: DecideApprovals,
    private readonly people: KnownPeople,
    @Inject(RUNTIME) private readonly runtime: Pick<ServiceRuntime, 'store' | 'clock'>,
  ) {
    this.store = runtime.store;
  }

  @HandleEvent(declared('ApprovalRequested'))
  async requested(event: RecordedEventOf<'ApprovalRequested'>): Promise<void> {
    // Events may arrive in any order: a publish that has ended or asked anew meanwhile is not asked about any more.
    const since = await this.store.readStream(event.stream, event.streamVersion);
    if (since.some(({ type }) => endings.has(type))) return;
    const context = causedBy(event, approvals, this.runtime.clock);
    const { occurredAt: now } = context;
    await this.decisions.handle(event.data.approval_id, { type: 'open', request: event.data, now }, context);
  }

  @HandleEvent(declared('ApprovalVoided'))
  async voided(event: RecordedEventOf<'ApprovalVoided'>): Promise<void> {
    const { approval_id, publish_id, reason } = event.data;
    if (approval_id === null) return;
    const context = causedBy(event, approvals, this.runtime.clock);
    const closing = { type: 'close', approval_id, publish_id, reason: `void: ${reason}`.slice(0, 2000) } as const;
    await this.decisions.handle(approval_id, closing, context);
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

  @HandleCommand('approvals.withdraw')
  withdraw(@Payload() payload: unknown) {
    return answer('approvals.withdraw', payload, (command) =>
      this.handle(command, { type: 'withdraw', ...by(command) }),
    );
  }

  @HandleCommand('approvals.comment')
  comment(@Payload() payload: unknown) {
    return answer('approvals.comment', payload, (command) =>
      this.handle(command, { type: 'comment', ...by(command), comment: command.comment }),
    );
  }

  @HandleCommand('approvals.see')
  see(@Payload() payload: unknown) {
    return answer('approvals.see', payload, async (command) => {
      await this.people.see(command.caller, this.contextOf(command));
      return { outcome: 'accepted', result: { person_id: command.caller.id } };
    });
  }

  private async vote(
    command: CommandPayload<'approvals.approve' | 'approvals.reject'>,
    decision: CastBallot['decision'],
  ): Promise<CommandOutcome<'approvals.approve'>> {
    const { approval_id, comment } = command;
    const ballot: CastBallot = { type: 'vote', ...by(command), decision, comment };
    return outcomeOf(approval_id, await this.decisions.vote(approval_id, ballot, this.contextOf(command)));
  }

  private async handle(
    command: CommandPayload<'approvals.withdraw' | 'approvals.comment'>,
    change: Withdraw | Comment,
  ): Promise<CommandOutcome<'approvals.withdraw'>> {
    const { approval_id } = command;
    return outcomeOf(approval_id, await this.decisions.handle(approval_id, change, this.contextOf(command)));
  }

  private contextOf({ command_id, caller }: Pick<CommandPayload<'approvals.see'>, 'command_id' | 'caller'>) {
    return startedBy(command_id, { kind: 'user', id: caller.id }, this.runtime.clock);
  }

  /** The publish's own stream says which approval it had asked for last. */
  private async closeApprovalOf(
    event: RecordedEventOf<'PublishCancelled' | 'PublishSuperseded'>,
    reason: string,
  ): Promise<void> {
    const history = await this.store.readStream(event.stream);
    const asked = history.findLast(isApprovalRequested);
    if (!asked) return;
    const { approval_id, subject } = asked.data;
    const context = causedBy(event, approvals, this.runtime.clock);
    const closing = { type: 'close', approval_id, publish_id: subject.publish_id, reason } as const;
    await this.decisions.handle(approval_id, closing, context);
  }
}

const endings = new Set(['ApprovalVoided', 'PublishCancelled', 'PublishSuperseded']);

function by({ caller }: { readonly caller: Caller }) {
  return { by: caller.id, roles: caller.roles };
}

function outcomeOf(approval_id: string, decided: Decided<ApprovalState>): CommandOutcome<'approvals.approve'> {
  if (decided.outcome === 'rejected') return { outcome: 'rejected', rejection: decided.rejection };
  return { outcome: 'accepted', result: { approval_id, status: decided.state.status } };
}

function isApprovalRequested(event: { readonly type: string }): event is RecordedEventOf<'ApprovalRequested'> {
  return event.type === 'ApprovalRequested';
}
