import { assertNever } from '@m3/decider';
import { readable } from './findings.js';
import { type BranchDefinition, definitionSchemas, type MergerDefinition } from './node-definitions.js';
import type { ReadNode } from './plan-nodes.js';
import type { PlanReport } from './plan-report.js';
import { QueryNode } from './plan.js';

/** Reports what a definition's schema cannot say: parts of one definition that contradict each other. */
export function checkDefinition(node: ReadNode, report: PlanReport): void {
  const { definition } = node;
  if (!definition) return;
  switch (definition.method) {
    case 'BRANCH':
      return checkBranch(node, definition, report);
    case 'GUARDRAIL':
      if (new Set(definition.paths.map(({ path_id }) => path_id)).size === 2) return;
      return report.add('plan.guardrail_paths', 'The guardrail has one of its paths twice.', at(node, '/paths'));
    case 'MERGER_ENHANCED':
      return checkMerger(node, definition, report);
    case 'NOOP':
    case 'EXECUTOR_ENDPOINT':
    case 'PYTHON_FUNCTION':
    case 'LLM':
    case 'SWITCH':
      return;
    default:
      assertNever(definition);
  }
}

const nodeFields = new Set(Object.keys(QueryNode.properties));
const deprecatedNodeFields = new Set(['tool_name', 'child_nodes']);

/** Warns of fields that Marie no longer reads, or never did. */
export function checkFields({ index, id, raw, definition }: ReadNode, report: PlanReport): void {
  for (const field of Object.keys(raw)) {
    if (nodeFields.has(field)) continue;
    const place = { index, id, inside: `/${readable(field)}` };
    if (deprecatedNodeFields.has(field))
      report.add('plan.deprecated_field', `The field "${field}" is deprecated.`, place);
    else report.add('plan.unknown_field', `Nodes have no field "${readable(field)}".`, place);
  }
  if (!definition) return;
  const known = definitionSchemas[definition.method].properties;
  for (const field of Object.keys(definition)) {
    if (Object.hasOwn(known, field)) continue;
    const text = `Definitions of the method ${definition.method} have no field "${readable(field)}".`;
    report.add('plan.unknown_field', text, { index, id, inside: `/definition/${readable(field)}` });
  }
}

function checkBranch(node: ReadNode, { paths, default_path_id }: BranchDefinition, report: PlanReport): void {
  const seen = new Set<string>();
  paths.forEach(({ path_id }, index) => {
    if (seen.has(path_id)) {
      const text = `Two paths have the id "${readable(path_id, 40)}".`;
      report.add('plan.duplicate_path', text, at(node, `/paths/${index}/path_id`));
    }
    seen.add(path_id);
  });
  if (typeof default_path_id === 'string' && !seen.has(default_path_id)) {
    const text = `The default path "${readable(default_path_id, 40)}" does not exist.`;
    report.add('plan.unknown_default_path', text, at(node, '/default_path_id'));
  }
}

function checkMerger(node: ReadNode, { merge_strategy, min_required }: MergerDefinition, report: PlanReport): void {
  if (merge_strategy !== 'wait_n' || node.dependencies === null) return;
  const dependencies = new Set(node.dependencies).size;
  if (typeof min_required === 'number' && min_required <= dependencies) return;
  const text = `The merger waits for ${min_required ?? 'an unknown number'} of ${dependencies} dependencies.`;
  report.add('plan.merger_min_required', text, at(node, '/min_required'));
}

function at({ index, id }: ReadNode, pointer: string): { index: number; id: string | null; inside: string } {
  return { index, id, inside: `/definition${pointer}` };
}
