import type { LogEntry } from './log-entry.js';
import type { Changes } from './projection.js';
import type { PublishRow } from './publish-row.js';

/** A publish whose target is asked what came of a step; or that does not go on in time. */
export const inquiries: Changes<PublishRow> = {
  TargetStateRequested: (publish, { data: { step, deadline_at }, metadata }) => ({
    ...publish,
    waiting: { for: 'target', step, since: metadata.occurredAt, deadline_at },
  }),
  TargetStateFound: (publish, { metadata }) => ({
    ...publish,
    waiting: { for: 'deployer', since: metadata.occurredAt },
  }),
  DeadlineMissed: (publish, { data: { deadline_at } }) =>
    publish.ended_at === null ? { ...publish, overdue_since: deadline_at } : publish,
  DeadlineCaughtUp: (publish) => ({ ...publish, overdue_since: null }),
};

/** The verification after a rollback is a part of that rollback, and done by whoever verifies. */
export function verifiesRestored(
  publish: PublishRow,
  { data: { deadline_at }, metadata }: LogEntry<'VerificationRequested'>,
): PublishRow {
  return { ...publish, waiting: { for: 'step', step: 'verifying', since: metadata.occurredAt, deadline_at } };
}
