import pg from 'pg';

/** A lock that was got. It may be lost at any time, with the connection: it serves liveness, never correctness. */
export interface SessionLock {
  readonly held: boolean;
  release(): Promise<void>;
}

/** Locks that one process among all holds at a time, and that end with the process. */
export interface SessionLocks {
  /** The lock, or undefined when anybody else, this process included, has it. Throws when that cannot be known. */
  tryLock(key: string): Promise<SessionLock | undefined>;
  close(): Promise<void>;
}

class HeldLock implements SessionLock {
  held = true;

  constructor(private readonly free: () => Promise<void>) {}

  async release(): Promise<void> {
    if (!this.held) return;
    this.held = false;
    await this.free();
  }
}

/** The server ends the session of a process that is stopped or cut off, so that another can take its locks. */
const ALIVE_WITHIN_MS = 15_000;
const ALIVE_EVERY_MS = 3_000;

/** PostgreSQL's advisory locks, all on one connection that this process keeps for them. */
export class PostgresSessionLocks implements SessionLocks {
  private client: Promise<pg.Client> | undefined;
  /** The server counts a session's locks, so a second taker in this process has to be told apart here. */
  private readonly mine = new Map<string, HeldLock | undefined>();

  private sayingAlive: NodeJS.Timeout | undefined;

  /** @param config of the connection; its `application_name` shows who holds a lock */
  constructor(private readonly config: pg.ClientConfig) {}

  async tryLock(key: string): Promise<SessionLock | undefined> {
    if (this.mine.has(key)) return undefined;
    this.mine.set(key, undefined);
    try {
      const client = await this.connected();
      const { rows } = await client.query<{ got: boolean }>(
        'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS got',
        [key],
      );
      if (rows[0]?.got === true) return this.keep(key, client);
      this.mine.delete(key);
      return undefined;
    } catch (error) {
      this.mine.delete(key);
      await this.disconnect();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.disconnect();
  }

  private async disconnect(): Promise<void> {
    const client = await this.client?.catch(() => undefined);
    this.forget();
    await client?.end().catch(() => undefined);
  }

  private keep(key: string, client: pg.Client): SessionLock {
    const lock = new HeldLock(async () => {
      this.mine.delete(key);
      // A connection that fails here has given the lock back by itself.
      await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [key]).catch(() => undefined);
    });
    this.mine.set(key, lock);
    return lock;
  }

  private connected(): Promise<pg.Client> {
    this.client ??= this.connect();
    return this.client;
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
      ...this.config,
      keepAlive: true,
    });
    client.on('error', () => this.forget());
    client.on('end', () => this.forget());
    try {
      await client.connect();
      await client.query(`SET idle_session_timeout = '${ALIVE_WITHIN_MS}ms'`);
    } catch (error) {
      this.client = undefined;
      await client.end().catch(() => undefined);
      throw error;
    }
    this.sayingAlive = setInterval(() => void client.query('SELECT 1').catch(() => this.disconnect()), ALIVE_EVERY_MS);
    this.sayingAlive.unref();
    return client;
  }

  private forget(): void {
    clearInterval(this.sayingAlive);
    this.client = undefined;
    for (const lock of this.mine.values()) if (lock) lock.held = false;
    this.mine.clear();
  }
}

/** For a service that is one process, and for tests. */
export class MemorySessionLocks implements SessionLocks {
  private readonly taken = new Set<string>();

  tryLock(key: string): Promise<SessionLock | undefined> {
    if (this.taken.has(key)) return Promise.resolve(undefined);
    this.taken.add(key);
    const free = (): Promise<void> => Promise.resolve(void this.taken.delete(key));
    return Promise.resolve(new HeldLock(free));
  }

  close(): Promise<void> {
    this.taken.clear();
    return Promise.resolve();
  }
}
