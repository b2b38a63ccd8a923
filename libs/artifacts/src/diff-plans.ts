import type { ChangedNode, FieldDifference, NodeLabel, PlanDiff, RewiredNode } from '@m3/contracts';
import { fieldDifferences, shownText } from './field-differences.js';
import { isRecord } from './json-document.js';

interface LooseNode extends NodeLabel {
  readonly dependencies: readonly string[];
  readonly content: Record<string, unknown>;
}

/**
 * The structural difference of two plans. Nodes are the same when they have the same task id, or else the same method and
 * text if only one node on each side has them: a plan that was exported again with fresh ids differs in nothing.
 */
export function diffPlans(before: unknown, after: unknown): PlanDiff {
  const old = nodesOf(before);
  const now = nodesOf(after);
  const pairs = pair(old, now);
  const newIds = new Map([...pairs].map(([current, previous]) => [previous.task_id, current.task_id]));
  const kept = new Set(pairs.values());
  const labels = new Map([...old, ...now].map((node) => [node.task_id, shownText(node.query_str || node.task_id)]));
  const changed: ChangedNode[] = [];
  const rewired: RewiredNode[] = [];
  for (const [node, previous] of pairs) {
    const fields = changedFields(previous, node, newIds);
    if (fields.length > 0) changed.push({ ...label(node), fields });
    const wiring = difference(
      previous.dependencies.map((id) => newIds.get(id) ?? id),
      node.dependencies,
      labels,
    );
    if (wiring.added.length + wiring.removed.length > 0) rewired.push({ ...label(node), ...wiring });
  }
  return {
    added: now.filter((node) => !pairs.has(node)).map(label),
    removed: old.filter((node) => !kept.has(node)).map(label),
    changed,
    rewired,
  };
}

function pair(old: readonly LooseNode[], now: readonly LooseNode[]): Map<LooseNode, LooseNode> {
  const byId = new Map(old.map((node) => [node.task_id, node]));
  const pairs = new Map<LooseNode, LooseNode>();
  for (const node of now) {
    const same = byId.get(node.task_id);
    if (same) pairs.set(node, same);
  }
  const taken = new Set(pairs.values());
  const leftBefore = unique(old.filter((node) => !taken.has(node)));
  const leftNow = unique(now.filter((node) => !pairs.has(node)));
  for (const [likeness, node] of leftNow) {
    const same = leftBefore.get(likeness);
    if (node && same) pairs.set(node, same);
  }
  return pairs;
}

/** Nodes by what they are; null where two nodes are alike, so that neither is taken for the other. */
function unique(nodes: readonly LooseNode[]): Map<string, LooseNode | null> {
  const byLikeness = new Map<string, LooseNode | null>();
  for (const node of nodes) {
    const definition = node.content['definition'];
    const likeness = JSON.stringify([isRecord(definition) ? definition['method'] : null, node.query_str]);
    byLikeness.set(likeness, byLikeness.has(likeness) ? null : node);
  }
  return byLikeness;
}

function changedFields(before: LooseNode, after: LooseNode, newIds: ReadonlyMap<string, string>): FieldDifference[] {
  const renamed = before.task_id === after.task_id ? before.content : withNewIds(before.content, newIds);
  return fieldDifferences(renamed, after.content);
}

/** The content with references to old task ids turned into the new ones, as a definition names its path targets. */
function withNewIds(content: Record<string, unknown>, newIds: ReadonlyMap<string, string>): Record<string, unknown> {
  const text = JSON.stringify(content).replace(
    /[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}/g,
    (id) => newIds.get(id) ?? id,
  );
  const renamed: unknown = JSON.parse(text);
  return isRecord(renamed) ? renamed : content;
}

function difference(
  before: readonly string[],
  after: readonly string[],
  labels: ReadonlyMap<string, string>,
): Pick<RewiredNode, 'added' | 'removed'> {
  const [old, now] = [new Set(before), new Set(after)];
  const name = (id: string): string => labels.get(id) ?? id;
  return {
    added: [...now].filter((id) => !old.has(id)).map(name),
    removed: [...old].filter((id) => !now.has(id)).map(name),
  };
}

function label({ task_id, query_str }: LooseNode): NodeLabel {
  return { task_id: shownText(task_id), query_str: shownText(query_str) };
}

function nodesOf(plan: unknown): LooseNode[] {
  const nodes: unknown = isRecord(plan) ? plan['nodes'] : undefined;
  if (!Array.isArray(nodes)) return [];
  return nodes.filter(isRecord).map(({ task_id, query_str, dependencies, ...content }) => ({
    task_id: typeof task_id === 'string' ? task_id : '',
    query_str: typeof query_str === 'string' ? query_str : '',
    dependencies: Array.isArray(dependencies) ? dependencies.filter((id) => typeof id === 'string') : [],
    content: { query_str, ...content },
  }));
}
