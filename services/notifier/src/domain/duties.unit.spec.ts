import { declared, type DomainEventType, type EventData, type RecordedEvent } from '@m3/contracts';
import { decideDuty, duesAfter, evolveDuty, isDutyCause } from './duties.js';

const at = '2026-03-19T14:23:45.000Z';
const eventId = '01930d8c-0000-7000-8000-000000000099';
const target = 'tgt_01930d8c-0000-7000-8000-000000000001';

/** What follows from an event, as it is in the catalogue but for these fields. */
function dues<Type extends DomainEventType>(type: Type, more: Partial<EventData<Type>> = {}) {
  const event: RecordedEvent = {
    ...{ type, data: { ...structuredClone<object>(declared(type).example), ...more }, eventId },
    ...{ position: 1, seq: 1, stream: 'a-1', streamVersion: 1, category: 'a', schemaVersion: 1, recordedAt: at },
    metadata: { actor: { kind: 'system', id: 'clock' }, correlationId: 'c', causationId: null, occurredAt: at },
  };
  return isDutyCause(event) ? duesAfter(event) : null;
}

describe('a schedule', () => {
  const schedule = { cron: '0 2 * * *', timezone: 'UTC' };
  const document = (more: object) => ({ ...declared('TargetCreated').example.document, ...more });

  it('has to fire at its next time, from when the target is made or changed', () => {
    for (const type of ['TargetCreated', 'TargetChanged'] as const)
      expect(dues(type, { target_id: target, document: document({ type: 'scheduled', schedule }) })).toEqual([
        { duty: 'schedule', about: target, part: '', due_at: '2026-03-20T02:00:00.000Z' },
      ]);
  });

  it("is nobody's duty on a target of another type", () => {
    expect(dues('TargetChanged', { target_id: target, document: document({ type: 'auto_deploy' }) })).toMatchObject([
      { duty: 'schedule', about: target, due_at: null },
    ]);
  });

  it('that has fired, or was made up for, has to fire the time after', () => {
    expect(dues('ScheduleOccurred', { target_id: target, next_at: '2026-03-21T02:00:00.000Z' })).toMatchObject([
      { about: target, due_at: '2026-03-21T02:00:00.000Z' },
    ]);
    const missed = { target_id: target, ...schedule, to: '2026-03-21T02:00:00.000Z' };
    expect(dues('OccurrencesMissed', missed)).toMatchObject([{ due_at: '2026-03-22T02:00:00.000Z' }]);
  });
});

describe('a verification of backups', () => {
  it('has to have a result for each, and has the longer the more there are', () => {
    const { verification_id, backup_id } = declared('BackupVerified').example;
    const requested = dues('BackupVerificationRequested', { verification_id, backup_ids: [backup_id], total: 100 });
    const duty = { duty: 'verification', about: verification_id, part: backup_id };
    expect(requested).toEqual([{ ...duty, due_at: '2026-03-19T14:37:05.000Z' }]);
    expect(dues('BackupVerified', { verification_id, backup_id })).toEqual([{ ...duty, due_at: null }]);
  });
});

describe('a delivery', () => {
  it.each(['PublishFailed', 'PublishRolledBack', 'PublishRollbackFailed', 'ApprovalOpened'] as const)(
    'of %s has to be tried at once',
    (type) => {
      expect(dues(type)).toEqual([{ duty: 'delivery', about: `ntf_${eventId}`, part: '', due_at: at }]);
    },
  );

  it('that was put off has to be tried again in time, and no more after that', () => {
    const next_attempt_at = '2026-03-19T14:23:50.000Z';
    const { deliveries } = declared('NotificationAttempted').example;
    const put = (outcome: 'deferred' | 'delivered', next: string | null) =>
      deliveries.slice(0, 1).map((delivery) => ({ ...delivery, outcome, next_attempt_at: next }));
    const deferred = dues('NotificationAttempted', { deliveries: put('deferred', next_attempt_at) });
    expect(deferred).toMatchObject([{ duty: 'delivery', due_at: next_attempt_at }]);
    expect(dues('NotificationAttempted', { deliveries: put('delivered', null) })).toMatchObject([{ due_at: null }]);
    expect(dues('NotificationRetried', { next_due_at: null })).toMatchObject([{ due_at: null }]);
  });
});

describe('a duty that is missed', () => {
  const duty = { duty: 'schedule', about: target } as const;

  it('is told of once, and once more when it is done', () => {
    const [missed] = decideDuty(duty, true, false);
    expect(missed).toMatchObject({ type: 'DutyMissed', data: { ...duty, service: 'targets' } });
    const known = missed !== undefined && evolveDuty(false, missed);
    expect(decideDuty(duty, true, known)).toEqual([]);
    const [caughtUp] = decideDuty(duty, false, known);
    expect(caughtUp).toMatchObject({ type: 'DutyCaughtUp', data: duty });
    expect(caughtUp !== undefined && evolveDuty(known, caughtUp)).toBe(false);
    expect(decideDuty(duty, false, false)).toEqual([]);
  });
});
