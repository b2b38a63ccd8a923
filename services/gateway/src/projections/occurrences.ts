import type { OccurrenceView } from '@m3/contracts';
import type { LogEntry } from './log-entry.js';
import type { Projection } from './projection.js';

/** What came of each time that a schedule named: one row an event. */
export const occurrences: Projection<OccurrenceView> = {
  table: 'occurrence',
  keyOf: ({ type, data, streamVersion }) =>
    (type === 'ScheduleOccurred' || type === 'OccurrencesMissed') && 'target_id' in data
      ? `${data.target_id}/${streamVersion}`
      : null,
  begins: {
    ScheduleOccurred: ({ data, metadata }: LogEntry<'ScheduleOccurred'>) => {
      const { next_at: _next, ...occurrence } = data;
      return { ...occurrence, until: data.occurrence_at, count: 1, recorded_at: metadata.occurredAt };
    },
    OccurrencesMissed: ({ data, metadata }: LogEntry<'OccurrencesMissed'>) => {
      const { target_id, cron, timezone, from, to, count } = data;
      return {
        ...{ target_id, cron, timezone, outcome: 'missed', occurrence_at: from, until: to, count },
        ...{ reason: 'nobody looked at the clock, and it was too late afterwards' },
        ...{ project: null, version: null, publish_id: null, recorded_at: metadata.occurredAt },
      };
    },
  },
  changes: {},
  columns: ({ target_id }) => ({ target_id }),
};
