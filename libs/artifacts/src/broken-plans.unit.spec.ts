import type { FindingCode } from './finding-rules.js';
import {
  branching,
  call,
  type DraftPlan,
  fanOut,
  guarded,
  linear,
  nested,
  node,
  set,
  switching,
  taskId,
} from './plan-fixtures.spec.js';
import { validatePlan } from './validate-plan.js';

/** What is broken, the good plan, where, what stands there then (`undefined`: nothing), the code, and the node at fault. */
type Breach = [
  name: string,
  good: () => DraftPlan,
  pointer: string,
  value: unknown,
  code: FindingCode,
  at: number | null,
];

const missing = undefined;
const nowhere = taskId(99);
const output = (n: number): string => `$.nodes.${taskId(n)}.output`;

const breaches: Breach[] = [
  // the document
  ['nodes are missing', linear, '/nodes', missing, 'plan.schema', null],
  ['nodes are an object', linear, '/nodes', {}, 'plan.schema', null],
  ['there is no node', linear, '/nodes', [], 'plan.no_nodes', null],
  ['a node is null', linear, '/nodes/2', null, 'plan.schema', null],
  ['a node is a text', linear, '/nodes/2', 'end', 'plan.schema', null],
  ['a number that JSON cannot write', linear, '/nodes/1/definition/params/x', Infinity, 'plan.not_json', null],
  ['a value that JSON cannot hold', linear, '/nodes/1/definition/params/x', 1n, 'plan.not_json', null],
  ['text with NUL', linear, '/nodes/1/query_str', 'a\0b', 'plan.not_json', null],
  ['half a surrogate pair', linear, '/nodes/1/query_str', '\ud800', 'plan.not_json', null],
  ['query_str is missing', linear, '/nodes/1/query_str', missing, 'plan.schema', 1],
  ['query_str is a number', linear, '/nodes/1/query_str', 1, 'plan.schema', 1],
  ['dependencies are missing', linear, '/nodes/1/dependencies', missing, 'plan.schema', 1],
  ['dependencies are a text', linear, '/nodes/1/dependencies', taskId(0), 'plan.schema', 1],
  ['a dependency is a number', linear, '/nodes/1/dependencies', [0], 'plan.schema', 1],
  ['the definition is missing', linear, '/nodes/1/definition', missing, 'plan.schema', 1],
  ['the definition is null', linear, '/nodes/1/definition', null, 'plan.schema', 1],
  ['params are a list', linear, '/nodes/1/definition/params', [], 'plan.schema', 1],
  // task ids
  ['a task id is missing', linear, '/nodes/2/task_id', missing, 'plan.invalid_task_id', null],
  ['a task id is a number', linear, '/nodes/2/task_id', 2, 'plan.invalid_task_id', null],
  ['a task id with a newline behind it', fanOut, '/nodes/5/task_id', `${taskId(5)}\n`, 'plan.invalid_task_id', null],
  [
    'a task id without hyphens',
    fanOut,
    '/nodes/5/task_id',
    taskId(5).replaceAll('-', ''),
    'plan.invalid_task_id',
    null,
  ],
  ['two nodes with one id', fanOut, '/nodes/5/task_id', taskId(4), 'plan.duplicate_task_id', 4],
  // types and methods
  ['node_type is missing', linear, '/nodes/1/node_type', missing, 'plan.unknown_node_type', 1],
  ['node_type is unknown', linear, '/nodes/1/node_type', 'MAPPER', 'plan.unknown_node_type', 1],
  ['node_type in small letters', linear, '/nodes/1/node_type', 'compute', 'plan.unknown_node_type', 1],
  ['method is missing', linear, '/nodes/1/definition/method', missing, 'plan.unknown_method', 1],
  ['method is unknown', linear, '/nodes/1/definition/method', 'START_END', 'plan.unknown_method', 1],
  ['method is inherited', linear, '/nodes/1/definition/method', 'toString', 'plan.unknown_method', 1],
  ['a branch function', linear, '/nodes/1/definition/method', 'PYTHON_BRANCH', 'plan.not_schedulable', 1],
  ['a person approves', linear, '/nodes/1/definition/method', 'HITL_APPROVAL', 'plan.not_schedulable', 1],
  ['a person corrects', linear, '/nodes/1/definition/method', 'HITL_CORRECTION', 'plan.not_schedulable', 1],
  ['a person routes', linear, '/nodes/1/definition/method', 'HITL_ROUTER', 'plan.not_schedulable', 1],
  ['retrieval', linear, '/nodes/1/definition/method', 'RAG_SEARCH', 'plan.not_schedulable', 1],
  ['a cache', linear, '/nodes/1/definition/method', 'CONTEXT_CACHE', 'plan.not_schedulable', 1],
  ['a BRANCH that does nothing', branching, '/nodes/1/definition', { method: 'NOOP' }, 'plan.type_method_mismatch', 1],
  ['a COMPUTE that branches', branching, '/nodes/1/node_type', 'COMPUTE', 'plan.type_method_mismatch', 1],
  ['a COMPUTE that switches', switching, '/nodes/1/node_type', 'COMPUTE', 'plan.type_method_mismatch', 1],
  ['a SWITCH that judges', guarded, '/nodes/2/node_type', 'SWITCH', 'plan.type_method_mismatch', 2],
  ['a COMPUTE that merges', branching, '/nodes/5/node_type', 'COMPUTE', 'plan.type_method_mismatch', 5],
  // what methods need
  ['an endpoint is missing', linear, '/nodes/1/definition/endpoint', missing, 'plan.missing_endpoint', 1],
  ['an endpoint is null', linear, '/nodes/1/definition/endpoint', null, 'plan.missing_endpoint', 1],
  ['an endpoint is blank', linear, '/nodes/1/definition/endpoint', '  ', 'plan.missing_endpoint', 1],
  ['a model is missing', fanOut, '/nodes/1/definition/model_name', missing, 'plan.missing_model_name', 1],
  ['a model is empty', fanOut, '/nodes/1/definition/model_name', '', 'plan.missing_model_name', 1],
  // the graph
  ['a second root', fanOut, '/nodes/2/dependencies', [], 'plan.multiple_roots', 2],
  ['a node waits for itself', linear, '/nodes/1/dependencies', [taskId(1)], 'plan.cycle', 1],
  ['no root at all', linear, '/nodes/0/dependencies', [taskId(2)], 'plan.no_root', null],
  ['a cycle through all', linear, '/nodes/0/dependencies', [taskId(2)], 'plan.cycle', 0],
  ['a cycle behind the root', fanOut, '/nodes/4/dependencies', [taskId(3), taskId(5)], 'plan.cycle', 4],
  ['an island', linear, '/nodes/3', node(8, [8]), 'plan.unreachable_node', 8],
  ['a dependency that does not exist', linear, '/nodes/2/dependencies', [nowhere], 'plan.dangling_dependency', 2],
  ['an empty dependency', linear, '/nodes/2/dependencies', [''], 'plan.dangling_dependency', 2],
  // paths
  [
    'a branch to nowhere',
    branching,
    '/nodes/1/definition/paths/0/target_node_ids/0',
    nowhere,
    'plan.unknown_path_target',
    1,
  ],
  [
    'a branch upwards',
    branching,
    '/nodes/1/definition/paths/0/target_node_ids/0',
    taskId(0),
    'plan.path_target_not_downstream',
    1,
  ],
  [
    'a branch to itself',
    branching,
    '/nodes/1/definition/paths/0/target_node_ids/0',
    taskId(1),
    'plan.path_target_not_downstream',
    1,
  ],
  [
    'a branch to the other side',
    nested,
    '/nodes/3/definition/paths/0/target_node_ids/0',
    taskId(6),
    'plan.path_target_not_downstream',
    3,
  ],
  ['a branch without paths', branching, '/nodes/1/definition/paths', [], 'plan.schema', 1],
  ['two paths of one name', branching, '/nodes/1/definition/paths/1/path_id', 'invoice', 'plan.duplicate_path', 1],
  ['an unknown default path', branching, '/nodes/1/definition/default_path_id', 'x', 'plan.unknown_default_path', 1],
  ['an unknown operator', branching, '/nodes/1/definition/paths/0/condition/operator', '~', 'plan.schema', 1],
  [
    'a condition that is no JSONPath',
    branching,
    '/nodes/1/definition/paths/0/condition/jsonpath',
    'kind',
    'plan.schema',
    1,
  ],
  ['a group without conditions', branching, '/nodes/1/definition/paths/1/condition/conditions', [], 'plan.schema', 1],
  [
    'a group inside that joins by XOR',
    branching,
    '/nodes/1/definition/paths/1/condition/conditions/1/combinator',
    'XOR',
    'plan.schema',
    1,
  ],
  ['a case to nowhere', switching, '/nodes/1/definition/cases/low/0', nowhere, 'plan.unknown_path_target', 1],
  ['a case upwards', switching, '/nodes/1/definition/cases/low/0', taskId(0), 'plan.path_target_not_downstream', 1],
  [
    'a default case to nowhere',
    switching,
    '/nodes/1/definition/default_case',
    [nowhere],
    'plan.unknown_path_target',
    1,
  ],
  ['a switch without a field', switching, '/nodes/1/definition/switch_field', missing, 'plan.schema', 1],
  ['a switch without cases', switching, '/nodes/1/definition/cases', missing, 'plan.schema', 1],
  [
    'a merger waits for too many',
    switching,
    '/nodes/4/definition',
    { method: 'MERGER_ENHANCED', merge_strategy: 'wait_n', min_required: 3 },
    'plan.merger_min_required',
    4,
  ],
  [
    'a merger waits for an unknown number',
    switching,
    '/nodes/4/definition/merge_strategy',
    'wait_n',
    'plan.merger_min_required',
    4,
  ],
  // guardrails
  ['a guardrail measures nothing', guarded, '/nodes/2/definition/metrics', [], 'plan.guardrail_without_metrics', 2],
  ['metrics are missing', guarded, '/nodes/2/definition/metrics', missing, 'plan.guardrail_without_metrics', 2],
  ['an unknown metric', guarded, '/nodes/2/definition/metrics/0/type', 'vibes', 'plan.schema', 2],
  ['a metric above 1', guarded, '/nodes/2/definition/metrics/0/threshold', 1.5, 'plan.guardrail_threshold', 2],
  ['a threshold above 1', guarded, '/nodes/2/definition/pass_threshold', 80, 'plan.guardrail_threshold', 2],
  ['a threshold below 0', guarded, '/nodes/2/definition/pass_threshold', -0.1, 'plan.guardrail_threshold', 2],
  ['a threshold in words', guarded, '/nodes/2/definition/pass_threshold', 'high', 'plan.guardrail_threshold', 2],
  ['no fail path', guarded, '/nodes/2/definition/paths/1', missing, 'plan.guardrail_paths', 2],
  ['paths are missing', guarded, '/nodes/2/definition/paths', missing, 'plan.guardrail_paths', 2],
  ['two pass paths', guarded, '/nodes/2/definition/paths/1/path_id', 'pass', 'plan.guardrail_paths', 2],
  ['a third outcome', guarded, '/nodes/2/definition/paths/1/path_id', 'maybe', 'plan.guardrail_paths', 2],
  [
    'a pass path to nowhere',
    guarded,
    '/nodes/2/definition/paths/0/target_node_ids/0',
    nowhere,
    'plan.unknown_path_target',
    2,
  ],
  [
    'a fail path upwards',
    guarded,
    '/nodes/2/definition/paths/1/target_node_ids/0',
    taskId(1),
    'plan.path_target_not_downstream',
    2,
  ],
  ['an unknown aggregation', guarded, '/nodes/2/definition/aggregation_mode', 'most', 'plan.schema', 2],
  ['a time-out of an hour', guarded, '/nodes/2/definition/evaluation_timeout', 3_600, 'plan.schema', 2],
  ['nothing to judge', guarded, '/nodes/2/definition/input_source', missing, 'plan.schema', 2],
  // inputs
  ['an input from nowhere', guarded, '/nodes/2/definition/input_source', output(99), 'plan.unknown_input_node', 2],
  [
    'an input from a named node',
    guarded,
    '/nodes/2/definition/input_source',
    '$.nodes.ocr.output',
    'plan.unknown_input_node',
    2,
  ],
  ['an input from downstream', guarded, '/nodes/2/definition/input_source', output(3), 'plan.input_not_upstream', 2],
  ['an input from itself', guarded, '/nodes/2/definition/input_source', output(2), 'plan.input_not_upstream', 2],
  ['a context from nowhere', guarded, '/nodes/2/definition/context_source', output(99), 'plan.unknown_input_node', 2],
  ['a query from downstream', guarded, '/nodes/2/definition/query_source', output(4), 'plan.input_not_upstream', 2],
  [
    'a parameter from a neighbour',
    fanOut,
    '/nodes/1/definition/params',
    { a: [{ b: output(2) }] },
    'plan.input_not_upstream',
    1,
  ],
  [
    'a parameter in brackets',
    fanOut,
    '/nodes/2/definition/params/x',
    `$['nodes']['${taskId(1)}'].output`,
    'plan.input_not_upstream',
    2,
  ],
  [
    'a parameter inside a text',
    fanOut,
    '/nodes/1/definition/params/prompt',
    `Sum up {{ ${output(99)} }}`,
    'plan.unknown_input_node',
    1,
  ],
  [
    'a condition on nowhere',
    branching,
    '/nodes/1/definition/paths/0/condition/jsonpath',
    output(99),
    'plan.unknown_input_node',
    1,
  ],
  [
    'a condition on downstream',
    branching,
    '/nodes/1/definition/paths/0/condition/jsonpath',
    output(2),
    'plan.input_not_upstream',
    1,
  ],
  [
    'a group that looks downstream',
    branching,
    '/nodes/1/definition/paths/1/condition/conditions/1/conditions/0/jsonpath',
    output(3),
    'plan.input_not_upstream',
    1,
  ],
  ['a switch on nowhere', switching, '/nodes/1/definition/switch_field', output(99), 'plan.unknown_input_node', 1],
  ['a switch on downstream', switching, '/nodes/1/definition/switch_field', output(2), 'plan.input_not_upstream', 1],
];

test(`${breaches.length} kinds of breaches are listed`, () => {
  expect(breaches.length).toBeGreaterThanOrEqual(60);
});

test.each(breaches)('%s', (...[, good, pointer, value, code, at]) => {
  const plan = good();
  set(plan, pointer, value);
  const codes = validatePlan(plan).map((found) => ({ code: found.code, node: found.node ?? null }));
  expect(codes.filter(({ node }) => at === null || node === taskId(at)).map((found) => found.code)).toContain(code);
});

test('one mistake gives few findings, not a heap of them', () => {
  const noisy = breaches.flatMap(([name, good, pointer, value]) => {
    const plan = good();
    set(plan, pointer, value);
    const count = validatePlan(plan).length;
    return count > 3 ? [`${name}: ${count}`] : [];
  });
  // A node that waits for itself is also out of reach, and so is the one behind it.
  expect(noisy).toEqual([]);
});

test('what a node calls may be wrong in a plan whose graph is wrong too: both are told', () => {
  const plan = { nodes: [node(0, []), node(1, [7], call(''))] };
  expect(validatePlan(plan).map(({ code }) => code)).toEqual(['plan.missing_endpoint', 'plan.dangling_dependency']);
});
