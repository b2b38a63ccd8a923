import { Type, type Static } from '@sinclair/typebox';
import { OccurrenceOutcome } from '../events/schedule.js';
import { closed, Id, Nullable, ProjectName, Timestamp, VersionName } from '../shapes.js';
import { Page, pageQuery } from './page.js';

/** Schedules of targets as the API shows them. */

export const UpcomingOccurrenceView = Type.Object(
  {
    at: Timestamp,
    local: Type.String({ description: 'the same moment on the clocks of the time zone, with their offset' }),
    clock_change_minutes: Type.Integer({
      description: 'how far clocks were put forward (negative: back) since the occurrence before',
    }),
  },
  closed,
);
export type UpcomingOccurrenceView = Static<typeof UpcomingOccurrenceView>;

/** What came of an occurrence, or of several in a row that were missed. */
export const OccurrenceView = Type.Object(
  {
    target_id: Id('target'),
    outcome: Type.Union([...OccurrenceOutcome.anyOf, Type.Literal('missed')]),
    occurrence_at: Timestamp,
    /** The last of several that were missed; otherwise the same. */
    until: Timestamp,
    count: Type.Integer({ minimum: 1 }),
    cron: Type.String(),
    timezone: Type.String(),
    reason: Nullable(Type.String()),
    project: Nullable(ProjectName),
    version: Nullable(VersionName),
    publish_id: Nullable(Id('publish')),
    recorded_at: Timestamp,
  },
  closed,
);
export type OccurrenceView = Static<typeof OccurrenceView>;

/** `GET /targets/{id or name}/schedule` */
export const ScheduleQuery = Type.Object(
  {
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 10 })),
    after: Type.Optional(Type.String({ format: 'date-time', description: 'absent: now' })),
  },
  closed,
);
export type ScheduleQuery = Static<typeof ScheduleQuery>;

export const ScheduleView = Type.Object(
  {
    target_id: Id('target'),
    target_name: Type.String(),
    cron: Type.String(),
    timezone: Type.String(),
    /** The pinned version; null: the newest eligible one. */
    version: Nullable(Type.String()),
    announce_minutes_before: Nullable(Type.Integer()),
    next: Type.Array(UpcomingOccurrenceView),
    /** The latest ones, newest first; `GET /targets/{id or name}/occurrences` has them all. */
    last: Type.Array(OccurrenceView),
  },
  closed,
);
export type ScheduleView = Static<typeof ScheduleView>;

/** `GET /targets/{id or name}/occurrences`: newest first. */
export const OccurrenceListQuery = Type.Object(pageQuery, closed);
export type OccurrenceListQuery = Static<typeof OccurrenceListQuery>;
export const OccurrenceList = Page(OccurrenceView);
export type OccurrenceList = Page<OccurrenceView>;
