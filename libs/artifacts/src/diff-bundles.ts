import { canonicalDigest, type ArtifactChange, type FieldDifference, type PlanDiff } from '@m3/contracts';
import { type Bundle, collections } from './bundle.js';
import { diffPlans } from './diff-plans.js';
import { fieldDifferences } from './field-differences.js';
import { type ArtifactKind, artifactKinds } from './findings.js';
import { isRecord } from './json-document.js';

type Artifact = Bundle[(typeof collections)[ArtifactKind]][number];

/** What differs between two bundles, by kind, then by name; and how many artifacts do not differ. */
export interface BundleDiff {
  readonly changes: readonly ArtifactChange[];
  readonly unchanged: number;
}

/** Compares two bundles. `before` is null where there was none; then everything is new. */
export function diffBundles(before: Bundle | null, after: Bundle): BundleDiff {
  const pairs = artifactKinds.flatMap((kind) => pairsOf(kind, before, after));
  const changes = pairs.flatMap((pair) => changeOf(pair) ?? []);
  return { changes, unchanged: pairs.length - changes.length };
}

/** An artifact of one kind and name on both sides; it is on one of them at least. */
interface Pair {
  readonly kind: ArtifactKind;
  readonly name: string;
  readonly old: Artifact | undefined;
  readonly now: Artifact | undefined;
}

function pairsOf(kind: ArtifactKind, before: Bundle | null, after: Bundle): Pair[] {
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
