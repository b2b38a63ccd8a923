import { type Static, type TObject, Type } from '@sinclair/typebox';

/** Values that any JSON document may hold under a parameter name. */
const JsonObject = Type.Unsafe<Record<string, unknown>>({ type: 'object' });
const Text = Type.String({ pattern: '\\S' });
const NullableText = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const Targets = Type.Array(Type.String());

/** What every definition may carry. Marie writes its optional fields as null, so null counts as absent. */
const base = { endpoint: NullableText, params: Type.Optional(Type.Union([JsonObject, Type.Null()])) };

const operators = [
  '==',
  '!=',
  '>',
  '<',
  '>=',
  '<=',
  'in',
  'not_in',
  'contains',
  'not_contains',
  'matches',
  'exists',
  'not_exists',
  'is_empty',
  'is_not_empty',
] as const;
const metricTypes = [
  'faithfulness',
  'relevance',
  'json_schema',
  'regex_match',
  'length_check',
  'contains_keywords',
  'llm_judge',
  'executor',
] as const;

const oneOf = <const Values extends readonly string[]>(values: Values) =>
  Type.Unsafe<Values[number]>({ type: 'string', enum: [...values] });

/** One comparison of a JSONPath with a value; `value` is not needed for the operators that only look whether it is there. */
export const BranchCondition = Type.Object({
  jsonpath: Type.String({ pattern: '^[$@]' }),
  operator: Type.Optional(oneOf(operators)),
  value: Type.Optional(Type.Unknown()),
  description: NullableText,
});
export type BranchCondition = Static<typeof BranchCondition>;

/** Conditions joined by AND (the default) or OR; groups nest. */
export interface BranchConditionGroup {
  conditions: (BranchCondition | BranchConditionGroup)[];
  combinator?: 'AND' | 'OR';
}

const ConditionGroup = Type.Unsafe<BranchConditionGroup>({
  $id: 'BranchConditionGroup',
  type: 'object',
  required: ['conditions'],
  properties: {
    conditions: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        if: { required: ['conditions'] },
        then: { $ref: 'BranchConditionGroup' },
        else: BranchCondition,
      },
    },
    combinator: { enum: ['AND', 'OR'] },
  },
});

const Condition = Type.Unsafe<BranchCondition | BranchConditionGroup>({
  type: 'object',
  if: { required: ['conditions'] },
  then: ConditionGroup,
  else: BranchCondition,
});

export const BranchPath = Type.Object({
  path_id: Text,
  condition: Type.Optional(Type.Unsafe<BranchCondition | BranchConditionGroup | null>({ ...orNull(Condition) })),
  condition_function: NullableText,
  target_node_ids: Targets,
  priority: Type.Optional(Type.Integer()),
  description: NullableText,
});
export type BranchPath = Static<typeof BranchPath>;

export const GuardrailMetric = Type.Object({
  type: oneOf(metricTypes),
  name: Text,
  weight: Type.Optional(Type.Number({ minimum: 0, maximum: 10 })),
  threshold: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  params: Type.Optional(Type.Union([JsonObject, Type.Null()])),
});
export type GuardrailMetric = Static<typeof GuardrailMetric>;

export const GuardrailPath = Type.Object({
  path_id: oneOf(['pass', 'fail']),
  target_node_ids: Targets,
  description: NullableText,
});
export type GuardrailPath = Static<typeof GuardrailPath>;

/** Does nothing: it starts, ends and groups the nodes of a plan. */
export const NoopDefinition = Type.Object({ method: Type.Literal('NOOP'), ...base });
export type NoopDefinition = Static<typeof NoopDefinition>;

/** A call of an executor: `/path`, or `executor://path`. */
export const ExecutorEndpointDefinition = Type.Object({
  ...base,
  method: Type.Literal('EXECUTOR_ENDPOINT'),
  endpoint: Text,
});
export type ExecutorEndpointDefinition = Static<typeof ExecutorEndpointDefinition>;

/** A registered Python function; its name is `params.function`. */
export const PythonFunctionDefinition = Type.Object({ method: Type.Literal('PYTHON_FUNCTION'), ...base });
export type PythonFunctionDefinition = Static<typeof PythonFunctionDefinition>;

export const LlmDefinition = Type.Object({ method: Type.Literal('LLM'), ...base, model_name: Text });
export type LlmDefinition = Static<typeof LlmDefinition>;

/** Chooses among paths by condition; the nodes of the paths not chosen are skipped. Higher `priority` is looked at first. */
export const BranchDefinition = Type.Object({
  method: Type.Literal('BRANCH'),
  ...base,
  paths: Type.Array(BranchPath, { minItems: 1 }),
  default_path_id: NullableText,
  evaluation_mode: Type.Optional(oneOf(['first_match', 'all_match', 'priority_match'])),
});
export type BranchDefinition = Static<typeof BranchDefinition>;

/** Chooses by the value of one field: `cases` maps a value to the nodes that then run. */
export const SwitchDefinition = Type.Object({
  method: Type.Literal('SWITCH'),
  ...base,
  switch_field: Type.String({ pattern: '^[$@]' }),
  cases: Type.Unsafe<Record<string, string[]>>({ type: 'object', additionalProperties: Targets }),
  default_case: Type.Optional(Type.Union([Targets, Type.Null()])),
});
export type SwitchDefinition = Static<typeof SwitchDefinition>;

/** Joins paths; by default it waits for those that were not skipped. */
export const MergerDefinition = Type.Object({
  method: Type.Literal('MERGER_ENHANCED'),
  ...base,
  merge_strategy: Type.Optional(oneOf(['wait_all_active', 'wait_any', 'wait_n', 'wait_all_including_skipped'])),
  min_required: Type.Optional(Type.Union([Type.Integer({ minimum: 1 }), Type.Null()])),
  timeout_seconds: Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Type.Null()])),
  merge_function: NullableText,
});
export type MergerDefinition = Static<typeof MergerDefinition>;

/** Judges an output by metrics and goes on along `pass` or `fail`. Thresholds and scores are 0 to 1; the time-out is in seconds. */
export const GuardrailDefinition = Type.Object({
  method: Type.Literal('GUARDRAIL'),
  ...base,
  input_source: Type.String({ pattern: '^[$@]' }),
  context_source: NullableText,
  query_source: NullableText,
  metrics: Type.Array(GuardrailMetric, { minItems: 1 }),
  aggregation_mode: Type.Optional(oneOf(['all', 'any', 'weighted_average'])),
  pass_threshold: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  paths: Type.Array(GuardrailPath, { minItems: 2, maxItems: 2 }),
  fail_fast: Type.Optional(Type.Boolean()),
  include_feedback: Type.Optional(Type.Boolean()),
  evaluation_timeout: Type.Optional(Type.Integer({ minimum: 1, maximum: 300 })),
});
export type GuardrailDefinition = Static<typeof GuardrailDefinition>;

/** What a node does, told apart by `method`. */
export type NodeDefinition =
  | NoopDefinition
  | ExecutorEndpointDefinition
  | PythonFunctionDefinition
  | LlmDefinition
  | BranchDefinition
  | SwitchDefinition
  | MergerDefinition
  | GuardrailDefinition;

/** The methods that Marie's scheduler can run. */
export type SchedulableMethod = NodeDefinition['method'];

/** The schema of each method's definition. */
export const definitionSchemas: Readonly<Record<SchedulableMethod, TObject>> = {
  NOOP: NoopDefinition,
  EXECUTOR_ENDPOINT: ExecutorEndpointDefinition,
  PYTHON_FUNCTION: PythonFunctionDefinition,
  LLM: LlmDefinition,
  BRANCH: BranchDefinition,
  SWITCH: SwitchDefinition,
  MERGER_ENHANCED: MergerDefinition,
  GUARDRAIL: GuardrailDefinition,
};

function orNull(schema: object): object {
  return { anyOf: [{ type: 'null' }, schema] };
}
