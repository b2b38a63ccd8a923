import { publishEndings, type DomainEventType, type EventData, type OverdueEvent } from '@m3/contracts';

/** What a publish waits for that has to come by a time, and which service has to bring it. */
export interface Expectation {
  readonly service: string;
  /** ISO 8601. */
  readonly due_at: string;
  readonly reason: string;
}

/** An event of a publish, or of its slot. */
export interface Told {
  readonly type: string;
  readonly data: object;
  /** ISO 8601. */
  readonly at: string;
}

/** Which service brings what an event asks for; of any other it is the deployer. */
const doers: Readonly<Record<string, string>> = {
  ...{ ValidationRequested: 'gates', GatesRequested: 'gates', ApprovalRequested: 'approvals' },
  ...{ BackupRequested: 'backups', RestoreRequested: 'backups', NotificationRequested: 'notifier' },
} satisfies { readonly [Type in DomainEventType]?: string };

const those = (...types: readonly DomainEventType[]): ReadonlySet<string> => new Set(types);

/** Events after which a publish goes on at once, or not at all. */
const goesOnAtOnce = those(
  ...(['PublishTriggered', 'PublishRequested', 'ApprovalWaived', 'ApprovalConfirmed'] as const),
  ...(['StartOverridden', 'SlotGranted'] as const),
);
const waits = those('SlotAwaited', 'SlotQueued');
const ends = those(...publishEndings);

/** What an event lets expect; null: nothing by a time; undefined: it changes nothing about that. */
export function expectedAfter({ type, data, at }: Told): Expectation | null | undefined {
  if (ends.has(type) || waits.has(type)) return null;
  const due_at = dueAfter({ type, data, at });
  if (due_at === undefined || due_at === null) return due_at;
  return { service: doers[type] ?? 'deployer', due_at, reason: `nothing has followed on ${type} by ${due_at}` };
}

function dueAfter({ type, data, at }: Told): string | null | undefined {
  if (goesOnAtOnce.has(type)) return at;
  if (isApproval(type, data)) return data.rule.auto_reject_on_timeout ? data.expires_at : null;
  const due: unknown = Reflect.get(data, type === 'StartDelayed' ? 'resume_at' : 'deadline_at');
  return typeof due === 'string' || due === null ? due : undefined;
}

function isApproval(type: string, _data: object): _data is EventData<'ApprovalRequested'> {
  return type === 'ApprovalRequested';
}

/** What a publish has to bring by when, as the last event says that lets expect something. */
export function expectation(history: readonly Told[]): Expectation | null {
  for (const event of [...history].reverse()) {
    const expected = expectedAfter(event);
    if (expected !== undefined) return expected;
  }
  return null;
}

export type Incident = EventData<'DeadlineMissed'> | null;

/** The incident that is open, if one is. */
export function evolveOverdue(_state: Incident, event: OverdueEvent): Incident {
  return event.type === 'DeadlineMissed' ? event.data : null;
}

/** Whether the time of something is over, with what it may be late. */
export function isOverdue({ due_at }: Expectation, late: number, now: string): boolean {
  return Date.parse(due_at) + late * 1000 <= Date.parse(now);
}

/** One alert for each incident, and the news that it is over. */
export function decideOverdue(
  publish_id: string,
  expected: Expectation | null,
  { late, now }: { readonly late: number; readonly now: string },
  open: Incident,
): readonly OverdueEvent[] {
  if (expected !== null && isOverdue(expected, late, now)) {
    const { due_at: deadline_at, service, reason } = expected;
    return open === null ? [{ type: 'DeadlineMissed', data: { publish_id, deadline_at, service, reason } }] : [];
  }
  if (open === null) return [];
  const reason = expected === null ? 'it has ended, or waits for somebody' : `it goes on until ${expected.due_at}`;
  return [{ type: 'DeadlineCaughtUp', data: { publish_id, missed_at: open.deadline_at, reason } }];
}
