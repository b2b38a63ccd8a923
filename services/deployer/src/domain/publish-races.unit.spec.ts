import type { TrafficPlan } from '@m3/contracts';
import fc from 'fast-check';
import { request } from './publish.fixtures.js';
import { Race } from './publish-races.fixture.spec.js';

/** Which of the newest things it happens to: mostly the very newest. */
const pick = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(8) });
const happening = fc.tuple(fc.integer({ min: 0, max: 99 }), pick);

/** What may be on the target at each end; nothing is promised where putting it back has failed. */
const left: Readonly<
  Record<string, { readonly active: string; readonly released?: boolean; readonly shared: boolean }>
> = {
  succeeded: { active: request.version, released: true, shared: false },
  cancelled: { active: 'v1.2.0', released: false, shared: false },
  failed: { active: 'v1.2.0', released: false, shared: false },
  rolled_back: { active: 'v1.2.0', shared: false },
};

const canary: TrafficPlan = {
  strategy: 'canary',
  steps: [
    { weight: 10, pause_seconds: 60 },
    { weight: 50, pause_seconds: 60 },
    { weight: 100, pause_seconds: 0 },
  ],
  ...{ max_error_rate: 5, max_p95_ms: null, min_requests: 20, extend_seconds: 60 },
};
const strategies = [
  ['all at once', undefined],
  ['share by share', canary],
] as const;

describe.each(strategies)(
  'a publish of %s, whose inputs come in any order, late, twice, without an answer, and with cancellations between',
  (_how, traffic) => {
    it('ends once, and leaves a target alone that an operator has put back by hand meanwhile', () => {
      const seen = new Set<string>();
      fc.assert(
        fc.property(
          fc.array(happening, { maxLength: 60, size: 'max' }),
          fc.array(happening, { maxLength: 20 }),
          (happenings, later) => {
            const race = new Race(traffic);
            for (const [draw, which] of happenings) race.happens(draw, which);
            race.target.restoreByHand();
            for (const [draw, which] of later) race.happens(draw, which);
            race.comesToItsEnd();
            race.wakesUpLate();

            expect(race.endings).toBe(1);
            expect(race.target).toMatchObject({ active: 'v1.2.0', shared: false });
            if (race.state.status === 'ended') seen.add(race.state.outcome);
          },
        ),
        { numRuns: 250 },
      );
      expect(seen).toContain('failed');
    });

    it('ends once, and what it ended as is what its target has', () => {
      const seen = new Set<string>();
      fc.assert(
        fc.property(fc.array(happening, { maxLength: 60, size: 'max' }), (happenings) => {
          const race = new Race(traffic);
          for (const [draw, which] of happenings) race.happens(draw, which);
          race.comesToItsEnd();
          const { state } = race;
          race.wakesUpLate();

          expect(race.state).toEqual(state);
          expect(race.endings).toBe(1);
          const outcome = state.status === 'ended' ? state.outcome : state.status;
          seen.add(outcome);
          if (race.cancelled) expect(['cancelled', 'rolled_back', 'rollback_failed']).toContain(outcome);
          if (left[outcome]) expect(race.target).toMatchObject(left[outcome]);
        }),
        { numRuns: 1_000 },
      );
      expect([...seen].sort()).toEqual(['cancelled', 'failed', 'rollback_failed', 'rolled_back', 'succeeded']);
    });
  },
);
