import {
  publishEndings,
  type DomainEventType,
  type EventData,
  type EventDefinition,
  type OverdueEvent,
} from '@m3/contracts';

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
  ...{ ValidationRequested: 'gates', GatesRequested: 'gates', OverrideAwaited: 'gates' },
  ...{ ApprovalRequested: 'approvals', ApprovalOpened: 'approvals' },
  ...{ BackupRequested: 'backups', RestoreRequested: 'backups', NotificationRequested: 'notifier' },
  ...{ BackupCheckRequested: 'backups', RollbackRestoreRequested: 'backups' },
} satisfies { readonly [Type in DomainEventType]?: string };

const those = (...types: readonly DomainEventType[]): ReadonlySet<string> => new Set(types);

/** Events after which a publish goes on at once, or not at all. */
const goesOnAtOnce = those(
  ...(['PublishTriggered', 'PublishRequested', 'ApprovalWaived', 'ApprovalConfirmed'] as const),
  ...(['StartOverridden', 'SlotGranted', 'GatesCompleted', 'ApprovalGranted', 'ApprovalRejected'] as const),
  // Approvals are opened at once; from then on they have a time of their own.
  'ApprovalRequested',
);
const waits = those('SlotAwaited', 'SlotQueued', 'ApprovalEscalated');
/** Parts of a run of gates: the run has its own time. */
const parts = those('GateAsked', 'GateCompleted');
const ends = those(...publishEndings);

/** `seconds` after a time; both ISO 8601. */
export const after = (time: string, seconds: number): string =>
  new Date(Date.parse(time) + seconds * 1000).toISOString();

/** What an event lets expect; null: nothing by a time; undefined: it changes nothing about that. */
export function expectedAfter({ type, data, at }: Told): Expectation | null | undefined {
  if (ends.has(type) || waits.has(type)) return null;
  if (parts.has(type)) return undefined;
  const due_at = dueAfter({ type, data, at });
  if (due_at === undefined || due_at === null) return due_at;
  return { service: doers[type] ?? 'deployer', due_at, reason: `nothing has followed on ${type} by ${due_at}` };
}

/** Whether events of a type let expect anything, or end it: the others need not be read. */
export function matters({ type, schema }: EventDefinition): boolean {
  const isTimed = type in fields || 'deadline_at' in schema.properties;
  return !parts.has(type) && (isTimed || ends.has(type) || waits.has(type) || goesOnAtOnce.has(type));
}

function dueAfter({ type, data, at }: Told): string | null | undefined {
  if (goesOnAtOnce.has(type)) return at;
  const due: unknown = Reflect.get(data, fields[type] ?? 'deadline_at') ?? Reflect.get(data, 'deadline_at');
  if (typeof due === 'string') return due;
  return type in fields ? null : undefined;
}

/** Where an event says its time, if it is not its deadline. */
const fields: Readonly<Record<string, string>> = {
  ...{ StartDelayed: 'resume_at', ApprovalOpened: 'expires_at', GatesRequested: 'results_by' },
} satisfies { readonly [Type in DomainEventType]?: string };

/** The stream in which the service that a publish waits for says how far it is; null: nothing but the publish tells. */
export function answeredIn(history: readonly Told[]): string | null {
  const asked = history.findLast((event) => expectedAfter(event) !== undefined);
  const run: unknown = asked?.type === 'GatesRequested' ? Reflect.get(asked.data, 'gate_run_id') : undefined;
  const approval: unknown = asked?.type === 'ApprovalRequested' ? Reflect.get(asked.data, 'approval_id') : undefined;
  if (typeof run === 'string') return `gaterun-${run}`;
  return typeof approval === 'string' ? `approval-${approval}` : null;
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
