import { type Static, Type } from '@sinclair/typebox';
import { definitionSchemas, type NodeDefinition } from './node-definitions.js';

/** The kinds of nodes that Marie knows. */
export const nodeTypes = ['EXTRACTOR', 'SEGMENTER', 'COMPUTE', 'MERGER', 'BRANCH', 'SWITCH', 'GUARDRAIL'] as const;
export type NodeType = (typeof nodeTypes)[number];

/** The definition of a node, of any schedulable method. */
export const Definition = Type.Unsafe<NodeDefinition>({
  type: 'object',
  required: ['method'],
  discriminator: { propertyName: 'method' },
  oneOf: Object.values(definitionSchemas),
});

/** The pattern of task ids: a UUID of any version in its hyphenated form. */
export const uuidPattern = '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$';

/** One task of a plan. `dependencies` are the task ids that must be done before it. */
export const QueryNode = Type.Object({
  task_id: Type.String({ pattern: uuidPattern }),
  query_str: Type.String(),
  dependencies: Type.Array(Type.String()),
  node_type: Type.Unsafe<NodeType>({ type: 'string', enum: [...nodeTypes] }),
  definition: Definition,
});
export type QueryNode = Static<typeof QueryNode>;

/** A Marie-AI query plan: a graph of tasks with exactly one root. */
export const QueryPlan = Type.Object({ nodes: Type.Array(QueryNode, { minItems: 1 }) });
export type QueryPlan = Static<typeof QueryPlan>;

/** A node whose definition is of one method, e.g. `NodeOf<'LLM'>`. */
export type NodeOf<Method extends NodeDefinition['method']> = QueryNode & {
  definition: Extract<NodeDefinition, { method: Method }>;
};
