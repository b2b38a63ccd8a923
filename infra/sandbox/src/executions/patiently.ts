import { setTimeout as pause } from 'node:timers/promises';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
const MOST_ATTEMPTS = 20;

/** Repeats what the database refused for the moment, for about half a minute. Rejects with the last error. */
export async function patiently(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await work();
      return;
    } catch (error) {
      if (attempt >= MOST_ATTEMPTS || signal.aborted) throw error;
      const wait = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
      await pause(wait, undefined, { signal }).catch(() => undefined);
    }
  }
}
