import type { PlanBlock, PublishPlan } from '@m3/contracts';
import { type ChangeLine, changeLines, countsText } from './changes.js';

const outcomes = {
  refused: { text: 'would be refused', tone: 'bad' },
  fails: { text: 'would fail', tone: 'bad' },
  waits: { text: 'would wait', tone: 'warning' },
  starts: { text: 'would start at once', tone: 'good' },
} as const;

/** A plan for people: what comes of it, why, what changes, and what it has to pass. */
export function planLines(head: string, plan: PublishPlan, time: (iso: string) => string): readonly ChangeLine[] {
  const { text, tone } = outcomes[plan.outcome];
  return [
    { text: `${head}: ${text}`, tone },
    ...plan.refusals.map(({ code, detail }): ChangeLine => ({ text: `  ✗ ${detail} (${code})`, tone: 'bad' })),
    ...plan.blocks.flatMap((block) => blockLines(block, time)),
    ...plan.overridden.map(({ code, detail }): ChangeLine => ({
      text: `  overridden: ${detail} (${code})`,
      tone: 'faint',
    })),
    ...plan.supersedes.map((id): ChangeLine => ({
      text: `  goes in the stead of ${id}, which waits`,
      tone: 'warning',
    })),
    ...startLines(plan, time),
    ...changesLines(plan),
    ...rules(plan).map((rule): ChangeLine => ({ text: `  ${rule}`, tone: 'plain' })),
    ...(plan.plan_digest === null ? [] : [{ text: `  plan ${plan.plan_digest}`, tone: 'faint' as const }]),
  ];
}

function blockLines({ code, detail, until, unblocked_by }: PlanBlock, time: (iso: string) => string): ChangeLine[] {
  const end = until === null ? '' : `, until ${time(until)}`;
  return [
    { text: `  ● ${detail} (${code})${end}`, tone: 'warning' },
    ...unblocked_by.map(({ who, how }): ChangeLine => ({ text: `      → ${who}: ${how}`, tone: 'faint' })),
  ];
}

function startLines({ outcome, earliest_start }: PublishPlan, time: (iso: string) => string): ChangeLine[] {
  if (outcome !== 'waits') return [];
  const start = earliest_start === null ? 'nobody can tell' : time(earliest_start);
  return [{ text: `  earliest start: ${start}`, tone: 'plain' }];
}

function changesLines({ basis, changes }: PublishPlan): ChangeLine[] {
  const { active, note } = basis;
  const against = active === null ? 'nothing' : `${active.project} ${active.version}`;
  const remark: ChangeLine[] = note === null ? [] : [{ text: `  ! ${note}`, tone: 'warning' }];
  if (changes === null) return [...remark, { text: '  what would change is not known', tone: 'warning' }];
  const head: ChangeLine = { text: `  changes against ${against}: ${countsText(changes)}`, tone: 'strong' };
  return [...remark, head, ...changeLines(changes, '    ')];
}

function rules({ gates, approval, hold, backup }: PublishPlan): string[] {
  const tests = gates && `integration tests ${gates.integration_pass_rate} %`;
  const speed = gates && `p95 ${gates.p95_ms} ms, error rate ${gates.error_rate} %`;
  return [
    gates === null ? 'quality gates: skipped, it is an emergency' : `quality gates: ${tests}, ${speed}`,
    approval === null ? 'approval: none' : approvalText(approval),
    `backup: ${backup ? 'has to succeed' : 'is tried'}`,
    ...(hold === null ? [] : [`automatic publishes are held: ${hold}`]),
  ];
}

function approvalText({ rule, eligible }: NonNullable<PublishPlan['approval']>): string {
  const whom = rule.approvers.length === 0 ? 'people with the role approver' : eligible.join(', ');
  const end = rule.auto_reject_on_timeout ? 'rejected' : 'escalated';
  return `approval: ${rule.quorum} of ${whom}, within ${rule.timeout_hours} h, else ${end}`;
}
