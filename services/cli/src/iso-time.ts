/** With its offset, so that nobody has to guess whose clock it is on. */
const isoTime = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** How to write a time. */
export const isoTimeExample = '2026-03-19T14:23:45Z or 2026-03-19T15:23:45+01:00';

/** A time that somebody wrote, as UTC; null: it is none, or there is no such day. */
export function utcTime(text: string): string | null {
  const [, year, month, day] = isoTime.exec(text) ?? [];
  const exists = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  const time = new Date(text);
  return exists && !Number.isNaN(time.getTime()) ? time.toISOString() : null;
}
