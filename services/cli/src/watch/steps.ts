import type { PublishDetail, StepView } from '@m3/contracts';
import { blockText } from '@m3/policies';
import { shareText } from '../output/traffic.js';

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
  checking_backup: 'Check of the backup',
  stopping_routing: 'Stop new executions',
  restoring_backup: 'Restore the backup',
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

/** Why a publish may not start yet, and when it is expected to; null: it does not wait for that. */
export function startText({ start_delay }: Pick<PublishDetail, 'start_delay'>): string | null {
  if (start_delay === null) return null;
  const { blocks, resume_at } = start_delay;
  const text = blocks.map((block) => blockText(block)).join('; ');
  return `Waits to start: ${text}${resume_at === null ? '' : `; expected at ${resume_at}`}`;
}

/** Which share of the traffic the version has, and for how long it is watched; null: none is. */
export function trafficText({ traffic }: Pick<PublishDetail, 'traffic'>): string | null {
  if (traffic?.state !== 'watching') return null;
  const { step, watch_until, judged } = traffic;
  const longer = judged?.step === step && judged.outcome === 'inconclusive';
  const how = longer ? `for longer: ${judged.reason}` : `until ${watch_until ?? 'it is judged'}`;
  return `${shareText(traffic)}, watched ${how}`;
}

/** How long a step has taken, so far or altogether; null before it starts. Milliseconds. */
export function elapsed(step: StepView, now: number): number | null {
  if (step.duration_ms !== null) return step.duration_ms;
  return step.started_at === null ? null : Math.max(now - Date.parse(step.started_at), 0);
}

const titleMarks: Partial<Record<PublishDetail['trigger'], string>> = {
  emergency: 'EMERGENCY ',
  rollback: 'Rollback to ',
};

/** `invoice-pipeline v1.3.0 → Production US East` */
export function titleOf(publish: Pick<PublishDetail, 'project' | 'version' | 'target_name' | 'trigger'>): string {
  const mark = titleMarks[publish.trigger] ?? '';
  return `${mark}${publish.project} ${publish.version} → ${publish.target_name}`;
}
