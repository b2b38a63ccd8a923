import { canonicalJson } from '@m3/contracts';
import type { Snapshot } from './snapshot.js';

/** What becomes of one artifact when one snapshot takes the place of another. */
export interface SnapshotChange {
  readonly kind: 'workflow' | 'agent' | 'processor';
  readonly name: string;
  readonly change: 'added' | 'changed' | 'removed';
}

/** What would change for executions if `after` took the place of `before`: the artifacts of the active versions. */
export function snapshotChanges(before: Snapshot, after: Snapshot): readonly SnapshotChange[] {
  const [old, wanted] = [activeArtifacts(before), activeArtifacts(after)];
  return [...new Set([...old.keys(), ...wanted.keys()])].sort().flatMap((key): readonly SnapshotChange[] => {
    const [from, to] = [old.get(key), wanted.get(key)];
    const known = to ?? from;
    if (known === undefined || from?.content === to?.content) return [];
    const { kind, name } = known;
    if (from === undefined) return [{ kind, name, change: 'added' }];
    return [{ kind, name, change: to === undefined ? 'removed' : 'changed' }];
  });
}

type Artifact = Pick<SnapshotChange, 'kind' | 'name'> & { readonly content: string };

function activeArtifacts({ active_release, workflows, agents, processors }: Snapshot): ReadonlyMap<string, Artifact> {
  const all = [
    ...workflows.map(({ name, version, plan }) => ({ kind: 'workflow' as const, name, version, content: plan })),
    ...agents.map(({ name, version, document }) => ({ kind: 'agent' as const, name, version, content: document })),
    ...processors.map(({ name, version, document }) => ({
      kind: 'processor' as const,
      name,
      version,
      content: document,
    })),
  ];
  const active = all.filter(({ version }) => version === active_release?.version);
  return new Map(
    active.map(({ kind, name, content }) => [`${kind} ${name}`, { kind, name, content: canonicalJson(content) }]),
  );
}
