import type { NodeDefinition, NodeType, QueryNode, QueryPlan } from '@m3/artifacts';

/** Writing plans for tests: nodes have short numbers, their task ids follow from them. */

export function taskId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

export function node(
  number: number,
  dependencies: readonly number[],
  definition: NodeDefinition = { method: 'NOOP' },
): QueryNode {
  return {
    task_id: taskId(number),
    query_str: `node ${number}`,
    dependencies: dependencies.map(taskId),
    node_type: typeOf(definition),
    definition,
  };
}

export function plan(...nodes: QueryNode[]): QueryPlan {
  return { nodes };
}

/** A node that an executor works on. */
export function work(number: number, dependencies: readonly number[], endpoint = '/process'): QueryNode {
  return node(number, dependencies, { method: 'EXECUTOR_ENDPOINT', endpoint });
}

export function merger(number: number, dependencies: readonly number[]): QueryNode {
  return node(number, dependencies, { method: 'MERGER_ENHANCED' });
}

function typeOf({ method }: NodeDefinition): NodeType {
  switch (method) {
    case 'BRANCH':
    case 'SWITCH':
    case 'GUARDRAIL':
      return method;
    case 'MERGER_ENHANCED':
      return 'MERGER';
    case 'NOOP':
    case 'EXECUTOR_ENDPOINT':
    case 'PYTHON_FUNCTION':
    case 'LLM':
      return 'COMPUTE';
  }
}
