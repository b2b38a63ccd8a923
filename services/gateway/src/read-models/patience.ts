/** How long a reader waits for what a command has just made, until it is projected. */
const FRESH_MS = 5_000;
const PATIENCE_MS = { fresh: 2_000, named: 250, old: 0 } as const;

/** Whether an id was made moments ago. */
export function freshness(idOrName: string, now: number): keyof typeof PATIENCE_MS {
  if (madeAt(idOrName) === null) return 'named';
  return madeWithin(idOrName, FRESH_MS, now) ? 'fresh' : 'old';
}

/** How long to look again for what is not projected yet; milliseconds. */
export function patienceFor(idOrName: string, now: number): number {
  return PATIENCE_MS[freshness(idOrName, now)];
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
