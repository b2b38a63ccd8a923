import pg from 'pg';
import { LockRequests } from './lock-requests.js';

/** A lock that was got. It may be lost at any time, with the connection: it serves liveness, never correctness. */
export interface SessionLock {
  readonly held: boolean;
  /** Others can have it a moment later. */
  release(): void;
}

/** Locks that one process among all holds at a time, and that end with the process. */
export interface SessionLocks {
  /** The lock, or undefined when anybody else, this process included, has it. Throws when that cannot be known. */
  tryLock(key: string): Promise<SessionLock | undefined>;
  close(): Promise<void>;
}

class HeldLock implements SessionLock {
  held = true;

  constructor(private readonly free: () => void) {}

  release(): void {
    if (!this.held) return;
    this.held = false;
    this.free();
  }
}

/** The server ends the session of a process that is stopped or cut off, so that another can take its locks. */
const ALIVE_WITHIN_MS = 15_000;
const ALIVE_EVERY_MS = 3_000;

interface Session {
  readonly client: pg.Client;
  readonly requests: LockRequests;
}

/** PostgreSQL's advisory locks, all on one connection that this process keeps for them. */
export class PostgresSessionLocks implements SessionLocks {
  private session: Promise<Session> | undefined;
  private client: pg.Client | undefined;
  /** The server counts a session's locks, so a second taker in this process has to be told apart here. */
  private readonly mine = new Map<string, HeldLock | undefined>();

  private sayingAlive: NodeJS.Timeout | undefined;

  /** @param config of the connection; its `application_name` shows who holds a lock */
  constructor(private readonly config: pg.ClientConfig) {}

  async tryLock(key: string): Promise<SessionLock | undefined> {
    if (this.mine.has(key)) return undefined;
    this.mine.set(key, undefined);
    try {
      const { requests } = await this.connected();
      if (await requests.take(key)) return this.keep(key, requests);
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
    const session = await this.session?.catch(() => undefined);
    this.forget();
    await session?.client.end().catch(() => undefined);
  }

  private keep(key: string, requests: LockRequests): SessionLock {
    const lock = new HeldLock(() => {
      this.mine.delete(key);
      requests.giveBack(key);
    });
    this.mine.set(key, lock);
    return lock;
  }

  private connected(): Promise<Session> {
    this.session ??= this.connect();
    return this.session;
  }

  private async connect(): Promise<Session> {
    const client = new pg.Client({
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
      ...this.config,
      keepAlive: true,
    });
    this.client = client;
    // What an older connection says late is not about the one in use.
    const gone = () => {
      if (this.client === client) this.forget();
    };
    client.on('error', gone);
    client.on('end', gone);
    try {
      await client.connect();
      await client.query(`SET idle_session_timeout = '${ALIVE_WITHIN_MS}ms'`);
    } catch (error) {
      gone();
      await client.end().catch(() => undefined);
      throw error;
    }
    const requests = new LockRequests(client);
    const sayAlive = () => requests.sayAlive().catch(() => (this.client === client ? this.disconnect() : undefined));
    this.sayingAlive = setInterval(() => void sayAlive(), ALIVE_EVERY_MS);
    this.sayingAlive.unref();
    return { client, requests };
  }

  private forget(): void {
    clearInterval(this.sayingAlive);
    this.client = undefined;
    this.session = undefined;
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
    return Promise.resolve(new HeldLock(() => void this.taken.delete(key)));
  }

  close(): Promise<void> {
    this.taken.clear();
    return Promise.resolve();
  }
}
