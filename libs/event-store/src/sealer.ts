import pg from 'pg';
import { InterruptibleSleep } from './interruptible-sleep.js';
import { APPENDED_CHANNEL } from './sealer-waker.js';

export interface SealerOptions {
  /** Of a role that was made by `provisionRole`, or the owner. The sealer keeps one connection of its own. */
  readonly connectionString: string;
  /** Told about faults; the sealer connects again by itself. */
  readonly onError?: (error: Error) => void;
  /** How often a process that is not the leader tries to become it; default 1 s. */
  readonly standbyMs?: number;
  /** How often the leader looks when nothing wakes it; default 200 ms. */
  readonly idlePollMs?: number;
}

/** Most rows stamped at one time; a full batch is followed by the next at once. */
const BATCH = 2_000;
const BUSY_POLL_MS = 20;
/** Without new events for this long the sealer is idle: it then looks less often and waits to be woken. */
const IDLE_AFTER_MS = 500;
/** With six services standing by, one of them looks every sixth of a second. */
const STANDBY_MS = 1_000;
const RECONNECT_MS = 250;

/** The server ends the session of a leader whose process hangs, or whose host is gone; another then takes over. */
const sessionSettings = (idlePollMs: number): string => `SET synchronous_commit = off;
  SET idle_session_timeout = ${idlePollMs + 3_000};
  SET tcp_keepalives_idle = 2; SET tcp_keepalives_interval = 1; SET tcp_keepalives_count = 3`;

/**
 * Stamps the dense `seq` on committed events. Any number of processes may run one: an advisory lock, held by the sealer's
 * connection, makes one of them the leader; when it is lost, another takes over within a second.
 */
export class Sealer {
  private readonly sleep = new InterruptibleSleep();
  private running: Promise<void> | null = null;
  private stopped = false;
  private leading = false;

  private readonly idlePollMs: number;

  constructor(private readonly options: SealerOptions) {
    this.idlePollMs = options.idlePollMs ?? 200;
  }

  /** True while this process is the one that seals. */
  get isLeader(): boolean {
    return this.leading;
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Resolves when the connection is closed. The sealer cannot be started again. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.sleep.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      await this.session().catch((error: unknown) => this.report(error));
      await this.pauseBeforeReconnecting();
    }
  }

  private pauseBeforeReconnecting(): Promise<void> {
    return this.stopped ? Promise.resolve() : this.sleep.for(RECONNECT_MS);
  }

  private async session(): Promise<void> {
    const client = this.client();
    try {
      await client.connect();
      await client.query(sessionSettings(this.idlePollMs));
      this.leading = await this.becomeLeader(client);
      if (this.leading) await this.lead(client);
    } finally {
      this.leading = false;
      await client.end().catch(() => undefined);
    }
  }

  /** Errors of a broken connection reach the statement that waits; the listener keeps idle ones from ending the process. */
  private client(): pg.Client {
    const client = new pg.Client({
      connectionString: this.options.connectionString,
      application_name: 'sealer',
      connectionTimeoutMillis: 5_000,
      statement_timeout: 10_000,
      query_timeout: 12_000,
      keepAlive: true,
    });
    client.on('error', () => this.sleep.wake());
    client.on('notification', () => this.sleep.wake());
    return client;
  }

  /** Waits for the lock, which the connection holds until it ends; false if stopped before. */
  private async becomeLeader(client: pg.Client): Promise<boolean> {
    while (!this.stopped) {
      const { rows } = await client.query<{ leader: boolean }>('SELECT pg_try_advisory_lock(7301, 2) AS leader');
      if (rows[0]?.leader === true) return true;
      await this.sleep.for(this.options.standbyMs ?? STANDBY_MS);
    }
    return false;
  }

  private async lead(client: pg.Client): Promise<void> {
    await client.query(`LISTEN ${APPENDED_CHANNEL}`);
    let busyUntil = 0;
    while (!this.stopped) {
      const { stamped, waiting } = await sealNext(client);
      if (stamped === BATCH) continue;
      if (stamped > 0 || waiting) busyUntil = performance.now() + IDLE_AFTER_MS;
      await this.sleep.for(performance.now() < busyUntil ? BUSY_POLL_MS : this.idlePollMs);
    }
  }

  private report(error: unknown): void {
    if (!this.stopped) this.options.onError?.(error instanceof Error ? error : new Error(String(error)));
  }
}

interface Sealed {
  readonly stamped: number;
  /** Events are committed that cannot be stamped yet. */
  readonly waiting: boolean;
}

async function sealNext(client: pg.Client): Promise<Sealed> {
  const query = { name: 'seal_next', text: 'SELECT stamped, waiting FROM event_store.seal_next($1)', values: [BATCH] };
  const { rows } = await client.query<Sealed>(query);
  return rows[0] ?? { stamped: 0, waiting: false };
}
