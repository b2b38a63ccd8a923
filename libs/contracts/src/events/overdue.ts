import { Type } from '@sinclair/typebox';
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
