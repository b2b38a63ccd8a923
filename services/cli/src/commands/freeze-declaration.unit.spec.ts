import { freezeDeclaration, type FreezeOptions } from './freeze-declaration.js';

const now = new Date('2026-03-19T14:23:45.000Z');
const declared = (options: Omit<FreezeOptions, 'reason'>) => freezeDeclaration({ reason: 'quarter', ...options }, now);

describe('a freeze on the command line', () => {
  it('is for everything, from now on, until it is lifted, unless more is said', () => {
    expect(declared({})).toEqual({
      scope: { kind: 'global' },
      period: { from: '2026-03-19T14:23:45.000Z', to: null },
      reason: 'quarter',
    });
  });

  it('takes times with any offset', () => {
    const times = { from: '2026-03-30T09:00:00+02:00', to: '2026-04-02T00:00Z' };
    expect(declared({ ...times, environment: 'production', overrideRole: ['lead'] })).toMatchObject({
      scope: { kind: 'environment', environment: 'production' },
      period: { from: '2026-03-30T07:00:00.000Z', to: '2026-04-02T00:00:00.000Z' },
      override_roles: ['lead'],
    });
  });

  it('may come again', () => {
    const times = { cron: '0 18 * * fri', minutes: 60, timezone: 'Europe/Berlin' };
    expect(declared({ ...times, target: 'EU West' })).toMatchObject({
      scope: { kind: 'target', target: 'EU West' },
      period: { cron: '0 18 * * fri', duration_minutes: 60, timezone: 'Europe/Berlin' },
    });
  });

  it.each([
    [{ environment: 'production', target: 'EU West' }, 'environment'],
    [{ from: '2026-02-31T00:00:00Z' }, 'from'],
    [{ to: 'tomorrow' }, 'to'],
    [{ to: '2026-03-30T09:00:00' }, 'to'],
    [{ minutes: 60 }, 'cron'],
    [{ cron: '0 18 * * fri', minutes: 60 }, 'cron'],
    [{ cron: '0 18 * * fri', minutes: 60, timezone: 'UTC', to: '2026-03-30T09:00:00Z' }, 'cron'],
  ])('%j is refused, and says which option is wrong', (options, field) => {
    expect(() => declared(options)).toThrow(expect.objectContaining({ code: 'invalid_freeze', field }) as Error);
  });
});
