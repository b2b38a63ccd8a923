import { DateTime } from 'luxon';
import { nextOccurrence, type CronTimes } from './cron.js';

/** An occurrence, as people in the zone of its target read it. */
export interface UpcomingOccurrence {
  /** ISO 8601 in UTC. */
  readonly at: string;
  /** The same moment on the clocks of the zone, with their offset. */
  readonly local: string;
  /** By how many minutes clocks were put forward (or, negative, back) since the occurrence before; 0: not at all. */
  readonly clock_change_minutes: number;
}

/** The next occurrences after a time, `count` at most. */
export function upcomingOccurrences(times: CronTimes, after: string, count: number): readonly UpcomingOccurrence[] {
  const upcoming: UpcomingOccurrence[] = [];
  let before = after;
  while (upcoming.length < count) {
    const at = nextOccurrence(times, before);
    if (at === null) break;
    const clock_change_minutes = offsetMinutes(at, times.timezone) - offsetMinutes(before, times.timezone);
    upcoming.push({ at, local: localTime(at, times.timezone), clock_change_minutes });
    before = at;
  }
  return upcoming;
}

/** A moment on the clocks of a zone, such as `2026-03-10T02:00:00-04:00`. */
export function localTime(at: string, timezone: string): string {
  const local = DateTime.fromISO(at, { zone: timezone }).toISO({ suppressMilliseconds: true });
  if (local === null) throw new Error(`${at} cannot be shown in ${timezone}`);
  return local;
}

const offsetMinutes = (at: string, timezone: string): number => DateTime.fromISO(at, { zone: timezone }).offset;
