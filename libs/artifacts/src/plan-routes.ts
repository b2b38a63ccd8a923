import { assertNever } from '@m3/decider';
import type { NodeDefinition } from './node-definitions.js';

/** One way on from a node that routes: the nodes that run when it is taken. */
export interface Route {
  /** The path id; for a SWITCH the value of the case, or `default`. */
  readonly name: string;
  readonly targets: readonly string[];
  /** A JSON pointer to the targets, inside the definition. */
  readonly pointer: string;
}

/** The ways on from a node, empty for one that does not route. */
export function routesOf(definition: NodeDefinition): Route[] {
  switch (definition.method) {
    case 'BRANCH':
    case 'GUARDRAIL':
      return definition.paths.map(({ path_id, target_node_ids }, index) => ({
        name: path_id,
        targets: target_node_ids,
        pointer: `/paths/${index}/target_node_ids`,
      }));
    case 'SWITCH':
      return [
        ...Object.entries(definition.cases).map(([value, targets]) => ({
          name: value,
          targets,
          pointer: `/cases/${value.replaceAll('~', '~0').replaceAll('/', '~1')}`,
        })),
        ...(definition.default_case
          ? [{ name: 'default', targets: definition.default_case, pointer: '/default_case' }]
          : []),
      ];
    case 'NOOP':
    case 'EXECUTOR_ENDPOINT':
    case 'PYTHON_FUNCTION':
    case 'LLM':
    case 'MERGER_ENHANCED':
      return [];
    default:
      return assertNever(definition);
  }
}
