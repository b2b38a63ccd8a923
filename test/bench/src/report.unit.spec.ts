import { isMet, promisesTable } from './report.js';

describe('the report of a run', () => {
  it('counts a goal that is just reached as met', () => {
    expect(isMet({ value: 3, goal: { kind: 'at_least', value: 3 } })).toBe(true);
    expect(isMet({ value: 150, goal: { kind: 'at_most', value: 150 } })).toBe(true);
  });

  it('counts a goal that is just not reached as missed', () => {
    expect(isMet({ value: 2.99, goal: { kind: 'at_least', value: 3 } })).toBe(false);
    expect(isMet({ value: 151, goal: { kind: 'at_most', value: 150 } })).toBe(false);
  });

  it('shows what was measured, against what, and whether it is enough', () => {
    const text = promisesTable([
      {
        what: 'appends',
        ours: '6,000/s',
        against: 'Emmett 1,500/s',
        value: 4,
        unit: '×',
        goal: { kind: 'at_least', value: 3 },
      },
      { what: 'memory', ours: '90 MB', value: 90, unit: 'MB', goal: { kind: 'at_most', value: 80 } },
    ]);
    expect(text).toMatch(/appends +6,000\/s +Emmett 1,500\/s +4\.00 × +≥ 3\.00 × +met/);
    expect(text).toMatch(/memory +90 MB +90 MB +≤ 80 MB +missed/);
  });
});
