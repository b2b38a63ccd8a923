import fc from 'fast-check';
import { cronFault, latestOccurrence, nextOccurrence, occurrencesBetween, type CronTimes } from './cron.js';

const newYork = (cron: string): CronTimes => ({ cron, timezone: 'America/New_York' });
const zones = [
  'America/New_York',
  'Europe/London',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'America/Sao_Paulo',
  'Pacific/Apia',
];
const patterns = [
  '0 2 * * 2',
  '30 2 * * *',
  '30 1 * * *',
  '*/15 * * * *',
  '0 0 29 2 *',
  '15 3 1,15 * mon-fri',
  '0 */6 * * *',
];

const dayMs = 86_400_000;
/** Changes of clocks: forward and back, by an hour and by half of one, and at midnight. */
const changesOfClocks = [
  ['America/New_York', '2026-03-08'],
  ['America/New_York', '2026-11-01'],
  ['Europe/London', '2026-03-29'],
  ['Europe/London', '2026-10-25'],
  ['Australia/Lord_Howe', '2026-04-05'],
  ['Australia/Lord_Howe', '2026-10-04'],
  ['America/Sao_Paulo', '2018-11-04'],
  ['America/Sao_Paulo', '2018-02-18'],
  ['Africa/Casablanca', '2026-02-15'],
  ['Africa/Casablanca', '2026-03-22'],
  ['Asia/Kolkata', '2026-03-08'],
] as const;
const daysFrom = (first: string, last: string): number => (Date.parse(last) - Date.parse(first)) / dayMs + 1;
/** What clocks showed on the day of a time, minute by minute. */
function shownWithin(shown: (at: number) => string, at: string): readonly string[] {
  const day = shown(Date.parse(at)).slice(0, 10);
  const around = Array.from({ length: 2 * 26 * 60 }, (_, minute) =>
    shown(Date.parse(at) + (minute - 26 * 60) * 60_000),
  );
  return around.filter((text) => text.startsWith(day)).map((text) => text.slice(11));
}

describe('times that repeat', () => {
  it('are read on the clocks of their zone', () => {
    expect(nextOccurrence(newYork('0 2 * * 2'), '2026-03-03T07:00:00.000Z')).toBe('2026-03-10T06:00:00.000Z');
  });

  it('come an hour later when clocks skip the hour', () => {
    const day = { after: '2026-03-08T00:00:00.000Z', until: '2026-03-09T04:00:00.000Z', limit: 9 };
    expect(occurrencesBetween(newYork('30 2 * * *'), day)).toEqual(['2026-03-08T07:00:00.000Z']);
  });

  it('come once when clocks repeat the hour', () => {
    const day = { after: '2026-11-01T00:00:00.000Z', until: '2026-11-02T05:00:00.000Z', limit: 9 };
    expect(occurrencesBetween(newYork('30 1 * * *'), day)).toEqual(['2026-11-01T05:30:00.000Z']);
  });

  it('go on evenly through a repeated hour when they come every hour', () => {
    const hours = { after: '2026-11-01T04:30:00.000Z', until: '2026-11-01T07:00:00.000Z', limit: 9 };
    expect(occurrencesBetween(newYork('0 * * * *'), hours)).toEqual([
      '2026-11-01T05:00:00.000Z',
      '2026-11-01T06:00:00.000Z',
      '2026-11-01T07:00:00.000Z',
    ]);
  });

  it('are the same whether counted in one go or with stops in between, over three years in six zones', () => {
    const start = Date.parse('2026-01-01T00:00:00Z');
    const stops = fc.array(fc.integer({ min: 0, max: 3 * 365 * 24 * 60 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.constantFrom(...patterns), stops, (timezone, cron, minutes) => {
        const times = { cron, timezone };
        const at = [...minutes].sort((a, b) => a - b).map((minute) => new Date(start + minute * 60_000).toISOString());
        const [first, ...rest] = at;
        if (first === undefined) return;
        const whole = occurrencesBetween(times, { after: first, until: at.at(-1) ?? first, limit: 60 });
        const pieces = rest.flatMap((until, index) =>
          occurrencesBetween(times, { after: at[index] ?? first, until, limit: 60 }),
        );
        expect(pieces.slice(0, whole.length)).toEqual(whole);
        expect(new Set(whole).size).toBe(whole.length);
      }),
      { numRuns: 40 },
    );
  });

  it('come once on each day of their zone, at their time on its clocks, or right after clocks have skipped it', () => {
    const clocks = (timeZone: string) => {
      const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
      return (at: string | number) => format.format(new Date(at));
    };
    fc.assert(
      fc.property(
        fc.constantFrom(...changesOfClocks),
        fc.integer({ min: 0, max: 23 }),
        fc.integer({ min: 0, max: 59 }),
        ([timezone, day], hour, minute) => {
          const shown = clocks(timezone);
          const times = { cron: `${minute} ${hour} * * *`, timezone };
          const around = Date.parse(`${day}T00:00:00Z`);
          const [after, until] = [around - 4 * dayMs, around + 4 * dayMs].map((at) => new Date(at).toISOString());
          const found = occurrencesBetween(times, { after: after ?? '', until: until ?? '', limit: 20 });
          const days = found.map((at) => shown(at).slice(0, 10));
          const wanted = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;

          expect(days).toEqual([...new Set(days)]);
          expect(days).toHaveLength(daysFrom(days[0] ?? '', days.at(-1) ?? ''));
          for (const at of found) {
            const before = shown(Date.parse(at) - 60_000).slice(11);
            // Either it is the time, or clocks went from before it to after it within the last hour.
            if (shown(at).slice(11) !== wanted) {
              expect(shown(at).slice(11) > wanted).toBe(true);
              expect(shownWithin(shown, at)).not.toContain(wanted);
              expect(before).not.toBe(wanted);
            }
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('find their latest occurrence where the next one leaves off', () => {
    const moments = fc.date({ min: new Date('2026-01-01'), max: new Date('2028-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom(...patterns.slice(0, 4)),
        moments,
        (timezone, cron, moment) => {
          const times = { cron, timezone };
          const now = moment.toISOString();
          const latest = latestOccurrence(times, now);
          if (latest === null) throw new Error('these times come every week');
          expect(latest <= now).toBe(true);
          expect(nextOccurrence(times, latest)).toBe(nextOccurrence(times, now));
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('times that cannot be used', () => {
  it.each([
    ['0 0 30 2 *', 'cron', 'never comes'],
    ['0 0 0 1 1 *', 'cron', 'use five fields'],
    ['0 2 * *', 'cron', 'use five fields'],
    ['99 2 * * *', 'cron', '"99": a minute is 0 to 59, not 99'],
    ['0 24 * * *', 'cron', 'an hour is 0 to 23, not 24'],
    ['0 0 0 * *', 'cron', 'a day of the month is 1 to 31, not 0'],
    ['0 0 * 1-13 *', 'cron', '"1-13": a month is 1 to 12, not 13'],
    ['0 0 * * 8', 'cron', 'a day of the week is 0 to 7, not 8'],
    ['*/0 * * * *', 'cron', 'stepping'],
    ['0 0 L * *', 'cron', 'no cron field'],
    ['@daily', 'cron', 'use five fields'],
    ['', 'cron', 'use five fields'],
  ])('%s', (cron, field, detail) => {
    expect(cronFault(newYork(cron))).toMatchObject({ field, detail: expect.stringContaining(detail) as unknown });
  });

  it('name the zone that does not exist', () => {
    expect(cronFault({ cron: '0 2 * * *', timezone: 'Mars/Olympus' })).toMatchObject({ field: 'timezone' });
  });

  it('are few: leap days, names and steps are fine', () => {
    for (const cron of ['0 0 29 2 *', '*/5 8-18 * jul mon-fri', '0 0 1 1 *'])
      expect(cronFault(newYork(cron))).toBeNull();
  });
});
