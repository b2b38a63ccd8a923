import { declared, type RecordedEventOf } from '@m3/contracts';
import { HandleEvent, type Delivery } from '@m3/messaging';
import { Controller } from '@nestjs/common';
import { about, Notify } from '../../use-cases/notify.js';

@Controller()
export class NotificationsController {
  constructor(private readonly notify: Notify) {}

  @HandleEvent(declared('NotificationRequested'), { concurrency: 32 })
  succeeded(event: RecordedEventOf<'NotificationRequested'>, delivery: Delivery): Promise<void> {
    return this.notify.announce(event.data.notification_id, event, delivery);
  }

  @HandleEvent(declared('PublishFailed'))
  failed(event: RecordedEventOf<'PublishFailed'>, delivery: Delivery): Promise<void> {
    return this.notify.announce(about(event), event, delivery);
  }

  @HandleEvent(declared('PublishRejected'))
  rejected(event: RecordedEventOf<'PublishRejected'>, delivery: Delivery): Promise<void> {
    return this.notify.announce(about(event), event, delivery);
  }

  @HandleEvent(declared('PublishCancelled'))
  cancelled(event: RecordedEventOf<'PublishCancelled'>, delivery: Delivery): Promise<void> {
    return this.notify.announce(about(event), event, delivery);
  }

  @HandleEvent(declared('PublishSuperseded'))
  superseded(event: RecordedEventOf<'PublishSuperseded'>): Promise<void> {
    return this.notify.announce(about(event), event);
  }

  @HandleEvent(declared('StartDelayed'))
  planned(event: RecordedEventOf<'StartDelayed'>): Promise<void> {
    return this.notify.announcePlan(event);
  }

  @HandleEvent(declared('PublishRolledBack'))
  rolledBack(event: RecordedEventOf<'PublishRolledBack'>, delivery: Delivery): Promise<void> {
    return this.notify.announce(about(event), event, delivery);
  }

  @HandleEvent(declared('PublishRollbackFailed'))
  rollbackFailed(event: RecordedEventOf<'PublishRollbackFailed'>, delivery: Delivery): Promise<void> {
    return this.notify.announce(about(event), event, delivery);
  }

  @HandleEvent(declared('ApprovalOpened'))
  approvalOpened(event: RecordedEventOf<'ApprovalOpened'>, delivery: Delivery): Promise<void> {
    return this.notify.announce(about(event), event, delivery);
  }

  @HandleEvent(declared('EmergencyDeclared'))
  emergencyDeclared(event: RecordedEventOf<'EmergencyDeclared'>): Promise<void> {
    return this.notify.announce(about(event), event);
  }

  @HandleEvent(declared('ApprovalReminded'))
  approvalReminded(event: RecordedEventOf<'ApprovalReminded'>): Promise<void> {
    return this.notify.announce(about(event), event);
  }

  @HandleEvent(declared('ApprovalVoided'))
  approvalVoided(event: RecordedEventOf<'ApprovalVoided'>): Promise<void> {
    return this.notify.announce(about(event), event);
  }

  @HandleEvent(declared('ReviewOpened'))
  reviewOpened(event: RecordedEventOf<'ReviewOpened'>): Promise<void> {
    return this.notify.announce(about(event), event);
  }

  @HandleEvent(declared('ReviewClosed'))
  reviewClosed(event: RecordedEventOf<'ReviewClosed'>): Promise<void> {
    return this.notify.announce(about(event), event);
  }

  @HandleEvent(declared('ApprovalEscalated'))
  approvalEscalated(event: RecordedEventOf<'ApprovalEscalated'>, delivery: Delivery): Promise<void> {
    return this.notify.announce(about(event), event, delivery);
  }

  @HandleEvent(declared('VersionConflictDetected'))
  versionConflict(event: RecordedEventOf<'VersionConflictDetected'>, delivery: Delivery): Promise<void> {
    return this.notify.announce(about(event), event, delivery);
  }

  @HandleEvent(declared('PublishAnnounced'))
  publishAnnounced(event: RecordedEventOf<'PublishAnnounced'>): Promise<void> {
    return this.notify.announce(about(event), event);
  }

  @HandleEvent(declared('DeadlineMissed'))
  deadlineMissed(event: RecordedEventOf<'DeadlineMissed'>): Promise<void> {
    return this.notify.announce(about(event), event);
  }

  @HandleEvent(declared('DeadlineCaughtUp'))
  deadlineCaughtUp(event: RecordedEventOf<'DeadlineCaughtUp'>): Promise<void> {
    return this.notify.announce(about(event), event);
  }

  @HandleEvent(declared('DutyMissed'))
  dutyMissed(event: RecordedEventOf<'DutyMissed'>): Promise<void> {
    return this.notify.announce(about(event), event);
  }

  @HandleEvent(declared('DutyCaughtUp'))
  dutyCaughtUp(event: RecordedEventOf<'DutyCaughtUp'>): Promise<void> {
    return this.notify.announce(about(event), event);
  }
}
