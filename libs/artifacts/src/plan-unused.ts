import { nameOf, type PlanGraph } from './plan-graph.js';
import { nodesRead } from './plan-links.js';
import type { ReadNode } from './plan-nodes.js';
import type { PlanReport } from './plan-report.js';

/**
 * Warns of outputs that nobody takes: a node that works and on which nothing depends, in a plan that has an explicit end (a
 * NOOP) elsewhere. Not meant are the ends of alternatives: behind a node that routes, each path may end on its own, until a
 * merger joins them.
 */
export function checkOutputs(graph: PlanGraph, report: PlanReport): void {
  const leaves = graph.nodes.filter(({ index }) => graph.dependents[index]?.length === 0);
  if (!leaves.some(({ definition }) => definition?.method === 'NOOP')) return;
  const alternatives = alternativesOf(graph);
  const read = nodesRead(graph);
  for (const leaf of leaves) {
    if (!hasOutput(leaf) || alternatives[leaf.index] || read.has(leaf.index)) continue;
    report.add('plan.unused_output', `Nothing uses the output of ${nameOf(leaf)}.`, { index: leaf.index, id: leaf.id });
  }
}

function hasOutput({ definition }: ReadNode): boolean {
  const method = definition?.method;
  return method === 'EXECUTOR_ENDPOINT' || method === 'LLM' || method === 'PYTHON_FUNCTION';
}

function alternativesOf(graph: PlanGraph): readonly boolean[] {
  const alternative: boolean[] = [];
  for (const index of graph.order) {
    const node = graph.nodes[index];
    const behind = graph.dependencies[index]?.some((dependency) => {
      return alternative[dependency] === true || routes(graph.nodes[dependency]);
    });
    alternative[index] = behind === true && node?.nodeType !== 'MERGER';
  }
  return alternative;
}

function routes(node: ReadNode | undefined): boolean {
  return node?.nodeType === 'BRANCH' || node?.nodeType === 'SWITCH' || node?.nodeType === 'GUARDRAIL';
}
