import { dutyEvents, DutyKind, type DutyEvent, type RecordedEvent } from '@m3/contracts';
import { accept } from '@m3/decider';
import {
  Deadlines,
  decideAndAppend,
  eventsIn,
  startedBy,
  StreamStates,
  type DeadlineChange,
  type LookAgain,
} from '@m3/process';
import {
  decideDuty,
  duesAfter,
  dutyCauses,
  evolveDuty,
  isDutyCause,
  type Duty,
  type Missing,
} from '../domain/duties.js';
import { after } from '../domain/overdue.js';
import { lookAgainSeconds, open, owners, pollMs, watchdog, type Watched } from './watchdog.js';

/** Watches over what has to be done by a time though no publish waits for it, and tells when it was not. */
export function watchDuties({ pool, store, clock, log, late }: Watched): Deadlines {
  const duties = new Duties({ pool, store, clock, late });
  return new Deadlines({
    ...{ pool, store, clock, pollMs, service: owners.duties },
    types: [...dutyCauses, ...dutyEvents.map(({ type }) => type)],
    change: (event) => changesOf(event, late),
    onDue: (key) => duties.look(key),
    onError: (error) => log.error({ err: error }, 'duties could not be looked at; trying again'),
  });
}

class Duties {
  private readonly known: StreamStates<Missing, DutyEvent>;
  /** Whoever was away itself lets the others have their time first: they may have been away as well. */
  private readonly from: string;

  constructor(private readonly parts: Omit<Watched, 'log'>) {
    this.from = after(parts.clock().toISOString(), parts.late);
    this.known = new StreamStates(parts.store, {
      initial: false,
      evolve: evolveDuty,
      accepts: eventsIn<DutyEvent>(dutyEvents),
    });
  }

  async look(key: string): Promise<LookAgain> {
    const now = this.parts.clock().toISOString();
    if (now < this.from) return { lookAgainAt: this.from };
    const name = key.startsWith(open) ? key.slice(open.length) : nameIn(key);
    const missed = name === key.slice(open.length) ? await this.isMissed(name, now) : true;
    const { store, clock } = this.parts;
    await decideAndAppend({
      ...{ store, states: this.known, stream: `notification-duty.${name}` },
      decide: (known) => accept(...decideDuty(dutyNamed(name), missed, known)),
      context: startedBy(`duty-${name}`, watchdog, clock),
    });
    return { lookAgainAt: missed ? after(now, lookAgainSeconds) : null };
  }

  /** Whether any part of it is late still: what is done has no deadline any more, or a later one. */
  private async isMissed(name: string, now: string): Promise<boolean> {
    const { rows } = await this.parts.pool.query<{ missed: boolean }>(
      'select exists (select from process.deadline where service = $1 and starts_with(key, $2) and due_at <= $3) as missed',
      [owners.duties, `${name}/`, after(now, 2 * lookAgainSeconds)],
    );
    return rows[0]?.missed === true;
  }
}

const isDutyEvent = eventsIn<DutyEvent>(dutyEvents);

function changesOf(event: RecordedEvent, late: number): readonly DeadlineChange[] {
  const { type, data } = event;
  const told = { type, data };
  if (isDutyEvent(told)) {
    const dueAt = told.type === 'DutyMissed' ? after(event.metadata.occurredAt, lookAgainSeconds) : null;
    return [{ key: `${open}${nameOf(told.data)}`, dueAt }];
  }
  if (!isDutyCause(event)) return [];
  return duesAfter(event).map(({ part, due_at, ...duty }) => ({
    key: `${nameOf(duty)}/${part}`,
    dueAt: due_at && after(due_at, late),
  }));
}

const nameOf = ({ duty, about }: Duty): string => `${duty}.${about}`;
const nameIn = (key: string): string => key.slice(0, key.indexOf('/'));
function dutyNamed(name: string): Duty {
  const dot = name.indexOf('.');
  const kind = name.slice(0, dot);
  if (!isKind(kind)) throw new Error(`${name} is no duty`);
  return { duty: kind, about: name.slice(dot + 1) };
}

const kinds: readonly string[] = DutyKind.anyOf.map(({ const: kind }) => kind);
function isKind(kind: string): kind is DutyKind {
  return kinds.includes(kind);
}
