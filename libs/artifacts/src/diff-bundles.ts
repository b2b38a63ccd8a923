import { canonicalDigest, type ArtifactChange, type FieldDifference, type PlanDiff } from '@m3/contracts';
import { type Bundle, collections } from './bundle.js';
import { type ArtifactEntry, listArtifacts } from './digests.js';
import { diffPlans } from './diff-plans.js';
import { fieldDifferences } from './field-differences.js';
import { type ArtifactKind, artifactKinds } from './findings.js';
import { isRecord } from './json-document.js';

/** An artifact, of whatever form: what a target holds may have been changed by hand. */
type Artifact = { readonly name: string };
/** What is compared of two bundles, or of what targets hold. */
export type ArtifactLists = Readonly<Record<(typeof collections)[ArtifactKind], readonly Artifact[]>>;

/** What differs between two bundles, by kind, then by name; and how many artifacts do not differ. */
export interface BundleDiff {
  readonly changes: readonly ArtifactChange[];
  readonly unchanged: number;
}

/** Compares two bundles. `before` is null where there was none; then everything is new. */
export function diffBundles(before: ArtifactLists | null, after: ArtifactLists): BundleDiff {
  const pairs = artifactKinds.flatMap((kind) => pairsOf(kind, before, after));
  const changes = pairs.flatMap((pair) => changeOf(pair) ?? []);
  return { changes, unchanged: pairs.length - changes.length };
}

/** The same where of the bundle before only the digests of its artifacts are known: what is updated has no details. */
export function diffDigests(before: readonly ArtifactEntry[], after: Bundle): BundleDiff {
  const key = ({ kind, name }: ArtifactEntry): string => `${kind} ${name}`;
  const now = new Map(listArtifacts(after).map((entry) => [key(entry), entry]));
  const old = new Map(before.map((entry) => [key(entry), entry]));
  const entries = [...new Map([...old, ...now]).values()].sort(byKindAndName);
  const changes = entries.flatMap((entry): ArtifactChange[] => {
    const { kind, name } = entry;
    const [was, is] = [old.get(key(entry))?.digest, now.get(key(entry))?.digest];
    if (was === is) return [];
    if (was === undefined) return [{ kind, name, change: 'new', after: entry.digest }];
    if (is === undefined) return [{ kind, name, change: 'deleted', before: was }];
    return [{ kind, name, change: 'updated', before: was, after: is, fields: [] }];
  });
  return { changes, unchanged: entries.length - changes.length };
}

function byKindAndName(a: ArtifactEntry, b: ArtifactEntry): number {
  return artifactKinds.indexOf(a.kind) - artifactKinds.indexOf(b.kind) || (a.name < b.name ? -1 : 1);
}

/** An artifact of one kind and name on both sides; it is on one of them at least. */
interface Pair {
  readonly kind: ArtifactKind;
  readonly name: string;
  readonly old: Artifact | undefined;
  readonly now: Artifact | undefined;
}

function pairsOf(kind: ArtifactKind, before: ArtifactLists | null, after: ArtifactLists): Pair[] {
  const old = byName(before?.[collections[kind]] ?? []);
  const now = byName(after[collections[kind]]);
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  return names.map((name) => ({ kind, name, old: old.get(name), now: now.get(name) }));
}

/** Null: the artifact is the same on both sides. */
function changeOf({ kind, name, old, now }: Pair): ArtifactChange | null {
  if (!old) return { kind, name, change: 'new', after: canonicalDigest(now) };
  if (!now) return { kind, name, change: 'deleted', before: canonicalDigest(old) };
  const [before, after] = [canonicalDigest(old), canonicalDigest(now)];
  return before === after ? null : { kind, name, change: 'updated', before, after, ...details(old, now) };
}

function details(old: Artifact, now: Artifact): { fields: FieldDifference[]; plan?: PlanDiff } {
  const [before, after] = [splitPlan(old), splitPlan(now)];
  const fields = fieldDifferences(before.rest, after.rest);
  const plan =
    canonicalDigest(before.nodes) === canonicalDigest(after.nodes)
      ? {}
      : { plan: diffPlans({ nodes: before.nodes }, { nodes: after.nodes }) };
  return { fields, ...plan };
}

/** Nodes are compared as a graph, so they are taken out of the document that is compared field by field. */
function splitPlan(artifact: Artifact): { nodes: readonly unknown[]; rest: Record<string, unknown> } {
  const document: Record<string, unknown> = { ...artifact };
  const key = 'plan' in document ? 'plan' : 'query_plan_snapshot';
  const plan = document[key];
  if (!isRecord(plan) || !Array.isArray(plan['nodes'])) return { nodes: [], rest: document };
  const { nodes, ...rest } = plan;
  return { nodes: Array.isArray(nodes) ? nodes : [], rest: { ...document, [key]: rest } };
}

function byName(artifacts: readonly Artifact[]): ReadonlyMap<string, Artifact> {
  return new Map(artifacts.map((artifact) => [artifact.name, artifact]));
}
