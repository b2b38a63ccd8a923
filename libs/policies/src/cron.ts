import { Cron } from 'croner';
import { LRUCache } from 'lru-cache';

/** Times that repeat: five cron fields (minute, hour, day of month, month, day of week), read on the clocks of a time zone. */
export interface CronTimes {
  readonly cron: string;
  /** IANA name, e.g. `America/New_York`. */
  readonly timezone: string;
}

/** What is wrong with cron times, the field at fault, and what would be right. */
export interface CronFault {
  readonly code: 'invalid_cron' | 'cron_never_fires' | 'unknown_time_zone';
  readonly field: keyof CronTimes;
  readonly detail: string;
}

/** Only what every cron knows: numbers, names, lists, ranges and steps. */
const field = /^[0-9A-Za-z*,/-]+$/;
const extensions = /[LW#?]/i;
const ranges = [
  { what: 'a minute', from: 0, to: 59 },
  { what: 'an hour', from: 0, to: 23 },
  { what: 'a day of the month', from: 1, to: 31 },
  { what: 'a month', from: 1, to: 12 },
  { what: 'a day of the week', from: 0, to: 7 },
] as const;
const names = /jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat/gi;
const parsed = new LRUCache<string, Cron>({ max: 2_000 });

/** Why these times cannot be used; null: they can. Times that never come (30 February) are a fault too. */
export function cronFault({ cron, timezone }: CronTimes): CronFault | null {
  if (!isTimezone(timezone)) {
    return {
      code: 'unknown_time_zone',
      field: 'timezone',
      detail: `${timezone} is no time zone; use an IANA name such as America/New_York or UTC`,
    };
  }
  const fields = cron.trim().split(/\s+/);
  if (fields.length !== 5) {
    return {
      code: 'invalid_cron',
      field: 'cron',
      detail: `use five fields (minute hour day month weekday) such as "0 2 * * 2", not ${fields.length}`,
    };
  }
  const odd = fields.find((text) => !field.test(text) || extensions.test(text.replaceAll(names, '')));
  if (odd !== undefined)
    return invalidCron(`"${odd}" is no cron field; use numbers, names, *, lists, ranges and steps`);
  return rangeFault(fields) ?? neverFault({ cron, timezone });
}

function rangeFault(fields: readonly string[]): CronFault | null {
  for (const [index, { what, from, to }] of ranges.entries()) {
    const text = fields[index] ?? '';
    const [out] = numbersIn(text).filter((number) => number < from || number > to);
    if (out !== undefined) return invalidCron(`"${text}": ${what} is ${from} to ${to}, not ${out}`);
  }
  return null;
}

/** Without the steps, which count and are no times. */
function numbersIn(text: string): readonly number[] {
  return [...text.replaceAll(/\/\d+/g, '').matchAll(/\d+/g)].map(([digits]) => Number(digits));
}

function neverFault(times: CronTimes): CronFault | null {
  try {
    // Any date that exists comes within eight years: 29 February around the turn of a century.
    return nextOccurrence(times, '2096-03-01T00:00:00.000Z') === null
      ? { code: 'cron_never_fires', field: 'cron', detail: `"${times.cron}" never comes: there is no such date` }
      : null;
  } catch (error) {
    return invalidCron(error instanceof Error ? error.message.replace(/^Cron\w+: /, '') : String(error));
  }
}

function invalidCron(detail: string): CronFault {
  return { code: 'invalid_cron', field: 'cron', detail };
}

/**
 * The first occurrence after a time, or null when there is none. An hour that clocks skip moves a fixed time to the hour
 * after; an hour that they repeat has it once. Times with `*` in the hour go by elapsed time. Both ISO 8601 in UTC.
 */
export function nextOccurrence(times: CronTimes, after: string): string | null {
  return iso(cronOf(times).nextRun(new Date(after)));
}

/** The last occurrence at or before a time, or null when there is none. */
export function latestOccurrence(times: CronTimes, notAfter: string): string | null {
  // Croner looks before the given second.
  const nextSecond = Math.floor(Date.parse(notAfter) / 1_000 + 1) * 1_000;
  const [latest] = cronOf(times).previousRuns(1, new Date(nextSecond));
  return iso(latest ?? null);
}

/** Occurrences after one time and up to another, in order, `limit` at most. */
export function occurrencesBetween(
  times: CronTimes,
  { after, until, limit }: { readonly after: string; readonly until: string; readonly limit: number },
): readonly string[] {
  const found: string[] = [];
  let next = nextOccurrence(times, after);
  while (next !== null && next <= until && found.length < limit) {
    found.push(next);
    next = nextOccurrence(times, next);
  }
  return found;
}

function cronOf({ cron, timezone }: CronTimes): Cron {
  const key = `${timezone} ${cron}`;
  const known = parsed.get(key);
  if (known) return known;
  const made = new Cron(cron.trim(), { timezone, mode: '5-part', paused: true });
  parsed.set(key, made);
  return made;
}

/** Whether a name is that of a time zone. */
export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;
