import { setTimeout as pause } from 'node:timers/promises';

/** How long a reader waits for what a command has just made, until it is projected. */
const FRESH_MS = 5_000;
const PATIENCE_MS = { fresh: 2_000, named: 250, old: 0 } as const;
const STEP_MS = 20;

/** Whether an id was made moments ago. */
export function freshness(idOrName: string, now: number): keyof typeof PATIENCE_MS {
  if (madeAt(idOrName) === null) return 'named';
  return madeWithin(idOrName, FRESH_MS, now) ? 'fresh' : 'old';
}

/** Whether an id was made within a time before (or, by a clock that differs, after) now. */
export function madeWithin(id: string, ms: number, now: number): boolean {
  const at = madeAt(id);
  return at !== null && Math.abs(now - at) < ms;
}

/** UUIDv7 begins with its time; null: a name. */
function madeAt(idOrName: string): number | null {
  const hex = /^[a-z]{3}_([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(idOrName);
  return hex === null ? null : parseInt(`${hex[1]}${hex[2]}`, 16);
}

/** Reads again for a moment if what is asked for may be so new that it is not projected yet. */
export async function found<Result>(
  idOrName: string,
  read: () => Promise<Result | undefined>,
): Promise<Result | undefined> {
  const deadline = performance.now() + PATIENCE_MS[freshness(idOrName, Date.now())];
  for (;;) {
    const result = await read();
    if (result !== undefined || performance.now() >= deadline) return result;
    await pause(STEP_MS);
  }
}
