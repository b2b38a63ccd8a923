import type { ReviewView } from '@m3/contracts';
import type { LogEntry } from './log-entry.js';
import type { Projection } from './projection.js';

export const reviews: Projection<ReviewView> = {
  table: 'review',
  keyOf: ({ data }) => ('review_id' in data ? data.review_id : null),
  begins: {
    ReviewOpened: ({ data, metadata }: LogEntry<'ReviewOpened'>) => {
      const { review_id, subject, requested_by, justification } = data;
      const { publish_id, project, version, target_id, target_name, environment } = subject;
      return {
        ...{ review_id, publish_id, project, version, target_id, target_name, environment },
        ...{ status: 'open', requested_by, justification, opened_at: metadata.occurredAt },
        ...{ closed_at: null, closed_by: null, findings: null, follow_ups: [] },
      };
    },
  },
  changes: {
    ReviewClosed: (review, { data: { by, findings, follow_ups }, metadata }) => ({
      ...review,
      ...{ status: 'closed', closed_at: metadata.occurredAt, closed_by: by, findings, follow_ups: [...follow_ups] },
    }),
  },
  columns: ({ status }) => ({ status }),
};
