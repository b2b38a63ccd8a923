import { declared, type Actor, type RecordedEvent, type RecordedEventOf } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import { HandleEvent, HandleInbox, Unprocessable, type InboxMessage } from '@m3/messaging';
import type { VetoedVersion } from '@m3/policies';
import { causedBy, startedBy, type Clock } from '@m3/process';
import { RUNTIME, type ServiceRuntime } from '@m3/service-kit';
import { Controller, Inject } from '@nestjs/common';
import { Counter } from 'prom-client';
import { readTagMessage } from '../../domain/tag-message.js';
import { ChangeTargets } from '../../use-cases/change-targets.js';
import { TagVersion } from '../../use-cases/tag-version.js';

const targets: Actor = { kind: 'service', id: 'targets' };

/** What other services and publishes tell this one. */
@Controller()
export class TagsController {
  private readonly clock: Clock;
  private readonly store: EventStore;
  private readonly repeats: Counter;

  constructor(
    private readonly versions: TagVersion,
    private readonly changes: ChangeTargets,
    @Inject(RUNTIME) { clock, metrics, store }: ServiceRuntime,
  ) {
    this.clock = clock;
    this.store = store;
    this.repeats = new Counter({
      name: 'm3_tags_repeated_total',
      help: 'Tags that were there already',
      registers: [metrics],
    });
  }

  /** A tag is in no log yet: one that a process took to its grave comes again after the wait, and not before. */
  @HandleInbox('version.tagged', { concurrency: 16, ackWaitMs: 5_000 })
  async tagged({ bytes }: InboxMessage): Promise<void> {
    const read = readTagMessage(bytes);
    if (!read.ok) throw new Unprocessable(read.code, read.reason, read.field);
    const { id, source, data } = read.message;
    const context = startedBy(id, { kind: 'service', id: source }, this.clock);
    const outcome = await this.versions.tag(data, { source, id }, context);
    if (outcome.outcome === 'rejected')
      throw new Unprocessable(outcome.rejection.code, outcome.rejection.detail, outcome.rejection.field);
    if (outcome.outcome === 'already_tagged') this.repeats.inc();
  }

  /** At its beginning, so that no automatic publish is quicker than its end. */
  @HandleEvent(declared('RollbackRequested'))
  async rollbackRequested(event: RecordedEventOf<'RollbackRequested'>): Promise<void> {
    const { target, version, requested_by, reason } = event.data;
    await this.hold(event, target.target_id, `rolled back to ${version} by ${requested_by}: ${reason}`);
  }

  @HandleEvent(declared('PublishRolledBack'))
  rolledBack(event: RecordedEventOf<'PublishRolledBack'>): Promise<void> {
    const { restored_version, reason, target_id } = event.data;
    return this.hold(event, target_id, `rolled back to ${restored_version ?? 'nothing'}: ${reason}`);
  }

  @HandleEvent(declared('PublishRollbackFailed'))
  rollbackFailed(event: RecordedEventOf<'PublishRollbackFailed'>): Promise<void> {
    return this.hold(event, event.data.target_id, `the rollback failed: ${event.data.reason}`);
  }

  /** What was just undone is not published again by itself: an operator releases the target, and the version with it. */
  private async hold(event: RecordedEvent, targetId: string, text: string): Promise<void> {
    const reason = text.slice(0, 2000);
    const vetoed = await this.vetoedBy(event.stream);
    const context = causedBy(event, targets, this.clock);
    if (vetoed.length === 0) await this.changes.handle(targetId, { type: 'hold', reason }, context);
    for (const version of vetoed)
      await this.changes.handle(targetId, { type: 'hold', reason, vetoed: version }, context);
  }

  /** What a publish brought, or what a rollback was asked to take away. */
  private async vetoedBy(stream: string): Promise<readonly VetoedVersion[]> {
    const [requested] = await this.store.readStream(stream);
    if (requested && isRollbackRequested(requested)) return requested.data.vetoed;
    if (!requested || !isPublishRequested(requested)) throw new Error(`${stream} was never requested`);
    const { project, version } = requested.data;
    return [{ project, version }];
  }
}

function isRollbackRequested(event: { readonly type: string }): event is RecordedEventOf<'RollbackRequested'> {
  return event.type === 'RollbackRequested';
}

function isPublishRequested(event: { readonly type: string }): event is RecordedEventOf<'PublishRequested'> {
  return event.type === 'PublishRequested';
}
