import { Busy } from './errors.js';
import type { SessionLocks } from './session-locks.js';

/**
 * Keeps two deliveries of one request (a redelivery, catch-up, another replica) from running one long effect at the same
 * time. It saves work; it proves nothing: correctness comes from expected versions and fencing tokens.
 */
export class EffectLease {
  constructor(private readonly locks: SessionLocks) {}

  /**
   * Runs `fn` while this process holds the lease on `key`, e.g. `backup:pub_0193…`.
   * Throws {@link Busy} when somebody has it: let it through, and the message comes back after a short delay.
   */
  async tryRun<T>(key: string, fn: () => Promise<T>): Promise<T> {
    const lock = await this.locks.tryLock(`effect:${key}`);
    if (!lock) throw new Busy(key);
    try {
      return await fn();
    } finally {
      lock.release();
    }
  }
}
