import { faultKinds, lanes } from './faults.js';
import { planChaos } from './plan.js';

const kindsOf = ({ breakage }: ReturnType<typeof planChaos>) =>
  lanes.flatMap((lane) => breakage[lane].map(({ fault }) => fault.kind));

describe('a plan of chaos', () => {
  it('is the same for the same seed, and another for another', () => {
    const size = { seed: 4711, faults: 60, actions: 40 };
    expect(planChaos(size)).toEqual(planChaos(size));
    expect(planChaos({ ...size, seed: 4712 })).not.toEqual(planChaos(size));
  });

  it.each([12, 20, 500, 777])('has exactly as many faults as asked for, and each kind among them (%d)', (faults) => {
    const kinds = kindsOf(planChaos({ seed: 1, faults, actions: 1 }));
    expect(kinds).toHaveLength(faults);
    expect(new Set(kinds)).toEqual(new Set(faultKinds));
  });

  it('tags a version before it publishes it', () => {
    const { todo } = planChaos({ seed: 99, faults: 1, actions: 300 });
    const tagged = new Set<string>();
    for (const action of todo) {
      if (action.kind === 'tag') tagged.add(action.version);
      if (action.kind === 'publish') expect(tagged).toContain(action.version);
    }
    expect(todo).toHaveLength(300);
    const kinds = ['tag', 'publish', 'cancel', 'rollback', 'retry', 'vote'];
    expect(new Set(todo.map(({ kind }) => kind))).toEqual(new Set(kinds));
  });
});
