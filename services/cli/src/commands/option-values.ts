import { InvalidArgumentError } from '@commander-js/extra-typings';

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
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(time)) throw new InvalidArgumentError('it has to be a time such as 2026-03-19T14:23:45Z.');
  return new Date(time).toISOString();
}
