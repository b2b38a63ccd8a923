import type { ApprovalRule, EventData } from '@m3/contracts';
import { reject } from '@m3/decider';

/** Who may decide on an approval, and whose votes count (spec section 8): by the rule inside the approval, never a later one. */

export interface Vote extends Pick<EventData<'ApprovalVoted'>, 'by' | 'decision'> {
  /** When voting; absent in votes of release 0.1.0. */
  readonly roles?: readonly string[] | undefined;
}

/** What a voter is judged by. */
export interface Terms {
  readonly rule: Pick<ApprovalRule, 'approvers' | 'quorum'>;
  readonly excluded: readonly string[];
}

/** The roles of people as their tokens had them when last seen; of somebody who is missing nothing else is known. */
export type SeenRoles = ReadonlyMap<string, readonly string[]>;

const deciding = ['approver', 'admin'];
/** Those whom the target names may also be its maintainers: being named says more than the role. */
const decidingNamed = [...deciding, 'maintainer'];

/** Whether the roles of somebody let them decide, named or not. */
export function mayDecide({ approvers }: Terms['rule'], by: string, roles: readonly string[]): boolean {
  const enough = approvers.includes(by) ? decidingNamed : deciding;
  return roles.some((role) => enough.includes(role));
}

/** Null: the person may decide. */
export function ineligible({ rule, excluded }: Terms, by: string, roles: readonly string[]) {
  const { approvers } = rule;
  if (!mayDecide(rule, by, roles)) {
    return reject(
      'not_an_approver',
      'deciding on approvals needs the role approver or admin, or maintainer if you are named',
    );
  }
  if (excluded.includes(by)) {
    return reject('self_approval_forbidden', 'whoever requested the publish or tagged the version cannot decide on it');
  }
  if (approvers.length > 0 && !approvers.includes(by)) {
    return reject('not_an_approver', `the target names its approvers: ${approvers.join(', ')}`);
  }
  return null;
}

/** Whose approval counts now: each once, and only of those who may still decide by what is known of them. */
export function countedApprovers(terms: Terms, votes: readonly Vote[], seen: SeenRoles): readonly string[] {
  const approving = votes.filter(({ decision }) => decision === 'approve');
  const valid = approving.filter(({ by, roles }) => {
    const known = seen.get(by) ?? roles;
    return known === undefined || ineligible(terms, by, known) === null;
  });
  return [...new Set(valid.map(({ by }) => by))];
}
