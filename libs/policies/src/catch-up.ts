import { nextOccurrence, occurrencesBetween, type CronTimes } from './cron.js';

/** Occurrences that passed and were not made up for; both ends count. */
export interface MissedOccurrences {
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

/** What a look at the clock has to settle. */
export interface DueOccurrences {
  readonly missed: MissedOccurrences | null;
  /** The one to act on. */
  readonly due: string | null;
}

const longestDelayMs = 3_600_000;
/** More are counted in several steps, so that no look takes long. */
const atOnce = 1_000;

/**
 * The catch-up rule: of the occurrences after `settledUntil` that have passed, the latest is due, unless it is so late that
 * it is missed as well. All before it are missed.
 */
export function dueOccurrences(
  times: CronTimes,
  { settledUntil, now }: { readonly settledUntil: string; readonly now: string },
): DueOccurrences {
  const passed = occurrencesBetween(times, { after: settledUntil, until: now, limit: atOnce });
  const latest = passed.at(-1);
  if (latest === undefined) return { missed: null, due: null };
  return now <= lastChance(times, latest)
    ? { missed: rangeOf(passed.slice(0, -1)), due: latest }
    : { missed: rangeOf(passed), due: null };
}

/** How long an occurrence is made up for: half the time to the next one, and one hour at most. */
export function lastChance(times: CronTimes, occurrence: string): string {
  const at = Date.parse(occurrence);
  const next = nextOccurrence(times, occurrence);
  const halfway = next === null ? longestDelayMs : (Date.parse(next) - at) / 2;
  return new Date(at + Math.min(halfway, longestDelayMs)).toISOString();
}

function rangeOf(occurrences: readonly string[]): MissedOccurrences | null {
  const [from] = occurrences;
  const to = occurrences.at(-1);
  return from === undefined || to === undefined ? null : { from, to, count: occurrences.length };
}
