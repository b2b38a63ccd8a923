import { declared, type RecordedEventOf } from '@m3/contracts';
import { HandleEvent } from '@m3/messaging';
import { Controller } from '@nestjs/common';
import { about, Notify } from '../../use-cases/notify.js';

@Controller()
export class NotificationsController {
  constructor(private readonly notify: Notify) {}

  @HandleEvent(declared('NotificationRequested'), { concurrency: 32 })
  succeeded(event: RecordedEventOf<'NotificationRequested'>): Promise<void> {
    return this.notify.announce(event.data.notification_id, event);
  }

  @HandleEvent(declared('PublishFailed'))
  failed(event: RecordedEventOf<'PublishFailed'>): Promise<void> {
    return this.notify.announce(about(event), event);
  }

  @HandleEvent(declared('PublishRejected'))
  rejected(event: RecordedEventOf<'PublishRejected'>): Promise<void> {
    return this.notify.announce(about(event), event);
  }

  @HandleEvent(declared('PublishCancelled'))
  cancelled(event: RecordedEventOf<'PublishCancelled'>): Promise<void> {
    return this.notify.announce(about(event), event);
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
  rolledBack(event: RecordedEventOf<'PublishRolledBack'>): Promise<void> {
    return this.notify.announce(about(event), event);
  }

  @HandleEvent(declared('PublishRollbackFailed'))
  rollbackFailed(event: RecordedEventOf<'PublishRollbackFailed'>): Promise<void> {
    return this.notify.announce(about(event), event);
  }

  @HandleEvent(declared('ApprovalOpened'))
  approvalOpened(event: RecordedEventOf<'ApprovalOpened'>): Promise<void> {
    return this.notify.announce(about(event), event);
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
  approvalEscalated(event: RecordedEventOf<'ApprovalEscalated'>): Promise<void> {
    return this.notify.announce(about(event), event);
  }

  @HandleEvent(declared('VersionConflictDetected'))
  versionConflict(event: RecordedEventOf<'VersionConflictDetected'>): Promise<void> {
    return this.notify.announce(about(event), event);
  }
}
