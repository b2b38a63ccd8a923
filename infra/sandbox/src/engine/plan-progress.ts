import type { GraphNode, Join, PlanGraph } from './plan-graph.js';

/** How a node ended. A router says which nodes it chose. */
export type Settlement =
  { readonly kind: 'completed'; readonly targets?: ReadonlySet<string> } | { readonly kind: 'skipped' };

/** What is to be done with a node now: run it, skip it, or fail it because too few of the paths it joins were taken. */
export interface Verdict {
  readonly node: GraphNode;
  readonly next: 'run' | 'skip' | 'fail';
}

interface Count {
  settled: number;
  active: number;
}

/**
 * Which nodes of a plan may go on, as others settle. Every node gets exactly one verdict, and none before the
 * dependencies that it waits for have settled. No I/O, no clock: the caller runs what it is told to.
 */
export class PlanProgress {
  private readonly counts = new Map<string, Count>();
  private readonly settlements = new Map<string, Settlement>();
  private readonly decided = new Set<string>();

  constructor(private readonly graph: PlanGraph) {}

  /** The nodes that depend on nothing. */
  begin(): readonly Verdict[] {
    return this.graph.nodes.filter((node) => node.dependencies.length === 0).map((node) => this.verdict(node, 'run'));
  }

  /** Records that a node ended, and tells what follows for others. Skipped nodes are settled by this call itself. */
  settle(id: string, settlement: Settlement): readonly Verdict[] {
    const verdicts: Verdict[] = [];
    const queue: [string, Settlement][] = [[id, settlement]];
    for (const [settled, how] of queue) {
      this.settlements.set(settled, how);
      for (const node of this.graph.dependents.get(settled) ?? []) {
        const verdict = this.count(node, settled, how);
        if (verdict === undefined) continue;
        verdicts.push(verdict);
        if (verdict.next === 'skip') queue.push([node.id, { kind: 'skipped' }]);
      }
    }
    return verdicts;
  }

  /** The nodes that have had no verdict so far. */
  undecided(): readonly GraphNode[] {
    return this.graph.nodes.filter((node) => !this.decided.has(node.id));
  }

  private count(node: GraphNode, settled: string, how: Settlement): Verdict | undefined {
    if (this.decided.has(node.id)) return undefined;
    const count = this.counts.get(node.id) ?? { settled: 0, active: 0 };
    this.counts.set(node.id, count);
    count.settled += 1;
    if (leadsTo(node, settled, how)) count.active += 1;
    const next = nextFor(node, count);
    if (next === undefined) return undefined;
    return this.verdict(node, this.isOnPathNotTaken(node) ? 'skip' : next);
  }

  private verdict(node: GraphNode, next: Verdict['next']): Verdict {
    this.decided.add(node.id);
    return { node, next };
  }

  /** True when routers that name the node have decided, and none of them chose it. */
  private isOnPathNotTaken(node: GraphNode): boolean {
    const decisions = node.routers.flatMap((router) => this.settlements.get(router) ?? []);
    return decisions.length > 0 && !decisions.some((decision) => chose(decision, node.id));
  }
}

function chose(settlement: Settlement, id: string): boolean {
  return settlement.kind === 'completed' && settlement.targets?.has(id) === true;
}

/** Whether the edge from a settled node to `node` was taken. */
function leadsTo(node: GraphNode, settled: string, how: Settlement): boolean {
  if (how.kind === 'skipped') return false;
  return !node.routers.includes(settled) || chose(how, node.id);
}

function nextFor({ dependencies, join }: GraphNode, { settled, active }: Count): Verdict['next'] | undefined {
  const enough = active >= required(join, dependencies.length);
  if (enough && join.kind === 'first') return 'run';
  if (settled < dependencies.length) return undefined;
  if (enough) return 'run';
  return active === 0 || join.kind === 'all' ? 'skip' : 'fail';
}

function required(join: Join, dependencies: number): number {
  return join.kind === 'all' ? dependencies : join.atLeast;
}
