import { Type, type Static } from '@sinclair/typebox';
import { defineEvent, type EventsOf } from '../define-event.js';
import { closed, Id, Reason, Timestamp } from '../shapes.js';
import { at, ids } from './examples.js';

/** Stream `notification-overdue.<publish id>`, owned by notifier: what did not happen in time, and that it did after all. */
export const overdueEvents = [
  defineEvent({
    type: 'DeadlineMissed',
    category: 'notification',
    schema: Type.Object(
      {
        publish_id: Id('publish'),
        deadline_at: Timestamp,
        /** The service that had to do something about it. */
        service: Type.String(),
        reason: Reason,
      },
      closed,
    ),
    example: {
      ...{ publish_id: ids.publish, deadline_at: at, service: 'deployer' },
      reason: 'BackupRequested has had no result since its deadline',
    },
  }),
  defineEvent({
    type: 'DeadlineCaughtUp',
    category: 'notification',
    schema: Type.Object({ publish_id: Id('publish'), missed_at: Timestamp, reason: Reason }, closed),
    example: { publish_id: ids.publish, missed_at: at, reason: 'it went on with PublishFailed' },
  }),
] as const;
export type OverdueEvent = EventsOf<typeof overdueEvents>;

/** Work that no publish waits for, but that has to be done by a time all the same. */
export const DutyKind = Type.Union([Type.Literal('schedule'), Type.Literal('verification'), Type.Literal('delivery')]);
export type DutyKind = Static<typeof DutyKind>;

/** `about`: the target of a schedule, a verification of backups, or a notification. */
const duty = { duty: DutyKind, about: Type.String({ maxLength: 200 }) };
const dutyExample = { duty: 'schedule', about: ids.target } as const;

/** Stream `notification-duty.<duty>.<about>`, owned by notifier: what was not done in time, and that it was after all. */
export const dutyEvents = [
  defineEvent({
    type: 'DutyMissed',
    category: 'notification',
    schema: Type.Object(
      {
        ...duty,
        /** The service that had to do it. */
        service: Type.String(),
        reason: Reason,
      },
      closed,
    ),
    example: { ...dutyExample, service: 'targets', reason: 'the schedule of the target did not fire in time' },
  }),
  defineEvent({
    type: 'DutyCaughtUp',
    category: 'notification',
    schema: Type.Object({ ...duty, reason: Reason }, closed),
    example: { ...dutyExample, reason: 'it was done after all, or is not wanted any more' },
  }),
] as const;
export type DutyEvent = EventsOf<typeof dutyEvents>;
