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
  const level = new Map<QueryNode, number>();
  const waitingFor = new Map<QueryNode, number>();
  const dependents = dependentsOf(plan, waitingFor);
  const ready = plan.nodes.filter((node) => waitingFor.get(node) === 0);
  for (const node of ready) level.set(node, 0);
  for (let next = 0; next < ready.length; next++) {
    const done = ready[next];
    if (!done) break;
    for (const node of dependents.get(done.task_id) ?? []) {
      const left = (waitingFor.get(node) ?? 0) - 1;
      waitingFor.set(node, left);
      if (left > 0) continue;
      // Nodes are taken in order of level, so whoever releases a node last stands in the level just before it.
      level.set(node, (level.get(done) ?? 0) + 1);
      ready.push(node);
    }
  }
  if (ready.length < plan.nodes.length) {
    throw new UnorderablePlanError(plan.nodes.filter((node) => !level.has(node)).map((node) => node.task_id));
  }
  return byLevel(plan, level);
}

function dependentsOf(plan: QueryPlan, waitingFor: Map<QueryNode, number>): ReadonlyMap<string, readonly QueryNode[]> {
  const dependents = new Map<string, QueryNode[]>(plan.nodes.map((node) => [node.task_id, []]));
  for (const node of plan.nodes) {
    const dependencies = new Set(node.dependencies);
    waitingFor.set(node, dependencies.size);
    for (const id of dependencies) dependents.get(id)?.push(node);
  }
  return dependents;
}

function byLevel(plan: QueryPlan, level: ReadonlyMap<QueryNode, number>): QueryNode[][] {
  const levels: QueryNode[][] = [];
  for (const node of plan.nodes) (levels[level.get(node) ?? 0] ??= []).push(node);
  return levels;
}
