import type { ApprovalEvent } from '@m3/contracts';
import type { OpenApproval } from './approval.state.js';
import { nextReminder, remindersOf } from './reminders.js';

/** When time matters next to an open approval; null: never. */
export function nextMoment(state: OpenApproval): string | null {
  const { expires_at } = state.opened;
  if (expires_at === null || state.escalated) return null;
  return nextReminder(remindersOf(state.opened), state.reminded)?.dueAt ?? expires_at;
}

/** When time matters first to one that is being opened; null: never. */
export function firstMoment(opened: OpenApproval['opened']): string | null {
  return remindersOf(opened)[0]?.dueAt ?? opened.expires_at;
}

/** What passing time does to an open approval: reminders on the way, then its end, or its escalation. */
export function pass(state: OpenApproval, now: string): readonly ApprovalEvent[] {
  const { expires_at } = state.opened;
  if (expires_at === null) return [];
  return isOver(expires_at, now) ? expire(state, expires_at) : remind(state, expires_at, now);
}

function expire({ opened, escalated }: OpenApproval, expires_at: string): readonly ApprovalEvent[] {
  const { rule, approval_id, publish_id } = opened;
  const ids = { approval_id, publish_id };
  if (!rule.auto_reject_on_timeout)
    return escalated ? [] : [{ type: 'ApprovalEscalated', data: { ...ids, waiting_since: expires_at } }];
  return [
    { type: 'ApprovalRejected', data: { ...ids, by: null, comment: `no quorum of ${rule.quorum} by ${expires_at}` } },
  ];
}

/** Whoever wakes up late reminds once, with the reminder that is due last. */
function remind(state: OpenApproval, expires_at: string, now: string): readonly ApprovalEvent[] {
  const { opened, reminded, votes } = state;
  const due = remindersOf(opened)
    .filter(({ dueAt }) => isOver(dueAt, now))
    .at(-1);
  if (!due || reminded.includes(due.at)) return [];
  const { approval_id, publish_id, subject, rule } = opened;
  const decided = votes.map(({ by }) => by);
  const missing = Math.max(0, rule.quorum - decided.length);
  const waiting_for = rule.approvers.filter(
    (approver) => !decided.includes(approver) && !opened.excluded.includes(approver),
  );
  const data = { approval_id, publish_id, subject, at: due.at, missing, waiting_for, expires_at };
  return [{ type: 'ApprovalReminded', data }];
}

const isOver = (time: string, now: string): boolean => Date.parse(time) <= Date.parse(now);
