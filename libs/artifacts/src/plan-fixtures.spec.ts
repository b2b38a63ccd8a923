/** Plans for the tests of this package: each shows a feature of query plans, in the smallest form that is valid. */

/** A plan that tests may break. */
export interface DraftPlan {
  nodes: Record<string, unknown>[];
}

export const taskId = (n: number): string => `0197a4e2-5a00-7000-8000-${n.toString(16).padStart(12, '0')}`;

const noop = { method: 'NOOP', endpoint: 'noop', params: { layout: null } };
export const call = (endpoint: string, params: object = {}) => ({ method: 'EXECUTOR_ENDPOINT', endpoint, params });
const merger = { method: 'MERGER_ENHANCED', endpoint: 'merger', params: {}, merge_strategy: 'wait_all_active' };

export function node(n: number, dependencies: number[], definition: object = noop, nodeType = 'COMPUTE') {
  return {
    task_id: taskId(n),
    query_str: `${n}: step`,
    dependencies: dependencies.map(taskId),
    node_type: nodeType,
    definition: structuredClone(definition),
  };
}

/** start → extract → end */
export const linear = (): DraftPlan => ({
  nodes: [node(0, []), node(1, [0], call('ocr://document/extract', { layout: 'invoice' })), node(2, [1])],
});

/** start → (model, executor, function) → NOOP merger → end; the model reads the start by JSONPath */
export const fanOut = (): DraftPlan => ({
  nodes: [
    node(0, []),
    node(1, [0], {
      method: 'LLM',
      model_name: 'm1',
      endpoint: 'llm://ask',
      params: { in: `$.nodes.${taskId(0)}.output` },
    }),
    node(2, [0], call('/extract'), 'EXTRACTOR'),
    node(3, [0], { method: 'PYTHON_FUNCTION', endpoint: 'sum', params: { function: 'sum' } }),
    node(4, [1, 2, 3], noop, 'MERGER'),
    node(5, [4]),
  ],
});

const when = (field: string, value: unknown, operator = '==') => ({ jsonpath: `$.metadata.${field}`, operator, value });

/** A branch with a plain condition, a group of groups, and a default; joined by a merger. */
export const branching = (): DraftPlan => ({
  nodes: [
    node(0, []),
    node(
      1,
      [0],
      {
        method: 'BRANCH',
        endpoint: 'branch',
        params: {},
        paths: [
          { path_id: 'invoice', condition: when('kind', 'invoice'), target_node_ids: [taskId(2)], priority: 3 },
          {
            path_id: 'urgent',
            condition: {
              conditions: [
                when('urgent', true),
                { conditions: [when('pages', 50, '>'), when('kind', 'x')], combinator: 'OR' },
              ],
              combinator: 'AND',
            },
            target_node_ids: [taskId(3)],
            priority: 2,
          },
          {
            path_id: 'other',
            condition: null,
            condition_function: null,
            target_node_ids: [taskId(4)],
            description: null,
          },
        ],
        default_path_id: 'other',
        evaluation_mode: 'first_match',
      },
      'BRANCH',
    ),
    node(2, [1], call('/invoice')),
    node(3, [1], call('/urgent')),
    node(4, [1], call('/other')),
    node(5, [2, 3, 4], merger, 'MERGER'),
    node(6, [5]),
  ],
});

export const switching = (): DraftPlan => ({
  nodes: [
    node(0, []),
    node(
      1,
      [0],
      {
        method: 'SWITCH',
        endpoint: 'switch',
        params: {},
        switch_field: '$.metadata.score',
        cases: { low: [taskId(2)], high: [taskId(3)] },
        default_case: [taskId(2)],
      },
      'SWITCH',
    ),
    node(2, [1], call('/fast')),
    node(3, [1], call('/thorough')),
    node(4, [2, 3], merger, 'MERGER'),
  ],
});

export const guarded = (): DraftPlan => ({
  nodes: [
    node(0, []),
    node(1, [0], call('llm://generate')),
    node(
      2,
      [1],
      {
        method: 'GUARDRAIL',
        endpoint: 'guardrail://control',
        params: {},
        input_source: `$.nodes.${taskId(1)}.output.fields`,
        context_source: null,
        query_source: null,
        metrics: [{ type: 'length_check', name: 'length', weight: 1, threshold: 0.5, params: { min: 1, max: 9 } }],
        aggregation_mode: 'all',
        pass_threshold: 0.8,
        paths: [
          { path_id: 'pass', target_node_ids: [taskId(3)], description: 'good' },
          { path_id: 'fail', target_node_ids: [taskId(4)] },
        ],
        fail_fast: false,
        include_feedback: true,
        evaluation_timeout: 30,
      },
      'GUARDRAIL',
    ),
    node(3, [2]),
    node(4, [2], call('review://queue')),
  ],
});

/** A branch inside a path of a branch, neither with a default. */
export const nested = (): DraftPlan => {
  const branch = (first: number, second: number) => ({
    method: 'BRANCH',
    endpoint: 'branch',
    params: {},
    paths: [
      { path_id: 'a', condition: when('a', 1, '<='), target_node_ids: [taskId(first)] },
      { path_id: 'b', condition: when('a', 1, '>'), target_node_ids: [taskId(second)] },
    ],
    default_path_id: null,
    evaluation_mode: 'all_match',
  });
  return {
    nodes: [
      node(0, []),
      node(1, [0], branch(2, 6), 'BRANCH'),
      node(2, [1], call('/check')),
      node(3, [2], branch(4, 5), 'BRANCH'),
      node(4, [3], call('/small')),
      node(5, [3], call('/large')),
      node(6, [1], call('/contract')),
      node(7, [4, 5, 6], merger, 'MERGER'),
    ],
  };
};

/** A second try behind the first guardrail; both ways of the second lead to one node. */
export const retried = (): DraftPlan => {
  const plan = guarded();
  const second = structuredClone(plan.nodes[2] ?? {});
  const again = [taskId(6)];
  plan.nodes.push({ ...second, task_id: taskId(5), dependencies: [taskId(4)] }, node(6, [5]));
  set(plan, '/nodes/5/definition/paths/0/target_node_ids', again);
  set(plan, '/nodes/5/definition/paths/1/target_node_ids', again);
  return plan;
};

export const goodPlans = { linear, fanOut, branching, switching, guarded, nested, retried };

/** A chain of nodes, each after the one before it. */
export const chain = (length: number): DraftPlan => ({
  nodes: Array.from({ length }, (_, n) => node(n, n === 0 ? [] : [n - 1], n % 2 ? call('/step') : noop)),
});

/** Puts a value at a JSON pointer; `undefined` takes the field away. */
export function set(document: object, pointer: string, value: unknown): void {
  const keys = pointer.split('/').slice(1);
  const last = keys.pop() ?? '';
  const at = keys.reduce<unknown>((inside, key) => (isObject(inside) ? Reflect.get(inside, key) : undefined), document);
  if (!isObject(at)) throw new Error(`nothing at ${pointer}`);
  if (value !== undefined) Reflect.set(at, last, value);
  else if (Array.isArray(at)) at.splice(Number(last), 1);
  else Reflect.deleteProperty(at, last);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
