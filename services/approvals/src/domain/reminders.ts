import type { EventData } from '@m3/contracts';

/** When people are reminded: half way to the end, and shortly before it. */

type At = EventData<'ApprovalReminded'>['at'];
export interface Reminder {
  readonly at: At;
  /** ISO 8601 */
  readonly dueAt: string;
}

const lastCallMs = 60 * 60_000;

type Opened = Pick<EventData<'ApprovalOpened'>, 'opened_at' | 'expires_at'>;

/** In the order of time. The last call is an hour before the end, or where that is not long after half time, a tenth. */
export function remindersOf({ opened_at, expires_at }: Opened): readonly Reminder[] {
  if (opened_at === undefined || expires_at === null) return [];
  const [from, to] = [Date.parse(opened_at), Date.parse(expires_at)];
  const span = to - from;
  const before = Math.min(lastCallMs, span / 10);
  return [
    { at: 'half_time', dueAt: new Date(from + span / 2).toISOString() },
    { at: 'last_call', dueAt: new Date(to - before).toISOString() },
  ];
}

/** The reminder that comes next; whoever was reminded late is not reminded of what was due before. */
export function nextReminder(reminders: readonly Reminder[], given: readonly At[]): Reminder | null {
  const last = reminders.findLastIndex(({ at }) => given.includes(at));
  return reminders[last + 1] ?? null;
}
