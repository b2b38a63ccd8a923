import type { BranchDefinition, BranchPath, GuardrailDefinition, SwitchDefinition } from '@m3/artifacts';
import type { RegexMatcher } from './bounded-regex.js';
import { conditionHolds } from './conditions.js';
import { judge } from './guardrail.js';
import { findByPath, parseJsonPath } from './json-path.js';
import { scalarText, type JsonObject } from './json.js';

export type RouterDefinition = BranchDefinition | SwitchDefinition | GuardrailDefinition;

/** Which nodes a router sends the run to, and what it says about it in its own output. */
export interface RoutingDecision {
  readonly targets: ReadonlySet<string>;
  readonly account: JsonObject;
}

/** Decides over `root`: the input, metadata and outputs of a run. */
export function route(definition: RouterDefinition, root: JsonObject, matches: RegexMatcher): RoutingDecision {
  switch (definition.method) {
    case 'BRANCH':
      return routeBranch(definition, root, matches);
    case 'SWITCH':
      return routeSwitch(definition, root);
    case 'GUARDRAIL':
      return routeGuardrail(definition, root, matches);
  }
}

function routeBranch(definition: BranchDefinition, root: JsonObject, matches: RegexMatcher): RoutingDecision {
  const byPriority = [...definition.paths].sort((left, right) => (right.priority ?? 0) - (left.priority ?? 0));
  const holds = (path: BranchPath) => pathHolds(path, definition, root, matches);
  const chosen = definition.evaluation_mode === 'all_match' ? byPriority.filter(holds) : firstOf(byPriority, holds);
  const fallback = definition.paths.filter((path) => path.path_id === definition.default_path_id);
  const paths = chosen.length > 0 ? chosen : fallback;
  return {
    targets: new Set(paths.flatMap((path) => path.target_node_ids)),
    account: { selected_paths: paths.map((path) => path.path_id) },
  };
}

/**
 * A path without a condition always holds, except the default one: that is for when no other does, whatever its priority.
 * Python condition functions cannot be run here and never hold.
 */
function pathHolds(path: BranchPath, definition: BranchDefinition, root: JsonObject, matches: RegexMatcher): boolean {
  if (typeof path.condition_function === 'string') return false;
  if (path.condition) return conditionHolds(path.condition, root, matches);
  return path.path_id !== definition.default_path_id;
}

function firstOf(paths: readonly BranchPath[], holds: (path: BranchPath) => boolean): readonly BranchPath[] {
  const first = paths.find(holds);
  return first === undefined ? [] : [first];
}

function routeSwitch(definition: SwitchDefinition, root: JsonObject): RoutingDecision {
  const value = findByPath(parseJsonPath(definition.switch_field), root) ?? null;
  const name = scalarText(value);
  const named = Object.hasOwn(definition.cases, name) ? definition.cases[name] : undefined;
  return {
    targets: new Set(named ?? definition.default_case ?? []),
    account: { switch_value: value, selected_case: named === undefined ? 'default' : name },
  };
}

function routeGuardrail(definition: GuardrailDefinition, root: JsonObject, matches: RegexMatcher): RoutingDecision {
  const look = (path: string | null | undefined) => findByPath(parseJsonPath(path ?? ''), root);
  const subject = {
    input: look(definition.input_source),
    context: look(definition.context_source),
    query: look(definition.query_source),
  };
  const verdict = judge(definition, subject, matches);
  const selected = verdict.passed ? 'pass' : 'fail';
  const paths = definition.paths.filter((path) => path.path_id === selected);
  return {
    targets: new Set(paths.flatMap((path) => path.target_node_ids)),
    account: { selected_path: selected, guardrail: verdict },
  };
}
