import type { ApprovalRule, EventData, PlanBlock, PlannedApproval } from '@m3/contracts';
import type { AskedPublish } from './plan.js';
import { excludedFrom } from './publish.checks.js';

/** What it depends on who approves. */
interface ApprovalFacts {
  readonly asked: AskedPublish;
  readonly tagged: EventData<'VersionTagged'> | null;
}

/** Who would have to approve; null: nobody. */
export function plannedApproval(rule: ApprovalRule, { asked, tagged }: ApprovalFacts): PlannedApproval | null {
  if (rule.quorum === 0) return null;
  const requested_by = asked.caller.id;
  const excluded = excludedFrom(rule, { requested_by, tagged_by: tagged?.tagged_by ?? requested_by });
  return { rule, excluded, eligible: rule.approvers.filter((approver) => !excluded.includes(approver)) };
}

/** A publish waits for its approvals; for ever, where the people who may give them are too few. */
export function approvalBlock({ rule, excluded, eligible }: PlannedApproval, { asked }: ApprovalFacts): PlanBlock {
  const { quorum, approvers } = rule;
  const missing = approvers.length > 0 && eligible.length < quorum;
  const except = excluded.length === 0 ? '' : `; ${excluded.join(' and ')} may not`;
  if (missing) {
    const left =
      eligible.length === 0 ? 'nobody is left who may give them' : `only ${eligible.join(', ')} may give one`;
    return {
      code: 'approvals_out_of_reach',
      detail: `${quorum} approvals are needed, and ${left}${except}`,
      until: null,
      unblocked_by: [{ who: `somebody other than ${asked.caller.id}`, how: 'asks for the publish' }],
    };
  }
  const whom = eligible.length === 0 ? 'people with the role approver' : eligible.join(', ');
  return {
    code: 'approval_required',
    detail: `${quorum} of ${whom} have to approve${except}`,
    until: null,
    unblocked_by: (eligible.length === 0 ? ['an approver'] : eligible.slice(0, 20)).map((who) => ({
      ...{ who, how: 'm3-publish approve PUBLISH_ID' },
    })),
  };
}
