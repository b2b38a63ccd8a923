import type { DomainEvent, DutyEvent, DutyKind, EventData, RecordedEvent } from '@m3/contracts';
import { assertNever } from '@m3/decider';
import { nextOccurrence, type CronTimes } from '@m3/policies';
import { evolveNotification, initialNotification, nextDue } from './delivery.js';

/** Work that has to be done by a time though no publish waits for it: schedules, verifications of backups, deliveries. */
export interface Duty {
  readonly duty: DutyKind;
  /** The target of a schedule, a verification, or a notification. */
  readonly about: string;
}

/** When a duty, or a part of one, has to be done, in ISO 8601; null: it is done. */
export interface Due extends Duty {
  readonly part: string;
  readonly due_at: string | null;
}

/** Events that a duty follows from, or that end one. */
export const dutyCauses = [
  ...(['TargetCreated', 'TargetChanged', 'ScheduleOccurred', 'OccurrencesMissed'] as const),
  ...(['BackupVerificationRequested', 'BackupVerified', 'NotificationAttempted', 'NotificationRetried'] as const),
  // What people have to be told of, whatever becomes of it.
  ...(['PublishFailed', 'PublishRolledBack', 'PublishRollbackFailed'] as const),
  ...(['ApprovalOpened', 'ApprovalEscalated', 'EmergencyDeclared'] as const),
] as const satisfies readonly DomainEvent['type'][];
type Cause = Extract<DomainEvent, { type: (typeof dutyCauses)[number] }>;

export function isDutyCause(event: RecordedEvent): event is RecordedEvent<Cause> & Cause {
  return dutyCauses.some((type) => type === event.type);
}

/** A storage may be away for a while, and each of many backups takes its time to be read. */
const verificationMs = (total: number): number => 600_000 + total * 2_000;

/** What an event says about duties. */
export function duesAfter(event: RecordedEvent<Cause> & Cause): readonly Due[] {
  const at = event.metadata.occurredAt;
  switch (event.type) {
    case 'TargetCreated':
    case 'TargetChanged':
      return [ofSchedule(event.data.target_id, timesIn(event.data), at)];
    case 'ScheduleOccurred':
      return [{ duty: 'schedule', about: event.data.target_id, part: '', due_at: event.data.next_at }];
    case 'OccurrencesMissed':
      return [ofSchedule(event.data.target_id, event.data, event.data.to)];
    case 'BackupVerificationRequested': {
      const { verification_id, backup_ids, total } = event.data;
      const due_at = new Date(Date.parse(at) + verificationMs(total)).toISOString();
      return backup_ids.map((part) => ({ duty: 'verification', about: verification_id, part, due_at }));
    }
    case 'BackupVerified': {
      const { verification_id: about, backup_id: part } = event.data;
      return [{ duty: 'verification', about, part, due_at: null }];
    }
    case 'NotificationAttempted':
      return [ofDelivery(event.data, nextDue(evolveNotification(initialNotification, event)))];
    case 'NotificationRetried':
      return [ofDelivery(event.data, event.data.next_due_at)];
    case 'PublishFailed':
    case 'PublishRolledBack':
    case 'PublishRollbackFailed':
    case 'ApprovalOpened':
    case 'ApprovalEscalated':
    case 'EmergencyDeclared':
      return [ofDelivery({ notification_id: `ntf_${event.eventId}` }, at)];
    default:
      return assertNever(event);
  }
}

function ofSchedule(about: string, times: CronTimes | null, after: string): Due {
  return { duty: 'schedule', about, part: '', due_at: times && nextOccurrence(times, after) };
}

function timesIn({ document: { type, schedule } }: EventData<'TargetCreated' | 'TargetChanged'>): CronTimes | null {
  return type === 'scheduled' && schedule ? schedule : null;
}

function ofDelivery({ notification_id: about }: { readonly notification_id: string }, due_at: string | null): Due {
  return { duty: 'delivery', about, part: '', due_at };
}

/** Whether it is known that a duty is missed. */
export type Missing = boolean;

export function evolveDuty(_missing: Missing, { type }: DutyEvent): Missing {
  return type === 'DutyMissed';
}

/** One alert for each duty that is missed, however many of its parts are, and the news that it is over. */
export function decideDuty({ duty, about }: Duty, missed: boolean, known: Missing): readonly DutyEvent[] {
  if (missed === known) return [];
  if (missed) return [{ type: 'DutyMissed', data: { duty, about, ...what[duty] } }];
  const reason = 'it was done after all, or is not wanted any more';
  return [{ type: 'DutyCaughtUp', data: { duty, about, reason } }];
}

const what: Readonly<Record<DutyKind, Pick<EventData<'DutyMissed'>, 'service' | 'reason'>>> = {
  schedule: { service: 'targets', reason: 'the schedule of the target did not fire in time' },
  verification: { service: 'backups', reason: 'the verification of backups has no result for some of them' },
  delivery: { service: 'notifier', reason: 'people were not told in time, or not told again' },
};
