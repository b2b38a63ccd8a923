import type { PublishFailure } from '@m3/contracts';
import type { Changes } from './projection.js';
import { endPublish, endStep, resumeStep, type PublishRow } from './publish-row.js';

/** What is undone of a publish before it ends, and how that went. */
export function undoing(): Changes<PublishRow> {
  return {
    PublishCancelRequested: (publish, { data }) => ({ ...publish, cancel_requested_by: data.by }),
    RestoreRequested: (publish, { data, metadata }) => {
      const { failed_step: step, code, reason, timed_out, unknown, deadline_at } = data;
      const at = metadata.occurredAt;
      const stopped = endStep(publish, step, { passed: false, at, detail: reason });
      const failure: PublishFailure = { step, code, reason, timed_out, unknown, manual_steps: [] };
      return resumeStep({ ...stopped, failure }, 'rolling_back', { at, deadline_at });
    },
    PublishRolledBack: (publish, { data, metadata }) => {
      const at = metadata.occurredAt;
      const detail = `back on ${data.restored_version ?? 'no version'}`;
      const undone = endStep(publish, 'rolling_back', { passed: true, at, detail });
      return endPublish(undone, 'rolled_back', { at, reason: data.reason });
    },
    PublishRollbackFailed: (publish, { data, metadata }) => {
      const { code, reason, manual_steps } = data;
      const stopped = publish.steps.findLast(({ status }) => status === 'failed' || status === 'running');
      const step = stopped?.step ?? 'rolling_back';
      const before = publish.failure ?? { step, code, reason, timed_out: false, unknown: null };
      const failed = endPublish(publish, 'rollback_failed', { at: metadata.occurredAt, reason });
      return { ...failed, failure: { ...before, manual_steps } };
    },
  };
}
