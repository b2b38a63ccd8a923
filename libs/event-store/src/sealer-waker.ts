import type { Pool } from 'pg';

/** The channel that an idle sealer listens on. */
export const APPENDED_CHANNEL = 'event_store_appended';

/** A busy sealer looks by itself for longer than this after the last event. */
const QUIET_MS = 250;

/**
 * Wakes the sealer for the first append after a quiet moment. Not within the append: a transaction that notifies takes a
 * lock that all others which notify wait for while they commit.
 */
export class SealerWaker {
  private lastAppend = -Infinity;

  constructor(private readonly pool: Pool) {}

  appended(): void {
    const now = performance.now();
    const wasQuiet = now - this.lastAppend > QUIET_MS;
    this.lastAppend = now;
    if (wasQuiet) void this.wake();
  }

  /** Best effort: without it the sealer looks within its idle pause. Nothing is written, so the disk is not waited for. */
  private async wake(): Promise<void> {
    const text = `SELECT set_config('synchronous_commit', 'off', true), pg_notify('${APPENDED_CHANNEL}', '')`;
    await this.pool.query({ name: 'event_store.wake', text }).catch(() => undefined);
  }
}
