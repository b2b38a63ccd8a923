import { InvalidArgumentError } from '@commander-js/extra-typings';
import { isTimezone } from '@m3/policies';
import { isoTimeExample, utcTime } from '../iso-time.js';

/** A whole number of at least one. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('it has to be a whole number, 1 or more.');
}

/** Node's timers count no further than 2³¹ milliseconds. */
const longestTimer = 500 * 3_600_000;

/** A time to wait, in milliseconds: `90`, `90s`, `10m` or `2h`. */
export function waitingTime(text: string): number {
  const [, digits, unit] = /^(\d{1,6})(s|m|h)?$/.exec(text) ?? [];
  if (digits === undefined) throw new InvalidArgumentError('it has to be a time such as 90s, 10m or 2h.');
  const time = Number(digits) * { s: 1_000, m: 60_000, h: 3_600_000 }[unit === 'm' || unit === 'h' ? unit : 's'];
  if (time > longestTimer) throw new InvalidArgumentError('it can be 500h at most.');
  return time;
}

/** For options that may be given several times. */
export function collected(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** A moment in ISO 8601, as UTC. */
export function moment(text: string): string {
  const time = utcTime(text);
  if (time === null) throw new InvalidArgumentError(`it has to be a time such as ${isoTimeExample}.`);
  return time;
}

/** A time zone. */
export function timeZone(text: string): string {
  if (isTimezone(text)) return text;
  throw new InvalidArgumentError('it has to be an IANA time zone such as America/New_York or UTC.');
}
