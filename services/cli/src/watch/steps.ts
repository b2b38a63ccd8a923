import type { PublishDetail, StepView } from '@m3/contracts';

/** What people call the steps of a publish. */
export const stepNames: Readonly<Record<StepView['step'], string>> = {
  validating: 'Pre-publish validation',
  gating: 'Quality gates',
  awaiting_approval: 'Approval',
  backing_up: 'Backup',
  deploying: 'Deploy artifacts',
  activating: 'Activation',
  verifying: 'Verification',
  notifying: 'Notification',
  rolling_back: 'Rollback',
};

export const stepMarks: Readonly<Record<StepView['status'], string>> = {
  pending: '·',
  running: '▸',
  passed: '✓',
  failed: '✗',
  skipped: '–',
};

/** A status in words: `waiting_for_slot` becomes `waiting for slot`. */
export function inWords(status: string): string {
  return status.replaceAll('_', ' ');
}

/** How long a step has taken, so far or altogether; null before it starts. Milliseconds. */
export function elapsed(step: StepView, now: number): number | null {
  if (step.duration_ms !== null) return step.duration_ms;
  return step.started_at === null ? null : Math.max(now - Date.parse(step.started_at), 0);
}

/** `invoice-pipeline v1.3.0 → Production US East` */
export function titleOf(publish: Pick<PublishDetail, 'project' | 'version' | 'target_name'>): string {
  return `${publish.project} ${publish.version} → ${publish.target_name}`;
}
