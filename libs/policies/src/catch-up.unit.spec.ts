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
  const days = 24 * 60;
  /** A change of clocks in each of five zones. */
  const changes = [
    ['America/New_York', '2026-03-08'],
    ['America/New_York', '2026-11-01'],
    ['Europe/London', '2026-10-25'],
    ['Australia/Lord_Howe', '2026-04-04'],
    ['America/Sao_Paulo', '2019-02-16'],
    ['Africa/Casablanca', '2026-03-22'],
  ] as const;
  const crons = [
    ['30 2 * * *', 60 * days],
    ['30 1 * * *', 60 * days],
    ['0 2 * * 2', 200 * days],
    ['0 */6 * * *', 10 * days],
    ['*/20 * * * *', 2 * days],
  ] as const;

  it('settle each occurrence once, or count it among those that were missed', () => {
    const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 15 });
    fc.assert(
      fc.property(
        fc.constantFrom(...changes),
        fc.constantFrom(...crons),
        shares,
        (change, [cron, minutes], moments) => {
          const [timezone, day] = change;
          const times = { cron, timezone };
          const start = new Date(Date.parse(`${day}T00:00:00Z`) - minutes * 30_000).toISOString();
          const looks = moments
            .map((share) => new Date(Date.parse(start) + share * minutes * 60_000).toISOString())
            .sort();
          const { settled, counted } = settledBy(times, start, looks);
          const all = occurrencesBetween(times, { after: start, until: looks.at(-1) ?? start, limit: Infinity });
          expect(settled).toBe(all.at(-1) ?? start);
          expect(counted).toBe(all.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('settle in steps what is more than one look may take', () => {
    const times = { cron: '* * * * *', timezone: 'UTC' };
    const now = '2026-01-01T20:00:10.000Z';
    const first = dueOccurrences(times, { settledUntil: '2026-01-01T00:00:00.000Z', now });
    expect(first).toMatchObject({ missed: { count: 1_000, to: '2026-01-01T16:40:00.000Z' }, due: null });
    const rest = dueOccurrences(times, { settledUntil: '2026-01-01T16:40:00.000Z', now });
    expect(rest).toMatchObject({ missed: { count: 199 }, due: '2026-01-01T20:00:00.000Z' });
  });
});

function settledBy(times: CronTimes, start: string, looks: readonly string[]) {
  let [settled, counted] = [start, 0];
  for (const now of looks) {
    const { missed, due } = dueOccurrences(times, { settledUntil: settled, now });
    for (const [from, to, count] of [
      ...(missed ? [[missed.from, missed.to, missed.count] as const] : []),
      ...one(due),
    ]) {
      expect(from > settled).toBe(true);
      [settled, counted] = [to, counted + count];
    }
  }
  return { settled, counted };
}

const one = (due: string | null) => (due === null ? [] : [[due, due, 1] as const]);
