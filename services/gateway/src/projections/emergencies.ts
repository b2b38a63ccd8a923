import type { EmergencyView } from '@m3/contracts';
import { idIn, type LogEntry } from './log-entry.js';
import type { Projection } from './projection.js';

export const emergencies: Projection<EmergencyView> = {
  table: 'emergency',
  keyOf: ({ data }) => idIn(data, 'publish_id'),
  begins: {
    EmergencyDeclared: ({ data, metadata }: LogEntry<'EmergencyDeclared'>) => {
      const { by, review, ...about } = data;
      return {
        ...{ ...about, declared_by: by, declared_at: metadata.occurredAt, skipped: ['gates', 'approvals'] },
        ...{ outcome: 'running', outcome_reason: null, ended_at: null, duration_ms: null },
        ...{ review: review ? 'to_come' : 'not_needed', review_id: null },
        ...{ reviewed_by: null, findings: null, follow_ups: [] },
      };
    },
  },
  changes: {
    ReviewRequested: (emergency, { data }) => ({ ...emergency, review: 'open', review_id: data.review_id }),
    ReviewClosed: (emergency, { data: { by, findings, follow_ups } }) => ({
      ...emergency,
      ...{ review: 'closed', reviewed_by: by, findings, follow_ups: [...follow_ups] },
    }),
    PublishSucceeded: (emergency, event) => ended(emergency, event, 'succeeded', null),
    PublishFailed: (emergency, event) => ended(emergency, event, 'failed', event.data.reason),
    PublishCancelled: (emergency, event) => ended(emergency, event, 'cancelled', event.data.reason),
    PublishSuperseded: (emergency, event) => ended(emergency, event, 'superseded', event.data.reason),
    PublishRolledBack: (emergency, event) => ended(emergency, event, 'rolled_back', event.data.reason),
    PublishRollbackFailed: (emergency, event) => ended(emergency, event, 'rollback_failed', event.data.reason),
  },
  columns: () => ({}),
};

/** An emergency that ends without having asked for its review has touched nothing. */
function ended(
  emergency: EmergencyView,
  { metadata }: LogEntry,
  outcome: string,
  reason: string | null,
): EmergencyView {
  const ended_at = metadata.occurredAt;
  const duration_ms = Math.max(0, Date.parse(ended_at) - Date.parse(emergency.declared_at));
  const review = emergency.review === 'to_come' ? 'not_needed' : emergency.review;
  return { ...emergency, outcome, outcome_reason: reason, ended_at, duration_ms, review };
}
