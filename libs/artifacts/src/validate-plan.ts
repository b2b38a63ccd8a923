import { type ArtifactRef, type Finding, hasErrors } from './findings.js';
import { checkJsonValue, isRecord } from './json-document.js';
import { checker } from './json-schema.js';
import { checkDefinition, checkFields } from './plan-definitions.js';
import { buildGraph, checkGraph } from './plan-graph.js';
import { checkLinks } from './plan-links.js';
import { readNodes } from './plan-nodes.js';
import { PlanReport } from './plan-report.js';
import { checkOutputs } from './plan-unused.js';
import { QueryPlan } from './plan.js';

/** A typed plan, with warnings at most; or why it is none. */
export type PlanReading =
  | { readonly ok: true; readonly plan: QueryPlan; readonly warnings: readonly Finding[] }
  | { readonly ok: false; readonly findings: readonly Finding[] };

const limits = { bytes: 64 * 1024 * 1024, depth: 64, values: 5_000_000 };
const plans = checker(QueryPlan);
const unnamed: ArtifactRef = { kind: 'workflow', name: '' };

/**
 * Everything that is wrong with a query plan (spec section 7), errors before warnings; empty when nothing is. Takes any
 * value and never throws; time grows linearly with the plan's size.
 */
export function validatePlan(plan: unknown, { artifact = unnamed }: { artifact?: ArtifactRef } = {}): Finding[] {
  const report = new PlanReport(artifact);
  const problem = checkJsonValue(plan, limits);
  if (problem) report.add('plan.not_json', `The plan cannot be read: ${problem.reason}.`);
  else if (!isRecord(plan)) report.add('plan.not_json', 'The plan is not a JSON object.');
  else if (!Array.isArray(plan['nodes'])) report.add('plan.schema', 'The plan has no list of nodes.');
  else if (plan['nodes'].length === 0) report.add('plan.no_nodes', 'The plan has no nodes.');
  else checkNodes(plan['nodes'], report);
  return report.findings();
}

/** A plan as typed data, for code that runs or shows it. Never throws. */
export function readPlan(plan: unknown, options: { artifact?: ArtifactRef } = {}): PlanReading {
  const findings = validatePlan(plan, options);
  if (!hasErrors(findings) && plans.is(plan)) return { ok: true, plan, warnings: findings };
  return { ok: false, findings };
}

function checkNodes(raw: readonly unknown[], report: PlanReport): void {
  const nodes = readNodes(raw, report);
  const graph = buildGraph(nodes, report);
  checkGraph(graph, report);
  for (const node of nodes) checkDefinition(node, report);
  checkLinks(graph, report);
  checkOutputs(graph, report);
  for (const node of nodes) checkFields(node, report);
}
