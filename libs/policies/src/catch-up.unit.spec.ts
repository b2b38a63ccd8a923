import fc from 'fast-check';
import { dueOccurrences, lastChance } from './catch-up.js';
import { occurrencesBetween, type CronTimes } from './cron.js';

const tuesdays: CronTimes = { cron: '0 2 * * 2', timezone: 'America/New_York' };
const settledUntil = '2026-03-03T07:00:00.000Z';

describe('an occurrence', () => {
  it('is due from its time on', () => {
    const none = { missed: null, due: null };
    expect(dueOccurrences(tuesdays, { settledUntil, now: '2026-03-10T05:59:59.999Z' })).toEqual(none);
    expect(dueOccurrences(tuesdays, { settledUntil, now: '2026-03-10T06:00:00.000Z' })).toEqual({
      missed: null,
      due: '2026-03-10T06:00:00.000Z',
    });
  });

  it('is made up for within the hour, and missed after it', () => {
    expect(dueOccurrences(tuesdays, { settledUntil, now: '2026-03-10T07:00:00.000Z' })).toMatchObject({
      due: '2026-03-10T06:00:00.000Z',
    });
    const at = '2026-03-10T06:00:00.000Z';
    expect(dueOccurrences(tuesdays, { settledUntil, now: '2026-03-10T07:00:00.001Z' })).toEqual({
      missed: { from: at, to: at, count: 1 },
      due: null,
    });
  });

  it('is made up for until half the time to the next one, where that is less than an hour', () => {
    const quarters: CronTimes = { cron: '*/15 * * * *', timezone: 'UTC' };
    expect(lastChance(quarters, '2026-03-10T06:00:00.000Z')).toBe('2026-03-10T06:07:30.000Z');
  });

  it('is the only one of several that is made up for: the latest', () => {
    expect(dueOccurrences(tuesdays, { settledUntil, now: '2026-03-24T06:30:00.000Z' })).toEqual({
      missed: { from: '2026-03-10T06:00:00.000Z', to: '2026-03-17T06:00:00.000Z', count: 2 },
      due: '2026-03-24T06:00:00.000Z',
    });
  });
});

describe('looks at the clock, at any moments', () => {
  const zones = ['America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'America/Sao_Paulo', 'Africa/Casablanca'];
  const crons = ['30 2 * * *', '30 1 * * *', '*/20 * * * *', '0 */6 * * *', '0 2 * * 2'];
  /** Around changes of clocks in one zone or another, some days apart. */
  const begin = Date.parse('2026-02-01T00:00:00Z');
  const minutes = fc.array(fc.integer({ min: 0, max: 300 * 24 * 60 }), { minLength: 1, maxLength: 30 });

  it('settle each occurrence once, or count it among those that were missed', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.constantFrom(...crons), minutes, (timezone, cron, at) => {
        const times = { cron, timezone };
        const start = new Date(begin).toISOString();
        const looks = [...at].sort((a, b) => a - b).map((minute) => new Date(begin + minute * 60_000).toISOString());
        const end = looks.at(-1) ?? start;
        let settled = start;
        let counted = 0;
        for (const now of looks) {
          const { missed, due } = dueOccurrences(times, { settledUntil: settled, now });
          if (missed) {
            expect(missed.from > settled).toBe(true);
            counted += missed.count;
            settled = missed.to;
          }
          if (due !== null) {
            expect(due > settled).toBe(true);
            counted += 1;
            settled = due;
          }
        }
        const all = occurrencesBetween(times, { after: start, until: end, limit: Infinity });
        expect(counted).toBe(all.length);
        expect(settled).toBe(all.at(-1) ?? start);
      }),
      { numRuns: 60 },
    );
  });

  it('settle in steps what is more than one look may take', () => {
    const times = { cron: '* * * * *', timezone: 'UTC' };
    const first = dueOccurrences(times, { settledUntil: '2026-01-01T00:00:00.000Z', now: '2026-01-20T00:00:10.000Z' });
    expect(first).toMatchObject({ missed: { count: 20_000 }, due: null });
    const rest = dueOccurrences(times, {
      settledUntil: first.missed?.to ?? '',
      now: '2026-01-20T00:00:10.000Z',
    });
    expect(rest).toMatchObject({ missed: { count: 7_359 }, due: '2026-01-20T00:00:00.000Z' });
  });
});
