import type { ApprovalRule, PlanBlock, PlannedApproval } from '@m3/contracts';
import type { PlanFacts } from './plan.facts.js';
import { excludedFrom } from './publish.approval.js';

/** Names that a sentence or a list holds at most. */
const mostNames = 20;

/** Who would have to approve; null: nobody. */
export function plannedApproval(
  rule: ApprovalRule,
  { asked, tagged }: Pick<PlanFacts, 'asked' | 'tagged'>,
): PlannedApproval | null {
  if (rule.quorum === 0) return null;
  const requested_by = asked.caller.id;
  const excluded = excludedFrom(rule, { requested_by, tagged_by: tagged?.tagged_by ?? requested_by });
  return { rule, excluded, eligible: rule.approvers.filter((approver) => !excluded.includes(approver)) };
}

/** A publish waits for its approvals; for nothing, where the people who may give them are too few. */
export function approvalBlock(approval: PlannedApproval): PlanBlock {
  const { rule, eligible } = approval;
  const named = rule.approvers.length > 0;
  return named && eligible.length < rule.quorum ? outOfReach(approval) : required(approval, named);
}

function outOfReach({ rule, excluded, eligible }: PlannedApproval): PlanBlock {
  const left = eligible.length === 0 ? 'none of its approvers' : `only ${named(eligible)}`;
  return {
    code: 'approvals_out_of_reach',
    detail: `${rule.quorum} approvals are needed, and ${left} may give one${except(excluded)}`,
    until: null,
    unblocked_by: [{ who: 'somebody else', how: 'asks for the publish, so that enough approvers are left' }],
  };
}

function required({ rule, excluded, eligible }: PlannedApproval, byName: boolean): PlanBlock {
  const whom = byName ? named(eligible) : 'people with the role approver';
  return {
    code: 'approval_required',
    detail: `${rule.quorum} of ${whom} have to approve${except(excluded)}`,
    until: null,
    unblocked_by: (byName ? eligible.slice(0, mostNames) : ['an approver']).map((who) => ({
      ...{ who, how: 'm3-publish approve PUBLISH_ID' },
    })),
  };
}

function except(excluded: readonly string[]): string {
  return excluded.length === 0 ? '' : `; not ${named(excluded)}, who asked for it or tagged the version`;
}

function named(people: readonly string[]): string {
  const more = people.length > mostNames ? [`${people.length - mostNames} more`] : [];
  return [...people.slice(0, mostNames), ...more].join(', ');
}
