import { executionOrder, routesOf, type QueryNode, type QueryPlan } from '@m3/artifacts';
import type { RouterDefinition } from './routing.js';

/** When a node may run, given how many of its dependencies are active (were run, on a path that was taken). */
export type Join =
  /** Every dependency is active, else the node is skipped with them. */
  | { readonly kind: 'all' }
  /** All dependencies have settled and at least this many are active. */
  | { readonly kind: 'active'; readonly atLeast: number }
  /** As soon as this many are active, without waiting for the others. */
  | { readonly kind: 'first'; readonly atLeast: number };

export interface GraphNode {
  readonly query: QueryNode;
  readonly id: string;
  /** Longest distance from the root; the root has 0. */
  readonly level: number;
  /** Place in execution order. */
  readonly rank: number;
  readonly dependencies: readonly string[];
  readonly join: Join;
  /** The routers that name this node as a target. */
  readonly routers: readonly string[];
}

/** A plan prepared for running; made once per version and shared by its runs. */
export interface PlanGraph {
  /** In execution order. */
  readonly nodes: readonly GraphNode[];
  readonly dependents: ReadonlyMap<string, readonly GraphNode[]>;
  /** Nodes that nothing depends on: what they put out is the result of the run. */
  readonly last: readonly GraphNode[];
}

/** @throws UnorderablePlanError when the dependencies form a cycle or name a node that does not exist. */
export function toGraph(plan: QueryPlan): PlanGraph {
  const routers = routersByTarget(plan);
  const nodes = executionOrder(plan)
    .flatMap((level, index) => level.map((query) => ({ query, level: index })))
    .map(({ query, level }, rank) => toNode(query, { level, rank, routers: routers.get(query.task_id) ?? [] }));
  const dependents = new Map<string, GraphNode[]>();
  for (const node of nodes) for (const id of node.dependencies) append(dependents, id, node);
  return { nodes, dependents, last: nodes.filter((node) => !dependents.has(node.id)) };
}

/** The definition, if the node decides which of several paths a run takes. */
export function routerOf(node: QueryNode): RouterDefinition | undefined {
  const { definition } = node;
  const routes = definition.method === 'BRANCH' || definition.method === 'SWITCH' || definition.method === 'GUARDRAIL';
  return routes ? definition : undefined;
}

function toNode(query: QueryNode, place: Pick<GraphNode, 'level' | 'rank' | 'routers'>): GraphNode {
  const dependencies = [...new Set(query.dependencies)];
  return { query, id: query.task_id, dependencies, join: joinOf(query), ...place };
}

/** Mergers and the nodes that only start, end or group others join the paths that were taken; all others need every input. */
function joinOf({ node_type, definition }: QueryNode): Join {
  if (definition.method === 'MERGER_ENHANCED') {
    const required = definition.min_required ?? 1;
    if (definition.merge_strategy === 'wait_any') return { kind: 'first', atLeast: 1 };
    if (definition.merge_strategy === 'wait_n') return { kind: 'first', atLeast: required };
    return { kind: 'active', atLeast: required };
  }
  const joins = node_type === 'MERGER' || definition.method === 'NOOP';
  return joins ? { kind: 'active', atLeast: 1 } : { kind: 'all' };
}

function routersByTarget(plan: QueryPlan): ReadonlyMap<string, readonly string[]> {
  const routers = new Map<string, string[]>();
  for (const node of plan.nodes) {
    const targets = new Set(routesOf(node.definition).flatMap((route) => route.targets));
    for (const target of targets) append(routers, target, node.task_id);
  }
  return routers;
}

function append<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
