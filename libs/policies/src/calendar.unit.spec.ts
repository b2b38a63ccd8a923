import type { FreezePeriod, PublishWindow } from '@m3/contracts';
import fc from 'fast-check';
import { freezeAt, minutesAfter, nextFreeze, windowState } from './calendar.js';

/** Nine to five on weekdays in New York. */
const office: PublishWindow = { cron: '0 9 * * mon-fri', duration_minutes: 480, timezone: 'America/New_York' };
const night: PublishWindow = { cron: '0 2 * * *', duration_minutes: 60, timezone: 'UTC' };

describe('windows of a target', () => {
  it('are open always when there are none', () => {
    expect(windowState([], '2026-03-07T12:00:00.000Z')).toEqual({ open: true });
  });

  it.each([
    ['just before', '2026-03-06T13:59:59.999Z', { open: false, opensAt: '2026-03-06T14:00:00.000Z' }],
    ['at its first moment', '2026-03-06T14:00:00.000Z', { open: true }],
    ['at its last moment', '2026-03-06T21:59:59.999Z', { open: true }],
    // The clocks of New York change in between.
    ['when it has closed', '2026-03-06T22:00:00.000Z', { open: false, opensAt: '2026-03-09T13:00:00.000Z' }],
  ])('%s', (_, at, state) => {
    expect(windowState([office], at)).toEqual(state);
  });

  it('open when any of them does', () => {
    expect(windowState([office, night], '2026-03-07T02:30:00.000Z')).toEqual({ open: true });
    expect(windowState([office, night], '2026-03-07T03:00:00.000Z')).toEqual({
      open: false,
      opensAt: '2026-03-08T02:00:00.000Z',
    });
  });

  it('are shut up to the moment that they say they open, and open then', () => {
    const moments = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(moments, fc.integer({ min: 1, max: 99 }), (moment, percent) => {
        const state = windowState([office, night], moment.toISOString());
        if (state.open) return;
        if (state.opensAt === null) throw new Error('these windows open every day');
        const opens = Date.parse(state.opensAt);
        const between = new Date(moment.getTime() + ((opens - moment.getTime()) * percent) / 100 - 1);
        if (between > moment) expect(windowState([office, night], between.toISOString()).open).toBe(false);
        expect(windowState([office, night], state.opensAt).open).toBe(true);
      }),
    );
  });
});

describe('freezes', () => {
  const quarter: FreezePeriod = { from: '2026-03-30T00:00:00.000Z', to: '2026-04-02T00:00:00.000Z' };

  it('are in force from their first moment to just before their last', () => {
    expect(freezeAt(quarter, '2026-03-29T23:59:59.999Z')).toBeNull();
    expect(freezeAt(quarter, quarter.from)).toEqual({ since: quarter.from, until: quarter.to });
    expect(freezeAt(quarter, '2026-04-02T00:00:00.000Z')).toBeNull();
    expect(nextFreeze(quarter, '2026-03-01T00:00:00.000Z')).toBe(quarter.from);
    expect(nextFreeze(quarter, quarter.from)).toBeNull();
  });

  it('without an end are in force until they are lifted', () => {
    expect(freezeAt({ from: quarter.from, to: null }, '2030-01-01T00:00:00.000Z')).toEqual({
      since: quarter.from,
      until: null,
    });
  });

  it('come again', () => {
    const weekends: FreezePeriod = { cron: '0 18 * * fri', duration_minutes: 3_600, timezone: 'Europe/London' };
    expect(freezeAt(weekends, '2026-03-07T12:00:00.000Z')).toEqual({
      since: '2026-03-06T18:00:00.000Z',
      until: '2026-03-09T06:00:00.000Z',
    });
    expect(freezeAt(weekends, '2026-03-09T06:00:00.000Z')).toBeNull();
    expect(nextFreeze(weekends, '2026-03-09T06:00:00.000Z')).toBe('2026-03-13T18:00:00.000Z');
  });

  it('that begin again as they end are one, and may have no end', () => {
    const twoDays: FreezePeriod = { cron: '0 0 * * sat,sun', duration_minutes: 1_440, timezone: 'UTC' };
    expect(freezeAt(twoDays, '2026-03-07T12:00:00.000Z')?.until).toBe('2026-03-09T00:00:00.000Z');
    const always: FreezePeriod = { cron: '0 * * * *', duration_minutes: 60, timezone: 'UTC' };
    expect(freezeAt(always, '2026-03-07T12:00:00.000Z')?.until).toBeNull();
  });

  it('count minutes that pass, not those that clocks show', () => {
    const springForward: FreezePeriod = { cron: '0 1 8 3 *', duration_minutes: 120, timezone: 'America/New_York' };
    expect(freezeAt(springForward, '2026-03-08T06:30:00.000Z')?.until).toBe(
      minutesAfter('2026-03-08T06:00:00.000Z', 120),
    );
  });
});
