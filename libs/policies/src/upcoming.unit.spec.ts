import { localTime, upcomingOccurrences } from './upcoming.js';

describe('upcoming occurrences', () => {
  it('are shown on the clocks of their zone, with what was done to these since the one before', () => {
    const tuesdays = { cron: '0 2 * * 2', timezone: 'America/New_York' };
    expect(upcomingOccurrences(tuesdays, '2026-02-25T00:00:00.000Z', 2)).toEqual([
      { at: '2026-03-03T07:00:00.000Z', local: '2026-03-03T02:00:00-05:00', clock_change_minutes: 0 },
      { at: '2026-03-10T06:00:00.000Z', local: '2026-03-10T02:00:00-04:00', clock_change_minutes: 60 },
    ]);
    expect(upcomingOccurrences(tuesdays, '2026-10-28T00:00:00.000Z', 1)).toEqual([
      { at: '2026-11-03T07:00:00.000Z', local: '2026-11-03T02:00:00-05:00', clock_change_minutes: -60 },
    ]);
  });

  it('know of changes by less than an hour', () => {
    const nights = { cron: '0 2 * * *', timezone: 'Australia/Lord_Howe' };
    const changes = upcomingOccurrences(nights, '2026-04-03T00:00:00.000Z', 3).map((each) => each.clock_change_minutes);
    expect(changes).toEqual([0, -30, 0]);
  });

  it('end where there are no more', () => {
    expect(upcomingOccurrences({ cron: '0 0 30 2 *', timezone: 'UTC' }, '2026-01-01T00:00:00.000Z', 3)).toEqual([]);
  });

  it('can be read in another zone too', () => {
    expect(localTime('2026-03-10T06:00:00.000Z', 'Europe/Berlin')).toBe('2026-03-10T07:00:00+01:00');
    expect(localTime('2026-03-10T06:00:00.000Z', 'UTC')).toBe('2026-03-10T06:00:00Z');
  });
});
