import type { RecordedEvent } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import type { Pool } from 'pg';
import type { Clock } from './append-context.js';

/** What an event says about a deadline: set (again) to a time in ISO 8601, or over. */
export interface DeadlineChange {
  readonly key: string;
  readonly dueAt: string | null;
  /** What it waits for beside the time: news of one of these things bring it forward. */
  readonly wakesOn?: readonly string[];
  /** The event is news of these things too. */
  readonly wakes?: readonly string[];
}

/** News of these things: deadlines that wait for one of them, and were set before in the log, pass at once. */
export type News = Required<Pick<DeadlineChange, 'wakes'>>;

/** The time of a deadline that only news bring forward. */
export const untilNews = 'infinity';
/** The time of a deadline that has passed, whatever a clock says. */
export const atOnce = '-infinity';

/** When a key is due next, for owners whose deadlines follow from more than one event says; null: not again. */
export interface LookAgain {
  readonly lookAgainAt: string | null;
}

export interface DeadlinesOptions {
  readonly pool: Pool;
  readonly store: EventStore;
  /** Owner of the deadlines: replicas of one service share them. */
  readonly service: string;
  /** Event types that can change a deadline. */
  readonly types: readonly string[];
  /** What an event says about deadlines; one that names several things may say something about each. */
  readonly change: (event: RecordedEvent) => DeadlineChange | News | readonly DeadlineChange[] | null;
  /**
   * Called at least once for each deadline that passes, and again every few seconds until the log says it is over, or
   * the answer says when to look again (null: it does not). News in the log that comes meanwhile wins over the answer.
   */
  readonly onDue: (key: string) => Promise<LookAgain | null>;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  readonly pollMs?: number;
}

interface Taken {
  readonly key: string;
  /** As the database wrote it, to the microsecond: tells whether the row was changed meanwhile. */
  readonly leased_until: string;
}

const batchSize = 2_000;
const takenAtOnce = 100;
const repeatAfterSeconds = 5;

/**
 * The clock of a process manager. Deadlines are projected from the sealed log into a table of their own, off the path
 * that a publish takes, and taken from there with SKIP LOCKED by any replica.
 */
export class Deadlines {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;
  /** Where the checkpoint stood, and the log ended, when nothing was left to take in: while both stay, nothing is. */
  private settled = { seq: -1, end: -1 };

  constructor(private readonly options: DeadlinesOptions) {}

  start(): void {
    this.schedule(0);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** One round: take in what the log says, then act on what is due. Exposed so that tests need not wait. */
  async tick(): Promise<void> {
    const end = await this.options.store.lastSeq();
    while (await this.project(end)) if (this.stopped) return;
    await this.act();
  }

  private schedule(delayMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.tick()
        .catch(this.options.onError)
        .finally(() => this.schedule(this.options.pollMs ?? 500));
    }, delayMs);
  }

  /** Takes in one batch; true when there may be more. Another replica that was quicker makes this one's work void. */
  private async project(end: number): Promise<boolean> {
    const { pool, store, service, types, change } = this.options;
    const found = await pool.query<{ seq: string }>({ ...findCheckpoint, values: [service] });
    const afterSeq = Number(found.rows[0]?.seq ?? 0);
    if (this.settled.seq === afterSeq && this.settled.end === end) return false;
    const events = await store.readLog({ afterSeq, limit: batchSize, types });
    const last = events.at(-1)?.seq;
    if (last === undefined || last === null) {
      this.settled = { seq: afterSeq, end };
      return false;
    }
    const { changes, woken } = inOrder(events.flatMap((event) => change(event) ?? []));
    const set = changes.filter(({ dueAt }) => dueAt !== null);
    const over = changes.filter(({ dueAt }) => dueAt === null).map(({ key }) => key);
    await pool.query({ ...saveBatch, values: [service, afterSeq, last, JSON.stringify(set), over, woken] });
    return events.length === batchSize;
  }

  private async act(): Promise<void> {
    const { pool, service, clock, onError } = this.options;
    for (;;) {
      const values = [service, clock().toISOString(), repeatAfterSeconds, takenAtOnce];
      const due = await pool.query<Taken>({ ...takeDue, values });
      await Promise.all(due.rows.map((taken) => this.look(taken).catch(onError)));
      if (due.rows.length < takenAtOnce || this.stopped) return;
    }
  }

  private async look({ key, leased_until }: Taken): Promise<void> {
    const { pool, service, onDue } = this.options;
    const answer = await onDue(key);
    if (answer) await pool.query({ ...lookAgain, values: [service, key, leased_until, answer.lookAgainAt] });
  }
}

/** What a batch comes to, in the order of the log: news wake what was set before them, not what is set after. */
function inOrder(said: readonly (DeadlineChange | News)[]) {
  const changes = new Map<string, DeadlineChange>();
  const woken = new Set<string>();
  for (const each of said) {
    if ('key' in each) changes.set(each.key, each);
    const { wakes = [] } = each;
    const waiting = wakes.length === 0 ? [] : [...changes.values()].filter((change) => waitsFor(change, wakes));
    for (const change of waiting) changes.set(change.key, { ...change, dueAt: atOnce });
    for (const thing of wakes) woken.add(thing);
  }
  return { changes: [...changes.values()], woken: [...woken] };
}

function waitsFor({ dueAt, wakesOn = [] }: DeadlineChange, wakes: readonly string[]): boolean {
  return dueAt !== null && wakesOn.some((thing) => wakes.includes(thing));
}

// Named, so that the server plans them once a session: they come twice a second from each service, and plans cost more.

const findCheckpoint = {
  name: 'deadlines.find_checkpoint',
  text: 'select seq from process.checkpoint where service = $1',
};

/** Moves the checkpoint by compare-and-set and the deadlines with it, in one statement; does nothing when it had moved. */
const saveBatch = {
  name: 'deadlines.save_batch',
  text: `
  with moved as (
    insert into process.checkpoint as c (service, seq) values ($1, $3)
    on conflict (service) do update set seq = excluded.seq where c.seq = $2
    returning seq
  ), said as (
    select key, "dueAt" as due_at, coalesce("wakesOn", '{}') as wakes_on
    from jsonb_to_recordset($4::jsonb) as d (key text, "dueAt" timestamptz, "wakesOn" text[]), moved
  ), saved as (
    insert into process.deadline (service, key, due_at, wakes_on)
    select $1, key, due_at, wakes_on from said
    on conflict (service, key) do update set due_at = excluded.due_at, wakes_on = excluded.wakes_on
    returning key
  ), woken as (
    update process.deadline set due_at = '-infinity'
    where service = $1 and wakes_on && $6::text[] and key <> all ($5::text[])
      and key not in (select key from said) and exists (select from moved)
  )
  delete from process.deadline where service = $1 and key = any ($5::text[]) and exists (select from moved)`,
};

const takeDue = {
  name: 'deadlines.take_due',
  text: `
  update process.deadline set due_at = $2::timestamptz + make_interval(secs => $3)
  where (service, key) in (
    select service, key from process.deadline where service = $1 and due_at <= $2
    order by due_at, key limit $4 for update skip locked
  )
  returning key, due_at::text as leased_until`,
};

const lookAgain = {
  name: 'deadlines.look_again',
  text: `
  with over as (
    delete from process.deadline
    where service = $1 and key = $2 and due_at = $3::timestamptz and $4::timestamptz is null
  )
  update process.deadline set due_at = $4::timestamptz
  where service = $1 and key = $2 and due_at = $3::timestamptz and $4::timestamptz is not null`,
};
