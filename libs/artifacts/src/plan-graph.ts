import { readable } from './findings.js';
import type { ReadNode } from './plan-nodes.js';
import type { PlanReport } from './plan-report.js';

/** The graph of a plan by index: what each node waits for, what waits for it, and an order in which all could run. */
export interface PlanGraph {
  readonly nodes: readonly ReadNode[];
  readonly indexOf: ReadonlyMap<string, number>;
  readonly dependencies: readonly (readonly number[])[];
  readonly dependents: readonly (readonly number[])[];
  /** Nodes that can run, each after its dependencies. Nodes on or behind a cycle are not in it. */
  readonly order: readonly number[];
  /** The place of each node in `order`, or -1. */
  readonly positions: Int32Array;
}

/** Builds the graph of the dependencies that exist, and reports the others. */
export function buildGraph(nodes: readonly ReadNode[], report: PlanReport): PlanGraph {
  const indexOf = new Map<string, number>();
  for (const node of nodes) if (node.id !== null && !indexOf.has(node.id)) indexOf.set(node.id, node.index);
  const dependents: number[][] = nodes.map(() => []);
  const dependencies = nodes.map((node) => resolve(node, indexOf, report));
  dependencies.forEach((list, index) => list.forEach((dependency) => dependents[dependency]?.push(index)));
  const order = inOrder(dependencies, dependents);
  const positions = new Int32Array(nodes.length).fill(-1);
  order.forEach((index, position) => (positions[index] = position));
  return { nodes, indexOf, dependencies, dependents, order, positions };
}

/** Reports what makes the graph one that cannot run as a whole: no or several roots, cycles, nodes out of reach. */
export function checkGraph(graph: PlanGraph, report: PlanReport): void {
  const roots = graph.nodes.filter((node) => node.dependencies?.length === 0);
  checkRoots(roots, graph, report);
  for (const cycle of cyclesOf(graph)) reportCycle(cycle, report);
  if (roots.length === 0) return;
  const reached = reachable(graph);
  for (const node of graph.nodes.filter(({ index }) => !reached[index])) {
    report.add('plan.unreachable_node', `No path leads from the root to ${nameOf(node)}.`, placeOf(node));
  }
}

function checkRoots([root, ...others]: readonly ReadNode[], graph: PlanGraph, report: PlanReport): void {
  if (!root) {
    const unknown = graph.nodes.some((node) => node.dependencies === null);
    if (!unknown) report.add('plan.no_root', 'No node is without dependencies, so none can start.');
    return;
  }
  for (const other of others) {
    const text = `${nameOf(other)} has no dependencies, but ${nameOf(root)} is the root already.`;
    report.add('plan.multiple_roots', text, { ...placeOf(other), inside: '/dependencies' });
  }
}

/** How a node is called in a message. */
export function nameOf(node: ReadNode): string {
  const title = readable(node.title, 40);
  const id = node.id === null ? `number ${node.index}` : readable(node.id);
  return title === '' ? `node ${id}` : `node ${id} ("${title}")`;
}

function placeOf({ index, id }: ReadNode): { index: number; id: string | null } {
  return { index, id };
}

function resolve(node: ReadNode, indexOf: ReadonlyMap<string, number>, report: PlanReport): number[] {
  const found = new Set<number>();
  node.dependencies?.forEach((id, at) => {
    const place = { ...placeOf(node), inside: `/dependencies/${at}` };
    const index = indexOf.get(id);
    if (index === undefined) {
      report.add(
        'plan.dangling_dependency',
        `${nameOf(node)} depends on ${readable(id) || '""'}, which does not exist.`,
        place,
      );
    } else if (found.has(index)) {
      report.add('plan.duplicate_dependency', `${nameOf(node)} names the dependency ${readable(id)} twice.`, place);
    } else found.add(index);
  });
  return [...found];
}

function inOrder(dependencies: readonly (readonly number[])[], dependents: readonly (readonly number[])[]): number[] {
  const waitingFor = dependencies.map((list) => list.length);
  const order = waitingFor.flatMap((count, index) => (count === 0 ? [index] : []));
  for (let next = 0; next < order.length; next++) {
    for (const dependent of dependents[order[next] ?? 0] ?? []) {
      const left = (waitingFor[dependent] ?? 0) - 1;
      waitingFor[dependent] = left;
      if (left === 0) order.push(dependent);
    }
  }
  return order;
}

/**
 * One cycle from every knot of the graph. Each node that cannot be ordered waits for another such node; following those
 * from any node leads into a cycle, and each node is walked over once.
 */
function* cyclesOf(graph: PlanGraph): Generator<readonly ReadNode[]> {
  const walkOf = new Int32Array(graph.nodes.length);
  const next = (index: number): number =>
    graph.dependencies[index]?.find((dependency) => graph.positions[dependency] === -1) ?? -1;
  for (const start of graph.nodes) {
    const path: number[] = [];
    let at = graph.positions[start.index] === -1 ? start.index : -1;
    while (at >= 0 && walkOf[at] === 0) {
      walkOf[at] = start.index + 1;
      path.push(at);
      at = next(at);
    }
    if (at < 0 || walkOf[at] !== start.index + 1 || path.length === 0) continue;
    yield path.slice(path.indexOf(at)).flatMap((index) => graph.nodes[index] ?? []);
  }
}

function reportCycle(cycle: readonly ReadNode[], report: PlanReport): void {
  const [first] = cycle;
  if (!first) return;
  const names = [...cycle, first].map((node) => node.id ?? `number ${node.index}`);
  const shown = names.length <= 12 ? names : [...names.slice(0, 6), `(${names.length - 11} more)`, ...names.slice(-5)];
  const text = `The nodes wait for each other: ${shown.join(' → ')} (each waits for the next).`;
  report.add('plan.cycle', text, { ...placeOf(first), inside: '/dependencies' });
}

/** Which nodes a path leads to from a root. A node whose dependencies are unknown or dangle is reported for that, and counts as a start. */
function reachable(graph: PlanGraph): readonly boolean[] {
  const reached = graph.nodes.map(({ dependencies }) => {
    return !dependencies?.length || dependencies.some((id) => !graph.indexOf.has(id));
  });
  const pending = reached.flatMap((start, index) => (start ? [index] : []));
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    for (const dependent of graph.dependents[index] ?? []) {
      if (reached[dependent]) continue;
      reached[dependent] = true;
      pending.push(dependent);
    }
  }
  return reached;
}
