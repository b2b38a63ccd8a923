import type { RecordedEvent } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import type { Pool } from 'pg';
import type { Clock } from './append-context.js';

/** What an event says about a deadline: set (again) to a time in ISO 8601, or over. */
export interface DeadlineChange {
  readonly key: string;
  readonly dueAt: string | null;
}

/** Says when a key is due next, where no event does; null: not again. News that the log has meanwhile wins. */
export type LookAgain = (at: string | null) => Promise<void>;

export interface DeadlinesOptions {
  readonly pool: Pool;
  readonly store: EventStore;
  /** Owner of the deadlines: replicas of one service share them. */
  readonly service: string;
  /** Event types that can change a deadline. */
  readonly types: readonly string[];
  readonly change: (event: RecordedEvent) => DeadlineChange | null;
  /** Called at least once for each deadline that passes, and again every few seconds until the log, or the owner, says otherwise. */
  readonly onDue: (key: string, lookAgain: LookAgain) => Promise<void>;
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
    while (await this.project()) if (this.stopped) return;
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
  private async project(): Promise<boolean> {
    const { pool, store, service, types, change } = this.options;
    const found = await pool.query<{ seq: string }>('select seq from process.checkpoint where service = $1', [service]);
    const afterSeq = Number(found.rows[0]?.seq ?? 0);
    const events = await store.readLog({ afterSeq, limit: batchSize, types });
    const last = events.at(-1)?.seq;
    if (last === undefined || last === null) return false;
    const changes = new Map<string, string | null>();
    for (const event of events) {
      const changed = change(event);
      if (changed) changes.set(changed.key, changed.dueAt);
    }
    const set = [...changes].filter((entry): entry is [string, string] => entry[1] !== null);
    await pool.query(saveBatch, [
      service,
      afterSeq,
      last,
      set.map(([key]) => key),
      set.map(([, dueAt]) => dueAt),
      [...changes].filter(([, dueAt]) => dueAt === null).map(([key]) => key),
    ]);
    return events.length === batchSize;
  }

  private async act(): Promise<void> {
    const { pool, service, clock, onDue, onError } = this.options;
    for (;;) {
      const due = await pool.query<Taken>(takeDue, [service, clock().toISOString(), repeatAfterSeconds, takenAtOnce]);
      await Promise.all(due.rows.map((taken) => onDue(taken.key, this.lookAgainAt(taken)).catch(onError)));
      if (due.rows.length < takenAtOnce || this.stopped) return;
    }
  }

  private lookAgainAt({ key, leased_until }: Taken): LookAgain {
    const { pool, service } = this.options;
    return async (at) => {
      await pool.query(lookAgain, [service, key, leased_until, at]);
    };
  }
}

/** Moves the checkpoint by compare-and-set and the deadlines with it, in one statement; does nothing when it had moved. */
const saveBatch = `
  with moved as (
    insert into process.checkpoint as c (service, seq) values ($1, $3)
    on conflict (service) do update set seq = excluded.seq where c.seq = $2
    returning seq
  ), saved as (
    insert into process.deadline (service, key, due_at)
    select $1, d.key, d.due_at from unnest($4::text[], $5::timestamptz[]) as d (key, due_at), moved
    on conflict (service, key) do update set due_at = excluded.due_at
    returning key
  )
  delete from process.deadline where service = $1 and key = any ($6::text[]) and exists (select from moved)`;

const takeDue = `
  update process.deadline set due_at = $2::timestamptz + make_interval(secs => $3)
  where (service, key) in (
    select service, key from process.deadline where service = $1 and due_at <= $2
    order by due_at limit $4 for update skip locked
  )
  returning key, due_at::text as leased_until`;

const lookAgain = `
  with over as (
    delete from process.deadline
    where service = $1 and key = $2 and due_at = $3::timestamptz and $4::timestamptz is null
  )
  update process.deadline set due_at = $4::timestamptz
  where service = $1 and key = $2 and due_at = $3::timestamptz and $4::timestamptz is not null`;
