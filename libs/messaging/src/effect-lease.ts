import type { Delivery } from './consumer.js';
import { Busy } from './errors.js';
import type { SessionLock, SessionLocks } from './session-locks.js';

/** Sooner than anybody is given again what one was given once. */
const SAY_SO_AFTER_MS = 1_500;

/**
 * Keeps two deliveries of one request (a redelivery, catch-up, another replica) from running one long effect at the same
 * time. It saves work; it proves nothing: correctness comes from expected versions and fencing tokens.
 */
export class EffectLease {
  constructor(private readonly locks: SessionLocks) {}

  /**
   * Runs `fn` while this process holds the lease on `key`, e.g. `backup:pub_0193…`.
   * Throws {@link Busy} when somebody has it: let it through, and the message comes back after a short delay.
   *
   * The first to be given a message need not ask, and takes the lease only when it is at it for longer.
   */
  async tryRun<T>(
    key: string,
    fn: () => Promise<T>,
    { repeated }: Pick<Delivery, 'repeated'> = { repeated: true },
  ): Promise<T> {
    if (!repeated) return this.runFirst(key, fn);
    const lock = await this.tryLock(key);
    if (!lock) throw new Busy(key);
    try {
      return await fn();
    } finally {
      lock.release();
    }
  }

  private async runFirst<T>(key: string, fn: () => Promise<T>): Promise<T> {
    let lock: Promise<SessionLock | undefined> | undefined;
    const timer = setTimeout(() => {
      lock = this.tryLock(key).catch(() => undefined);
    }, SAY_SO_AFTER_MS);
    try {
      return await fn();
    } finally {
      clearTimeout(timer);
      void lock?.then((got) => got?.release());
    }
  }

  private tryLock(key: string): Promise<SessionLock | undefined> {
    return this.locks.tryLock(`effect:${key}`);
  }
}
