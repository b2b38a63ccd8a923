import type { PlanBlock, PublishPlan } from '@m3/contracts';
import { type ChangeLine, changeLines, countsText } from './changes.js';
import { planText } from './traffic.js';

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
    ...plan.refusals.flatMap(({ code, detail, unblocked_by }): ChangeLine[] => [
      { text: `  ✗ ${detail} (${code})`, tone: 'bad' },
      ...moverLines(unblocked_by),
    ]),
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
    ...holdLines(plan.hold, time),
    ...validationLines(plan.validation),
    ...gatesLines(plan.gates),
    ...rules(plan).map((rule): ChangeLine => ({ text: `  ${rule}`, tone: 'plain' })),
    ...(plan.plan_digest === null ? [] : [{ text: `  plan ${plan.plan_digest}`, tone: 'faint' as const }]),
  ];
}

function blockLines({ code, detail, until, unblocked_by }: PlanBlock, time: (iso: string) => string): ChangeLine[] {
  const end = until === null ? '' : `, until ${time(until)}`;
  return [{ text: `  ● ${detail} (${code})${end}`, tone: 'warning' }, ...moverLines(unblocked_by)];
}

function moverLines(movers: PlanBlock['unblocked_by']): ChangeLine[] {
  return movers.map(({ who, how }) => ({ text: `      → ${who}: ${how}`, tone: 'faint' }));
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

function holdLines(hold: PublishPlan['hold'], time: (iso: string) => string): ChangeLine[] {
  if (hold === null) return [];
  const { reason, by, since, unblocked_by } = hold;
  const text = `  automatic publishes are held by ${by} since ${time(since)}: ${reason}`;
  return [{ text, tone: 'warning' }, ...moverLines(unblocked_by)];
}

function validationLines(validation: PublishPlan['validation']): ChangeLine[] {
  if (validation.source === 'unknown') return [{ text: `  ! ${validation.note}`, tone: 'warning' }];
  return [
    { text: '  pre-publish validation, as it is now:', tone: 'plain' },
    ...validation.checks.map(({ name, outcome, message }): ChangeLine => ({
      text: `    ${outcome === 'passed' ? '✓' : '✗'} ${name}: ${message}`,
      tone: outcome === 'passed' ? 'plain' : 'bad',
    })),
  ];
}

function gatesLines(planned: PublishPlan['gates']): ChangeLine[] {
  if (planned === null) return [{ text: '  quality gates: skipped, it is an emergency', tone: 'plain' }];
  if (planned.source === 'unknown') return [{ text: `  ! ${planned.note}`, tone: 'warning' }];
  const { gates, not_run, override } = planned;
  const may =
    override && `    ${override.allowed_roles.join(' or ')} may override one for ${override.wait_minutes} min`;
  return [
    { text: '  quality gates:', tone: 'plain' },
    ...gates.flatMap(({ name, checks, limits }): ChangeLine[] => [
      { text: `    ${name}: ${checks}`, tone: 'plain' },
      { text: `      ${limits.join('; ')}`, tone: 'faint' },
    ]),
    ...not_run.map(({ gate, reason }): ChangeLine => ({ text: `    ${gate}: not run, ${reason}`, tone: 'faint' })),
    ...(may === null ? [] : [{ text: may, tone: 'plain' as const }]),
  ];
}

function rules({ approval, backup, traffic }: PublishPlan): string[] {
  return [
    approval === null ? 'approval: none' : approvalText(approval),
    `backup: ${backup ? 'has to succeed' : 'is tried'}`,
    ...(traffic === null ? [] : planText(traffic)),
  ];
}

function approvalText({ rule, eligible }: NonNullable<PublishPlan['approval']>): string {
  const whom = rule.approvers.length === 0 ? 'people with the role approver' : eligible.join(', ');
  const end = rule.auto_reject_on_timeout ? 'rejected' : 'escalated';
  return `approval: ${rule.quorum} of ${whom}, within ${rule.timeout_hours} h, else ${end}`;
}
