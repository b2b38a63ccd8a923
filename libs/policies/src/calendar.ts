import type { FreezePeriod, PublishWindow } from '@m3/contracts';
import { latestOccurrence, nextOccurrence } from './cron.js';

/** A span of time: from `since` (inclusive) to `until` (exclusive; null: without an end that is known). Both ISO 8601 in UTC. */
export interface Span {
  readonly since: string;
  readonly until: string | null;
}

/** Whether publishing is allowed at a time, and if not, when the next window opens (null: none ever does). */
export type WindowState = { readonly open: true } | { readonly open: false; readonly opensAt: string | null };

/** Times that follow on each other without a gap are joined; so many at most. */
const mostJoined = 1_000;

/** The windows of a target at a time. No windows: always open. */
export function windowState(windows: readonly PublishWindow[], at: string): WindowState {
  if (windows.length === 0 || windows.some((window) => occurrenceAt(window, at) !== null)) return { open: true };
  const openings = windows.flatMap((window) => nextOccurrence(window, at) ?? []);
  return { open: false, opensAt: earliest(openings) };
}

/** The span of a freeze that a time lies in; null: the freeze is not in force then. */
export function freezeAt(period: FreezePeriod, at: string): Span | null {
  if ('cron' in period) return recurringAt(period, at);
  const { from, to } = period;
  const begun = Date.parse(from) <= Date.parse(at);
  const over = to !== null && Date.parse(to) <= Date.parse(at);
  return begun && !over ? { since: from, until: to } : null;
}

/** When a freeze that is not in force comes into force next; null: never again. */
export function nextFreeze(period: FreezePeriod, at: string): string | null {
  if ('cron' in period) return nextOccurrence(period, at);
  return Date.parse(period.from) > Date.parse(at) ? period.from : null;
}

/** An occurrence that ends when the next one has begun goes on: such a freeze may have no end at all. */
function recurringAt(times: PublishWindow, at: string): Span | null {
  const current = occurrenceAt(times, at);
  if (current === null) return null;
  let until = current.until;
  for (let joined = 0; joined < mostJoined; joined += 1) {
    const following = occurrenceAt(times, until);
    if (following === null) return { since: current.since, until };
    until = following.until;
  }
  return { since: current.since, until: null };
}

function occurrenceAt(times: PublishWindow, at: string): { readonly since: string; readonly until: string } | null {
  const since = latestOccurrence(times, at);
  if (since === null) return null;
  const until = minutesAfter(since, times.duration_minutes);
  return Date.parse(until) > Date.parse(at) ? { since, until } : null;
}

/** `minutes` after a time; both ISO 8601. */
export function minutesAfter(time: string, minutes: number): string {
  return new Date(Date.parse(time) + minutes * 60_000).toISOString();
}

/** The earliest of some times; null when there are none. */
export function earliest(times: readonly string[]): string | null {
  return times.reduce<string | null>(
    (first, time) => (first === null || Date.parse(time) < Date.parse(first) ? time : first),
    null,
  );
}

/** The latest of some times; null when there are none. */
export function latest(times: readonly string[]): string | null {
  return times.reduce<string | null>(
    (last, time) => (last === null || Date.parse(time) > Date.parse(last) ? time : last),
    null,
  );
}
