import { declared, type Actor, type RecordedEvent, type RecordedEventOf } from '@m3/contracts';
import { HandleEvent } from '@m3/messaging';
import { causedBy, type Clock } from '@m3/process';
import { Controller, Inject } from '@nestjs/common';
import type { PublishInput } from '../../domain/publish.inputs.js';
import { AdvancePublish } from '../../use-cases/advance-publish.js';
import { RequestTriggered } from '../../use-cases/request-triggered.js';
import { CLOCK } from '../../tokens.js';

const deployer: Actor = { kind: 'service', id: 'deployer' };

/** Everything that a publish waits for, brought to its process. */
@Controller()
export class PublishController {
  constructor(
    private readonly publishes: AdvancePublish,
    private readonly requests: RequestTriggered,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @HandleEvent(declared('VersionTagged'))
  versionTagged(event: RecordedEventOf<'VersionTagged'>): Promise<void> {
    return this.requests.all(event);
  }

  @HandleEvent(declared('PublishTriggered'), { concurrency: 64 })
  triggered(event: RecordedEventOf<'PublishTriggered'>): Promise<void> {
    return this.requests.one(event);
  }

  @HandleEvent(declared('ValidationCompleted'), { concurrency: 64 })
  validated(event: RecordedEventOf<'ValidationCompleted'>): Promise<void> {
    return this.react(event);
  }

  @HandleEvent(declared('GatesCompleted'), { concurrency: 64 })
  gated(event: RecordedEventOf<'GatesCompleted'>): Promise<void> {
    return this.react(event);
  }

  @HandleEvent(declared('ApprovalGranted'))
  approved(event: RecordedEventOf<'ApprovalGranted'>): Promise<void> {
    return this.react(event);
  }

  @HandleEvent(declared('ApprovalRejected'))
  rejected(event: RecordedEventOf<'ApprovalRejected'>): Promise<void> {
    return this.react(event);
  }

  /** A slot that was free is granted in the append that asks for it: only who stood in line has to be told. */
  @HandleEvent(declared('SlotGranted'), { concurrency: 64, own: true })
  async slotGranted(event: RecordedEventOf<'SlotGranted'>): Promise<void> {
    if (!(await this.publishes.hasSlot(event.data.publish_id))) await this.react(event);
  }

  @HandleEvent(declared('PublishOvertaken'))
  overtaken(event: RecordedEventOf<'PublishOvertaken'>): Promise<void> {
    return this.react(event);
  }

  @HandleEvent(declared('BackupTaken'), { concurrency: 64 })
  backedUp(event: RecordedEventOf<'BackupTaken'>): Promise<void> {
    return this.react(event);
  }

  @HandleEvent(declared('BackupFailed'))
  backupFailed(event: RecordedEventOf<'BackupFailed'>): Promise<void> {
    return this.react(event);
  }

  @HandleEvent(declared('BackupChecked'))
  backupChecked(event: RecordedEventOf<'BackupChecked'>): Promise<void> {
    return this.react(event);
  }

  @HandleEvent(declared('BackupRestored'))
  restored(event: RecordedEventOf<'BackupRestored'>): Promise<void> {
    return this.react(event);
  }

  @HandleEvent(declared('BackupRestoreFailed'))
  restoreFailed(event: RecordedEventOf<'BackupRestoreFailed'>): Promise<void> {
    return this.react(event);
  }

  @HandleEvent(declared('NotificationAttempted'), { concurrency: 64 })
  notified(event: RecordedEventOf<'NotificationAttempted'>): Promise<void> {
    return this.react(event);
  }

  private async react(event: RecordedEvent & Extract<PublishInput, { readonly data: unknown }>): Promise<void> {
    const { publish_id } = event.data;
    if (publish_id !== null) await this.publishes.react(publish_id, event, causedBy(event, deployer, this.clock));
  }
}
