import { LRUCache } from 'lru-cache';

interface Lease<Value> {
  readonly value: Value;
  users: number;
  retired: boolean;
}

export interface LeasesOptions<Value> {
  readonly max: number;
  readonly idleMs: number;
  readonly open: (key: string) => Value;
  readonly close: (value: Value) => Promise<void>;
}

/**
 * A bounded set of things that hold sockets, opened on first use by key. The least recently used one is closed when
 * there are too many, and any that was idle for long; one in use is closed when its last user has finished.
 */
export class Leases<Value> {
  readonly #cache: LRUCache<string, Lease<Value>>;
  readonly #options: LeasesOptions<Value>;
  readonly #closing = new Set<Promise<void>>();
  readonly #sweep: NodeJS.Timeout;
  #inUse = 0;
  #drained: (() => void) | null = null;
  #closed = false;

  constructor(options: LeasesOptions<Value>) {
    this.#options = options;
    this.#cache = new LRUCache({
      max: options.max,
      ttl: options.idleMs,
      updateAgeOnGet: true,
      dispose: (lease) => this.#retire(lease),
    });
    this.#sweep = setInterval(() => this.#cache.purgeStale(), Math.max(10, options.idleMs / 2));
    this.#sweep.unref();
  }

  /** How many are open and known by key. */
  get size(): number {
    return this.#cache.size;
  }

  async use<Result>(key: string, work: (value: Value) => Promise<Result>): Promise<Result> {
    const lease = this.#lease(key);
    lease.users += 1;
    this.#inUse += 1;
    try {
      return await work(lease.value);
    } finally {
      lease.users -= 1;
      this.#inUse -= 1;
      if (lease.retired && lease.users === 0) this.#close(lease);
      if (this.#inUse === 0) this.#drained?.();
    }
  }

  /** Refuses new users, waits for those at work, then closes everything. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweep);
    this.#cache.clear();
    if (this.#inUse > 0) await new Promise<void>((resolve) => (this.#drained = resolve));
    await Promise.all(this.#closing);
  }

  #lease(key: string): Lease<Value> {
    if (this.#closed) throw new Error('the target environments are closed');
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    const opened = { value: this.#options.open(key), users: 0, retired: false };
    this.#cache.set(key, opened);
    return opened;
  }

  #retire(lease: Lease<Value>): void {
    lease.retired = true;
    if (lease.users === 0) this.#close(lease);
  }

  #close(lease: Lease<Value>): void {
    const closing = this.#options.close(lease.value).catch(() => undefined);
    this.#closing.add(closing);
    void closing.finally(() => this.#closing.delete(closing));
  }
}
