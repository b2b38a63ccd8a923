import {
  overdueEvents,
  publishEvents,
  slotEvents,
  type DomainEventType,
  type OverdueEvent,
  type RecordedEvent,
} from '@m3/contracts';
import { accept } from '@m3/decider';
import type { EventStore } from '@m3/event-store';
import {
  Deadlines,
  decideAndAppend,
  eventsIn,
  startedBy,
  StreamStates,
  type Clock,
  type DeadlineChange,
  type LookAgain,
} from '@m3/process';
import {
  after,
  answeredIn,
  decideOverdue,
  evolveOverdue,
  expectation,
  expectedAfter,
  isOverdue,
  matters,
  type Expectation,
  type Incident,
  type Told,
} from '../domain/overdue.js';
import { lookAgainSeconds, open, owners, pollMs, watchdog, type Watched } from './watchdog.js';

const types: readonly DomainEventType[] = [
  'PublishTriggered',
  ...[...publishEvents, ...slotEvents].filter(matters).map(({ type }) => type),
  ...overdueEvents.map(({ type }) => type),
  ...(['ApprovalOpened', 'ApprovalGranted', 'ApprovalRejected', 'ApprovalEscalated'] as const),
];

/**
 * Watches over the deadlines of all publishes, whoever has to keep them, and tells when one has passed and nothing came
 * of it. It knows the log and nothing else, so that it works when the deployer does not.
 */
export function watchOverdue({ pool, store, clock, log, late }: Watched): Deadlines {
  const overdue = new Overdue(store, clock, late);
  return new Deadlines({
    pool,
    store,
    service: owners.overdue,
    types,
    change: (event) => changeOf(event, late),
    onDue: (key) => overdue.look(key),
    clock,
    onError: (error) => log.error({ err: error }, 'overdue publishes could not be looked for; trying again'),
    pollMs,
  });
}

class Overdue {
  private readonly incidents: StreamStates<Incident, OverdueEvent>;

  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
    private readonly late: number,
  ) {
    this.incidents = new StreamStates(store, {
      initial: null,
      evolve: evolveOverdue,
      accepts: eventsIn<OverdueEvent>(overdueEvents),
    });
  }

  /** Looks at what the log says now: whatever led here may be old news. */
  async look(key: string): Promise<LookAgain> {
    const publishId = key.startsWith(open) ? key.slice(open.length) : key;
    const expected = await this.expected(publishId);
    const now = this.clock().toISOString();
    const { late } = this;
    await decideAndAppend({
      ...{ store: this.store, states: this.incidents, stream: `notification-overdue.${publishId}` },
      decide: (incident) => accept(...decideOverdue(publishId, expected, { late, now }, incident)),
      context: startedBy(`overdue-${publishId}`, watchdog, this.clock),
    });
    const still = expected !== null && isOverdue(expected, late, now);
    if (key !== publishId) return { lookAgainAt: still ? after(now, lookAgainSeconds) : null };
    return { lookAgainAt: still || expected === null ? null : after(expected.due_at, late) };
  }

  private async expected(publishId: string): Promise<Expectation | null> {
    const history = (await this.store.readStream(`publish-${publishId}`)).map(told);
    const waiting = history.findLast(({ type }) => type === 'SlotAwaited');
    if (history.length === 0) return expectation([{ type: 'PublishTriggered', data: {}, at: madeAt(publishId) }]);
    const answers = answeredIn(history);
    if (answers !== null) return expectation([...history, ...(await this.store.readStream(answers)).map(told)]);
    if (waiting !== history.at(-1) || waiting === undefined) return expectation(history);
    const slots = (await this.store.readStream(`slot-${String(Reflect.get(waiting.data, 'target_id'))}`)).map(told);
    return expectation(slots.filter(({ data }) => Reflect.get(data, 'publish_id') === publishId));
  }
}

function changeOf(event: RecordedEvent, late: number): DeadlineChange | null {
  const publishId = publishOf(event.data);
  if (publishId === null) return null;
  const at = event.metadata.occurredAt;
  if (event.type === 'DeadlineMissed') return { key: `${open}${publishId}`, dueAt: after(at, lookAgainSeconds) };
  if (event.type === 'DeadlineCaughtUp') return { key: `${open}${publishId}`, dueAt: null };
  const expected = expectedAfter(told(event));
  if (expected === undefined) return null;
  return { key: publishId, dueAt: expected && after(expected.due_at, late) };
}

function publishOf(data: object): string | null {
  const id: unknown = Reflect.get(data, 'publish_id') ?? Reflect.get(Reflect.get(data, 'subject') ?? {}, 'publish_id');
  return typeof id === 'string' ? id : null;
}

const told = ({ type, data, metadata }: RecordedEvent): Told => ({ type, data, at: metadata.occurredAt });
/** UUIDv7 begins with its time: that is when the publish was triggered. */
const madeAt = (id: string): string => new Date(parseInt(id.slice(4, 17).replace('-', ''), 16)).toISOString();
