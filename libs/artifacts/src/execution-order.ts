import type { QueryNode, QueryPlan } from './plan.js';

/** A plan that cannot be put in order because its dependencies form a cycle or name nodes that do not exist. */
export class UnorderablePlanError extends Error {
  readonly code = 'plan_not_orderable';
  constructor(readonly taskIds: readonly string[]) {
    super(`${taskIds.length} nodes can never start, the first is ${taskIds[0] ?? 'unknown'}; validate the plan first`);
  }
}

/**
 * The nodes of a valid plan by level: each level depends only on levels before it, so its nodes may run side by side.
 * Within a level the order of the plan is kept. Throws {@link UnorderablePlanError} for a plan that validation refuses.
 */
export function executionOrder(plan: QueryPlan): readonly (readonly QueryNode[])[] {
  const dependents = new Map<string, QueryNode[]>();
  const waitingFor = new Map<QueryNode, number>();
  for (const node of plan.nodes) {
    const dependencies = new Set(node.dependencies);
    waitingFor.set(node, dependencies.size);
    for (const id of dependencies) appendTo(dependents, id, node);
  }
  const levels: QueryNode[][] = [];
  let level = plan.nodes.filter((node) => waitingFor.get(node) === 0);
  while (level.length > 0) {
    levels.push(level);
    for (const node of level) waitingFor.delete(node);
    level = released(level, dependents, waitingFor);
  }
  if (waitingFor.size > 0) throw new UnorderablePlanError([...waitingFor.keys()].map((node) => node.task_id));
  return levels;
}

function released(
  done: readonly QueryNode[],
  dependents: ReadonlyMap<string, readonly QueryNode[]>,
  waitingFor: Map<QueryNode, number>,
): QueryNode[] {
  const ready: QueryNode[] = [];
  for (const { task_id } of done) {
    for (const node of dependents.get(task_id) ?? []) {
      const left = (waitingFor.get(node) ?? 0) - 1;
      waitingFor.set(node, left);
      if (left === 0) ready.push(node);
    }
  }
  return ready;
}

function appendTo<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
