import type { DomainEvent, EventData } from '@m3/contracts';

/** What is told to the world about an event. */
export interface Announcement {
  /** `publish.succeeded`, `approval.opened`, … */
  readonly kind: string;
  readonly publish_id: string | null;
  readonly message: string;
  /** What an alert is about that is about no publish: the same while that lasts. */
  readonly incident?: string;
  /** When it is expected to happen, for what is announced ahead. */
  readonly planned_at?: string;
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
      | 'PublishSuperseded'
      | 'StartDelayed'
      | 'PublishRolledBack'
      | 'PublishRollbackFailed'
      | 'ApprovalOpened'
      | 'ApprovalReminded'
      | 'ApprovalEscalated'
      | 'ApprovalVoided'
      | 'EmergencyDeclared'
      | 'ReviewOpened'
      | 'ReviewClosed'
      | 'VersionConflictDetected'
      | 'PublishAnnounced'
      | 'DeadlineMissed'
      | 'DeadlineCaughtUp'
      | 'DutyMissed'
      | 'DutyCaughtUp';
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
      return about(event.data.about === 'rollback' ? 'rollback.succeeded' : 'publish.succeeded', event.data.message);
    case 'PublishFailed':
      return about('publish.failed', `failed while ${event.data.step}: ${event.data.reason}`);
    case 'PublishRejected':
      return about(
        'publish.rejected',
        `rejected${event.data.by === null ? '' : ` by ${event.data.by}`}: ${event.data.comment}`,
      );
    case 'PublishCancelled':
      return about('publish.cancelled', `cancelled by ${event.data.by}: ${event.data.reason}`);
    case 'PublishSuperseded':
      return about('publish.superseded', event.data.reason);
    case 'StartDelayed':
      return planned(event.data);
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
    case 'ApprovalReminded':
      return about('approval.reminder', reminderText(event.data));
    case 'ApprovalVoided':
      return about('approval.voided', `the approval is void, and asked for again: ${event.data.reason}`);
    case 'EmergencyDeclared':
      return about('emergency.started', emergencyText(event.data));
    case 'ReviewOpened':
      return about('review.opened', reviewText(event.data));
    case 'ReviewClosed':
      return about('review.closed', `reviewed by ${event.data.by}: ${event.data.findings}`.slice(0, 2000));
    case 'ApprovalEscalated':
      return about('approval.escalated', `no decision since ${event.data.waiting_since}`);
    case 'VersionConflictDetected': {
      const { project, version, tagged_by } = event.data;
      return about(
        'version.conflict',
        `${tagged_by} tagged ${project} ${version} again with other contents; it was refused`,
      );
    }
    case 'DeadlineMissed': {
      const { service, reason } = event.data;
      return about('publish.stuck', `it does not go on: ${reason}; see whether ${service} runs`);
    }
    case 'DeadlineCaughtUp':
      return about('publish.moved_on', `it was stuck since ${event.data.missed_at}: ${event.data.reason}`);
    case 'DutyMissed': {
      const { service, reason } = event.data;
      const message = `${service} is late: ${reason} (${event.data.about}); see whether it runs`;
      return { ...about('service.late', message), incident: incidentOf(event.data) };
    }
    case 'DutyCaughtUp': {
      const message = `${event.data.duty} of ${event.data.about}: ${event.data.reason}`;
      return { ...about('service.caught_up', message), incident: incidentOf(event.data) };
    }
    case 'PublishAnnounced': {
      const { project, version, target_name, expected_at } = event.data;
      return about('publish.planned', `${project} ${version} will be published to ${target_name} at ${expected_at}`);
    }
  }
}

const incidentOf = ({ duty, about }: EventData<'DutyMissed' | 'DutyCaughtUp'>): string => `${duty}.${about}`;

function reminderText({ subject, at, missing, waiting_for, expires_at }: EventData<'ApprovalReminded'>): string {
  const what = `${subject.project} ${subject.version} to ${subject.target_name}`;
  const who = waiting_for.length > 0 ? ` of ${waiting_for.join(', ')}` : '';
  return `${at === 'last_call' ? 'last call: ' : ''}${what} still needs ${missing} approval(s)${who} by ${expires_at}`;
}

function emergencyText({ by, project, version, target_name, justification }: EventData<'EmergencyDeclared'>): string {
  const why = justification ?? 'no justification was asked for';
  return `EMERGENCY: ${by} publishes ${project} ${version} to ${target_name} without gates and approvals: ${why}`;
}

function reviewText({ subject, requested_by }: EventData<'ReviewOpened'>): string {
  const what = `the emergency publish of ${subject.project} ${subject.version} to ${subject.target_name}`;
  return `${what} has to be reviewed by somebody other than ${requested_by} before the next one`;
}

/** A publish that waits for a time that is known. */
function planned({ subject, blocks, resume_at }: EventData<'StartDelayed'>): Announcement {
  const { publish_id, project, version, target_name } = subject;
  const why = blocks.map((block) => ('reason' in block ? `${block.kind} (${block.reason})` : block.kind)).join(', ');
  const when = resume_at === null ? 'waits' : `is planned for ${resume_at}`;
  const message = `${project} ${version} to ${target_name} ${when}; until then: ${why}`.slice(0, 2000);
  return { kind: 'publish.planned', publish_id, message, ...(resume_at === null ? {} : { planned_at: resume_at }) };
}
