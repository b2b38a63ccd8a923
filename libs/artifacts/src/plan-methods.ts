import type { FindingCode } from './finding-rules.js';
import type { SchemaBreach } from './json-schema.js';
import { definitionSchemas, type SchedulableMethod } from './node-definitions.js';
import type { NodeType } from './plan.js';

/** Whether Marie's scheduler can run a method, and if not, whether Marie knows it at all. */
export type MethodKnowledge =
  | { readonly kind: 'schedulable'; readonly method: SchedulableMethod }
  | { readonly kind: 'not_schedulable'; readonly reason: string }
  | { readonly kind: 'unknown' };

const notSchedulable: readonly { readonly is: (method: string) => boolean; readonly reason: string }[] = [
  {
    is: (method) => method.startsWith('HITL_'),
    reason: 'it waits for a person, and the scheduler has no way to wait for one',
  },
  { is: (method) => method.startsWith('RAG_'), reason: 'the scheduler has no executor for retrieval nodes' },
  {
    is: (method) => method === 'PYTHON_BRANCH',
    reason: 'the scheduler does not run branch functions; use BRANCH or SWITCH',
  },
  { is: (method) => method === 'CONTEXT_CACHE', reason: 'the scheduler has no executor for cache nodes' },
];

/** What is known of a method's name. */
export function methodKnowledge(method: string): MethodKnowledge {
  if (isSchedulable(method)) return { kind: 'schedulable', method };
  const known = notSchedulable.find(({ is }) => is(method));
  return known ? { kind: 'not_schedulable', reason: known.reason } : { kind: 'unknown' };
}

/** Whether Marie's scheduler can run a method. */
export function isSchedulable(method: string): method is SchedulableMethod {
  return Object.hasOwn(definitionSchemas, method);
}

/** These methods and node types belong together; the others mix freely (a MERGER is often a NOOP). */
const bound: readonly (readonly [SchedulableMethod, NodeType])[] = [
  ['BRANCH', 'BRANCH'],
  ['SWITCH', 'SWITCH'],
  ['GUARDRAIL', 'GUARDRAIL'],
];

/** Why a node type and a method do not go together, or null. */
export function mismatch(nodeType: NodeType, method: SchedulableMethod): string | null {
  if (method === 'MERGER_ENHANCED' && nodeType !== 'MERGER') return 'the method MERGER_ENHANCED needs node_type MERGER';
  for (const [boundMethod, boundType] of bound) {
    if ((method === boundMethod) !== (nodeType === boundType)) {
      return method === boundMethod
        ? `the method ${method} needs node_type ${boundType}`
        : `node_type ${nodeType} needs the method ${boundMethod}`;
    }
  }
  return null;
}

/** The rule that a breach of a definition's schema comes under. */
export function ruleOfBreach(method: SchedulableMethod, breach: SchemaBreach): FindingCode {
  const [field = '', , inner] = [
    ...breach.path.split('/').slice(1),
    ...(breach.field === undefined ? [] : [breach.field]),
  ];
  if (method === 'EXECUTOR_ENDPOINT' && field === 'endpoint') return 'plan.missing_endpoint';
  if (method === 'LLM' && field === 'model_name') return 'plan.missing_model_name';
  return method === 'GUARDRAIL' ? ruleOfGuardrailBreach(field, inner) : 'plan.schema';
}

function ruleOfGuardrailBreach(field: string, inner: string | undefined): FindingCode {
  if (field === 'pass_threshold' || inner === 'threshold') return 'plan.guardrail_threshold';
  if (field === 'metrics' && inner === undefined) return 'plan.guardrail_without_metrics';
  if (field === 'paths' && (inner === undefined || inner === 'path_id')) return 'plan.guardrail_paths';
  return 'plan.schema';
}
