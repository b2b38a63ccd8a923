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
  const waitingFor = new Map<QueryNode, number>();
  const dependents = dependentsOf(plan, waitingFor);
  const level = new Map<QueryNode, number>();
  const ready = plan.nodes.filter((node) => waitingFor.get(node) === 0);
  for (const node of ready) level.set(node, 0);
  // The list grows while it is walked. Nodes come in order of level, so whoever releases a node last stands just before it.
  for (const done of ready) {
    const next = (level.get(done) ?? 0) + 1;
    for (const node of released(dependents.get(done.task_id) ?? [], waitingFor)) {
      level.set(node, next);
      ready.push(node);
    }
  }
  const stuck = plan.nodes.filter((node) => !level.has(node));
  if (stuck.length > 0) throw new UnorderablePlanError(stuck.map((node) => node.task_id));
  return byLevel(plan, level);
}

/** Of the nodes that waited for one that is done, those that wait for nothing more. */
function released(dependents: readonly QueryNode[], waitingFor: Map<QueryNode, number>): QueryNode[] {
  return dependents.filter((node) => {
    const left = (waitingFor.get(node) ?? 0) - 1;
    waitingFor.set(node, left);
    return left === 0;
  });
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
