import diff from 'microdiff';
import { type Bundle, collections } from './bundle.js';
import { diffPlans, type PlanDiff } from './diff-plans.js';
import { canonicalDigest } from '@m3/contracts';
import { type ArtifactKind, artifactKinds } from './findings.js';
import { toPointer } from './json-document.js';

interface Change<What extends string> {
  readonly kind: ArtifactKind;
  readonly name: string;
  readonly change: What;
}

/**
 * What happens to one artifact when a version replaces another. `before` and `after` are digests; `fields` are the JSON
 * pointers outside a plan that differ; `plan` is there when a plan differs.
 */
export type ArtifactChange =
  | (Change<'new'> & { readonly after: string })
  | (Change<'deleted'> & { readonly before: string })
  | (Change<'unchanged'> & { readonly before: string; readonly after: string })
  | (Change<'updated'> & {
      readonly before: string;
      readonly after: string;
      readonly fields: readonly string[];
      readonly plan?: PlanDiff;
    });

type Artifact = Bundle[(typeof collections)[ArtifactKind]][number];

/** Every artifact of either bundle and what happens to it, by kind, then by name. `before` is null on a target's first release. */
export function diffBundles(before: Bundle | null, after: Bundle): ArtifactChange[] {
  return artifactKinds.flatMap((kind) => {
    const old = byName(before?.[collections[kind]] ?? []);
    const now = byName(after[collections[kind]]);
    const names = [...new Set([...old.keys(), ...now.keys()])].sort();
    return names.flatMap((name) => changeOf(kind, name, { old: old.get(name), now: now.get(name) }));
  });
}

function changeOf(
  kind: ArtifactKind,
  name: string,
  sides: { old: Artifact | undefined; now: Artifact | undefined },
): ArtifactChange[] {
  const { old, now } = sides;
  if (!old && !now) return [];
  if (!old) return [{ kind, name, change: 'new', after: canonicalDigest(now) }];
  if (!now) return [{ kind, name, change: 'deleted', before: canonicalDigest(old) }];
  const [before, after] = [canonicalDigest(old), canonicalDigest(now)];
  if (before === after) return [{ kind, name, change: 'unchanged', before, after }];
  return [{ kind, name, change: 'updated', before, after, ...details(old, now) }];
}

function details(old: Artifact, now: Artifact): { fields: string[]; plan?: PlanDiff } {
  const [before, after] = [splitPlan(old), splitPlan(now)];
  const fields = diff(before.rest, after.rest).map((change) => toPointer(change.path));
  const plan =
    canonicalDigest(before.plan) === canonicalDigest(after.plan) ? {} : { plan: diffPlans(before.plan, after.plan) };
  return { fields, ...plan };
}

/** A plan is compared as a graph, so it is taken out of the document that is compared field by field. */
function splitPlan(artifact: Artifact): { plan: unknown; rest: Record<string, unknown> } {
  const { plan, query_plan_snapshot: snapshot, ...rest }: Record<string, unknown> = { ...artifact };
  return { plan: plan ?? snapshot ?? null, rest };
}

function byName(artifacts: readonly Artifact[]): ReadonlyMap<string, Artifact> {
  return new Map(artifacts.map((artifact) => [artifact.name, artifact]));
}
