import fc from 'fast-check';
import { VersionChooser } from './version-chooser.js';

test('without routes it is the active version', () => {
  expect(new VersionChooser().choose('s', { activeVersion: 'v1', routes: [] })).toBe('v1');
  expect(new VersionChooser().choose('s', { activeVersion: null, routes: [] })).toBeNull();
});

test('where every route takes none, nobody gets new executions', () => {
  expect(new VersionChooser().choose('s', { activeVersion: 'v1', routes: [{ version: 'v1', weight: 0 }] })).toBeNull();
});

test('a single route takes everything', () => {
  expect(new VersionChooser().choose('s', { activeVersion: 'v1', routes: [{ version: 'v2', weight: 10 }] })).toBe('v2');
});

test('of as many executions as the weights add up to, each version gets exactly its weight', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 2, maxLength: 5 }), (weights) => {
      const routes = weights.map((weight, index) => ({ version: `v${index}`, weight }));
      const chooser = new VersionChooser();
      const counts = new Map<string | null, number>();
      for (let count = weights.reduce((sum, weight) => sum + weight, 0); count > 0; count -= 1) {
        const version = chooser.choose('s', { activeVersion: 'v0', routes });
        counts.set(version, (counts.get(version) ?? 0) + 1);
      }
      expect(routes.map(({ version }) => counts.get(version))).toEqual(weights);
    }),
  );
});
