import { Type, type Static } from '@sinclair/typebox';
import { defineEvent, type EventsOf } from '../define-event.js';
import { closed, Environment, Id, Nullable, ProjectName, Reason, Timestamp, VersionName } from '../shapes.js';
import { ids } from './examples.js';

/** What came of an occurrence: a publish, or why there is none. */
export const OccurrenceOutcome = Type.Union([
  Type.Literal('published'),
  Type.Literal('nothing_new'),
  Type.Literal('no_eligible_version'),
  Type.Literal('not_published'),
]);
export type OccurrenceOutcome = Static<typeof OccurrenceOutcome>;

/** The times in force are kept in the event, so that later edits never rewrite history. */
const schedule = {
  target_id: Id('target'),
  cron: Type.String({ maxLength: 100 }),
  timezone: Type.String({ maxLength: 100 }),
};
const example = { target_id: ids.target, cron: '0 2 * * 2', timezone: 'America/New_York' };

/** Stream `schedule-<target id>`, owned by targets: what came of every time that its cron named. */
export const scheduleEvents = [
  defineEvent({
    type: 'ScheduleOccurred',
    category: 'schedule',
    schema: Type.Object(
      {
        ...schedule,
        occurrence_at: Timestamp,
        outcome: OccurrenceOutcome,
        reason: Nullable(Reason),
        /** The newest version that was looked at; null: there was none. */
        project: Nullable(ProjectName),
        version: Nullable(VersionName),
        publish_id: Nullable(Id('publish')),
        next_at: Nullable(Timestamp),
      },
      closed,
    ),
    example: {
      ...example,
      occurrence_at: '2026-03-17T06:00:00.000Z',
      outcome: 'published',
      reason: null,
      project: 'invoice-pipeline',
      version: 'v1.3.0',
      publish_id: ids.publish,
      next_at: '2026-03-24T06:00:00.000Z',
    },
  }),
  defineEvent({
    /** Passed while nobody looked, and too long ago to be made up for. Both ends count. */
    type: 'OccurrencesMissed',
    category: 'schedule',
    schema: Type.Object({ ...schedule, from: Timestamp, to: Timestamp, count: Type.Integer({ minimum: 1 }) }, closed),
    example: { ...example, from: '2026-03-03T07:00:00.000Z', to: '2026-03-10T06:00:00.000Z', count: 2 },
  }),
  defineEvent({
    /** A publish that the schedule will ask for, should nothing change until then. Once an occurrence. */
    type: 'PublishAnnounced',
    category: 'schedule',
    schema: Type.Object(
      {
        target_id: Id('target'),
        target_name: Type.String(),
        /** Absent in announcements of release 0.2.0. */
        environment: Type.Optional(Environment),
        expected_at: Timestamp,
        project: ProjectName,
        version: VersionName,
      },
      closed,
    ),
    example: {
      target_id: ids.target,
      target_name: 'Production US East',
      expected_at: '2026-03-24T06:00:00.000Z',
      project: 'invoice-pipeline',
      version: 'v1.3.0',
    },
  }),
] as const;
export type ScheduleEvent = EventsOf<typeof scheduleEvents>;
