import type { FreezePeriod, FreezeScope } from '@m3/contracts';
import {
  declareFreeze,
  emptyCalendar,
  evolveCalendar,
  liftFreeze,
  type DeclareFreeze,
  type FreezeCalendar,
} from './freeze-calendar.js';

const freeze_id = 'frz_01930d8c-0000-7000-8000-000000000001';
const quarter: FreezePeriod = { from: '2026-03-30T00:00:00.000Z', to: '2026-04-02T00:00:00.000Z' };
const asked = (change: Partial<DeclareFreeze> = {}): DeclareFreeze => ({
  ...{ freeze_id, command_id: 'cmd_1', scope: { kind: 'global' }, period: quarter, reason: 'end of quarter' },
  environments: new Set(['production', 'staging']),
  ...change,
});
function declare(change?: Partial<DeclareFreeze>, state: FreezeCalendar = emptyCalendar) {
  const decision = declareFreeze(asked(change), state);
  return decision.outcome === 'accepted' ? decision.events : decision.rejection;
}
const declared = [declare()]
  .flat()
  .reduce<FreezeCalendar>((state, event) => ('type' in event ? evolveCalendar(state, event) : state), emptyCalendar);
const scopedTo = (environment: string): FreezeScope => ({ kind: 'environment', environment });
const nights = (change: object = {}) => ({ cron: '0 18 * * fri', duration_minutes: 60, timezone: 'UTC', ...change });

describe('a freeze', () => {
  it('may be overridden by admins, unless it says otherwise', () => {
    expect(declare()).toMatchObject([{ type: 'FreezeDeclared', data: { override_roles: ['admin'] } }]);
    expect(declare({ override_roles: [] })).toMatchObject([{ data: { override_roles: [] } }]);
  });

  it('is overridden by roles that there are', () => {
    expect(declare({ override_roles: ['admin', 'root'] })).toMatchObject({
      code: 'unknown_role',
      field: '/override_roles/1',
      detail: expect.stringContaining('"root" is no role of the product; roles are admin') as unknown,
    });
  });

  it('is declared once by one command', () => {
    expect(declare({ freeze_id: 'frz_2' }, declared)).toEqual([]);
    expect(declare({ command_id: 'cmd_2' }, declared)).toHaveLength(1);
  });

  it.each([
    ['ends before it begins', { period: { ...quarter, to: '2026-03-29T00:00:00.000Z' } }, 'period.to'],
    ['ends as it begins', { period: { ...quarter, to: quarter.from } }, 'period.to'],
    ['never comes', { period: nights({ cron: '0 0 30 2 *' }) }, 'period.cron'],
    ['is in no time zone', { period: nights({ timezone: 'Mars/Olympus' }) }, 'period.timezone'],
    ['is for no target', { scope: scopedTo('prodction') }, 'scope.environment'],
  ])('that %s is refused', (_, change, field) => {
    expect(declare(change)).toMatchObject({ code: 'invalid_freeze', field });
  });

  it('names the environments that there are', () => {
    expect(declare({ scope: scopedTo('prodction') })).toMatchObject({
      detail: expect.stringContaining('environments are production, staging') as unknown,
    });
  });

  it('is lifted once', () => {
    const lift = liftFreeze(freeze_id, 'done', declared);
    if (lift.outcome !== 'accepted') throw new Error('it is there');
    expect(lift.events).toEqual([{ type: 'FreezeLifted', data: { freeze_id, reason: 'done' } }]);
    expect(liftFreeze(freeze_id, 'done', lift.events.reduce(evolveCalendar, declared))).toMatchObject({ events: [] });
    expect(liftFreeze('frz_2', 'done', declared)).toMatchObject({ rejection: { code: 'freeze_not_found' } });
  });
});
