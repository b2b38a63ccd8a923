import { declared, type Actor, type RecordedEventOf } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import { HandleEvent, HandleInbox, Unprocessable, type InboxMessage } from '@m3/messaging';
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

  @HandleEvent(declared('PublishRolledBack'))
  rolledBack(event: RecordedEventOf<'PublishRolledBack'>): Promise<void> {
    const { restored_version, reason } = event.data;
    return this.hold(event, `rolled back to ${restored_version ?? 'nothing'}: ${reason}`);
  }

  @HandleEvent(declared('PublishRollbackFailed'))
  rollbackFailed(event: RecordedEventOf<'PublishRollbackFailed'>): Promise<void> {
    return this.hold(event, `the rollback failed: ${event.data.reason}`);
  }

  /** What was just undone is not published again by itself: an operator releases the target, and the version with it. */
  private async hold(
    event: RecordedEventOf<'PublishRolledBack' | 'PublishRollbackFailed'>,
    reason: string,
  ): Promise<void> {
    const requested = (await this.store.readStream(event.stream)).find(isPublishRequested);
    if (!requested) throw new Error(`${event.stream} was never requested`);
    const { project, version } = requested.data;
    const command = { type: 'hold', reason: reason.slice(0, 2000), vetoed: { project, version } } as const;
    await this.changes.handle(event.data.target_id, command, causedBy(event, targets, this.clock));
  }
}

function isPublishRequested(event: { readonly type: string }): event is RecordedEventOf<'PublishRequested'> {
  return event.type === 'PublishRequested';
}
