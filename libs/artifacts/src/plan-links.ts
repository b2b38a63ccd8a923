import { readable } from './findings.js';
import { nameOf, type PlanGraph } from './plan-graph.js';
import { inputReferences } from './plan-inputs.js';
import { answerUpstream, type UpstreamQuestion } from './plan-reachability.js';
import { routesOf } from './plan-routes.js';
import type { ReadNode } from './plan-nodes.js';
import type { PlanReport } from './plan-report.js';

/** A link that a definition makes beside the dependencies, and what to report when the order of the graph denies it. */
interface Link extends UpstreamQuestion {
  readonly deny: () => void;
}

/** Reports path targets and JSONPath inputs that name unknown nodes, or nodes on the wrong side. */
export function checkLinks(graph: PlanGraph, report: PlanReport): void {
  const links = graph.nodes.flatMap((node) => [...routeLinks(node, graph, report), ...inputLinks(node, graph, report)]);
  const answers = answerUpstream(graph, links);
  links.forEach((link, index) => {
    if (answers[index] === false) link.deny();
  });
}

/** The nodes whose output is read by JSONPath. */
export function nodesRead(graph: PlanGraph): ReadonlySet<number> {
  const read = graph.nodes.flatMap(({ definition }) => (definition ? inputReferences(definition) : []));
  return new Set(read.flatMap(({ taskId }) => graph.indexOf.get(taskId) ?? []));
}

function routeLinks(node: ReadNode, graph: PlanGraph, report: PlanReport): Link[] {
  if (!node.definition) return [];
  return routesOf(node.definition).flatMap(({ name, targets, pointer }) =>
    targets.flatMap((id, at) => {
      const place = { index: node.index, id: node.id, inside: `/definition${pointer}/${at}` };
      const route = `The path "${readable(name, 40)}" of ${nameOf(node)} leads to ${readable(id) || '""'}`;
      const to = graph.indexOf.get(id);
      if (to === undefined) {
        report.add('plan.unknown_path_target', `${route}, which does not exist.`, place);
        return [];
      }
      const deny = (): void =>
        report.add('plan.path_target_not_downstream', `${route}, which does not depend on it.`, place);
      return [{ from: node.index, to, deny }];
    }),
  );
}

function inputLinks(node: ReadNode, graph: PlanGraph, report: PlanReport): Link[] {
  if (!node.definition) return [];
  return inputReferences(node.definition).flatMap(({ taskId, pointer }) => {
    const place = { index: node.index, id: node.id, inside: `/definition${pointer}` };
    const read = `${nameOf(node)} reads from ${readable(taskId)}`;
    const from = graph.indexOf.get(taskId);
    if (from === undefined) {
      report.add('plan.unknown_input_node', `${read}, which does not exist.`, place);
      return [];
    }
    const deny = (): void =>
      report.add('plan.input_not_upstream', `${read}, which is not done before it: it is not upstream.`, place);
    return [{ from, to: node.index, deny }];
  });
}
