import type { DomainEvent, RecordedEvent } from '@m3/contracts';

/** What is told to the world about an event. */
export interface Announcement {
  /** `publish.succeeded`, `approval.opened`, … */
  readonly kind: string;
  readonly publish_id: string | null;
  readonly message: string;
}

/** The events that somebody is told of. */
export type Announced = Extract<
  DomainEvent,
  {
    type:
      | 'NotificationRequested'
      | 'PublishFailed'
      | 'PublishRejected'
      | 'PublishCancelled'
      | 'PublishRolledBack'
      | 'PublishRollbackFailed'
      | 'ApprovalOpened'
      | 'ApprovalEscalated'
      | 'VersionConflictDetected'
      | 'PublishAnnounced';
  }
>;

export function announcementOf(event: Announced): Announcement {
  const { data } = event;
  const about = (kind: string, message: string): Announcement => ({
    kind,
    publish_id: 'publish_id' in data ? data.publish_id : 'subject' in data ? data.subject.publish_id : null,
    message,
  });
  switch (event.type) {
    case 'NotificationRequested':
      return about('publish.succeeded', event.data.message);
    case 'PublishFailed':
      return about('publish.failed', `failed while ${event.data.step}: ${event.data.reason}`);
    case 'PublishRejected':
      return about(
        'publish.rejected',
        `rejected${event.data.by === null ? '' : ` by ${event.data.by}`}: ${event.data.comment}`,
      );
    case 'PublishCancelled':
      return about('publish.cancelled', `cancelled by ${event.data.by}: ${event.data.reason}`);
    case 'PublishRolledBack':
      return about(
        'publish.rolled_back',
        `rolled back to ${event.data.restored_version ?? 'nothing'}: ${event.data.reason}`,
      );
    case 'PublishRollbackFailed':
      return about(
        'publish.rollback_failed',
        `the rollback failed: ${event.data.reason}. By hand: ${event.data.manual_steps.join('; ')}`,
      );
    case 'ApprovalOpened': {
      const { subject, rule } = event.data;
      const who = rule.approvers.length > 0 ? rule.approvers.join(', ') : 'anyone who may approve';
      return about(
        'approval.opened',
        `${subject.project} ${subject.version} to ${subject.target_name} needs ${rule.quorum} approvals of ${who}`,
      );
    }
    case 'ApprovalEscalated':
      return about('approval.escalated', `no decision since ${event.data.waiting_since}`);
    case 'VersionConflictDetected': {
      const { project, version, tagged_by } = event.data;
      return about(
        'version.conflict',
        `${tagged_by} tagged ${project} ${version} again with other contents; it was refused`,
      );
    }
    case 'PublishAnnounced': {
      const { project, version, target_name, expected_at } = event.data;
      return about('publish.planned', `${project} ${version} will be published to ${target_name} at ${expected_at}`);
    }
  }
}

/** The body of a webhook: type, time and data as Standard Webhooks name them. */
export function payloadOf(
  announcement: Announcement,
  event: Pick<RecordedEvent, 'metadata' | 'data'>,
): Record<string, unknown> {
  const { kind, publish_id, message } = announcement;
  const subject = 'subject' in event.data ? event.data.subject : undefined;
  const planned = 'expected_at' in event.data ? event.data : undefined;
  return {
    type: kind,
    timestamp: event.metadata.occurredAt,
    data: { publish_id, message, ...(subject === undefined ? {} : { subject }), ...(planned ? { planned } : {}) },
  };
}
