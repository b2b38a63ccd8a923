import type { ArtifactChange } from '@m3/contracts';
import { summariseChanges } from './summarise-changes.js';

const digest = `sha256:${'a'.repeat(64)}`;
const label = (name: string) => ({ task_id: name, query_str: name });
const updated = (name: string, nodes: number): ArtifactChange => ({
  ...{ kind: 'workflow', name, change: 'updated', before: digest, after: digest },
  fields: [{ field: '/description', before: 'x' }],
  plan: { added: Array.from({ length: nodes }, (_, at) => label(`${at}`)), removed: [], changed: [], rewired: [] },
});

describe('what a comparison shows', () => {
  const gone: ArtifactChange = { kind: 'agent', name: 'clerk', change: 'deleted', before: digest };

  test('is all of it where there is room', () => {
    const changes = [updated('a', 3), gone];
    expect(summariseChanges({ changes, unchanged: 7 })).toEqual({
      ...{ counts: { new: 0, updated: 1, deleted: 1, unchanged: 7 }, changes, omitted: 0 },
    });
  });

  test('names every artifact before it describes one, and counts what it leaves out', () => {
    const summary = summariseChanges({ changes: [updated('a', 9), updated('b', 9), gone], unchanged: 0 }, 6);
    expect(summary.changes.map(({ name }) => name)).toEqual(['a', 'b', 'clerk']);
    expect(summary.changes[0]).toMatchObject({ fields: [{ field: '/description' }], plan: { added: [{}, {}] } });
    expect(summary.changes[1]).toMatchObject({ fields: [], plan: { added: [] } });
    expect(summary).toMatchObject({ counts: { updated: 2, deleted: 1 }, omitted: 17 });
  });
});
