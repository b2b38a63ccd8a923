import { snapshotChanges } from './snapshot-changes.js';
import type { Snapshot } from './snapshot.js';

/** A snapshot of one active version with these agents. */
function snapshot(version: string, agents: Readonly<Record<string, unknown>>): Snapshot {
  return {
    format: 1,
    schema: 'production',
    active_release: { version, previous_version: null },
    routes: [{ version, weight: 100 }],
    releases: [{ version, manifest: {}, checksum: 'c', created_at: '2026-01-01T00:00:00Z' }],
    workflows: [],
    agents: Object.entries(agents).map(([name, document]) => ({ name, version, document, checksum: 'c' })),
    processors: [],
  };
}

describe('what changes between two snapshots', () => {
  it('names each artifact that comes, goes or is another', () => {
    const before = snapshot('v2', { gone: {}, same: { a: 1, b: 2 }, changed: { a: 1 } });
    const after = snapshot('v1', { back: {}, same: { b: 2, a: 1 }, changed: { a: 2 } });
    expect(snapshotChanges(before, after)).toEqual([
      { kind: 'agent', name: 'back', change: 'added' },
      { kind: 'agent', name: 'changed', change: 'changed' },
      { kind: 'agent', name: 'gone', change: 'removed' },
    ]);
  });

  it('is nothing between equal ones, and everything from or to nothing', () => {
    const one = snapshot('v1', { a: {} });
    const nothing: Snapshot = { ...one, active_release: null, routes: [], releases: [], agents: [] };
    expect(snapshotChanges(one, one)).toEqual([]);
    expect(snapshotChanges(nothing, one)).toMatchObject([{ change: 'added' }]);
    expect(snapshotChanges(one, nothing)).toMatchObject([{ change: 'removed' }]);
  });
});
