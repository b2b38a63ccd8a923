import { declared, type RecordedEventOf } from '@m3/contracts';
import { HandleEvent, type Delivery } from '@m3/messaging';
import { Controller } from '@nestjs/common';
import { Notify } from '../../use-cases/notify.js';

/** The id of the notification about an event that names none: one event, one notification. */
const about = ({ eventId }: { readonly eventId: string }): string => `ntf_${eventId}`;

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

  @HandleEvent(declared('ApprovalEscalated'))
  approvalEscalated(event: RecordedEventOf<'ApprovalEscalated'>, delivery: Delivery): Promise<void> {
    return this.notify.announce(about(event), event, delivery);
  }

  @HandleEvent(declared('VersionConflictDetected'))
  versionConflict(event: RecordedEventOf<'VersionConflictDetected'>, delivery: Delivery): Promise<void> {
    return this.notify.announce(about(event), event, delivery);
  }
}
