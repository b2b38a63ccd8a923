import type { Bundle } from './bundle.js';
import { diffBundles, diffDigests } from './diff-bundles.js';
import { listArtifacts } from './digests.js';
import { diffPlans } from './diff-plans.js';
import { branching, call, chain, type DraftPlan, fanOut, linear, node, set, taskId } from './plan-fixtures.spec.js';

const bundle = (parts: Partial<Bundle>): Bundle => ({ workflows: [], agents: [], processors: [], tests: [], ...parts });
const nothing = { added: [], removed: [], changed: [], rewired: [] };
const changed = (good: () => DraftPlan, pointer: string, value: unknown): DraftPlan => {
  const plan = good();
  set(plan, pointer, value);
  return plan;
};

describe('two bundles', () => {
  const before = bundle({
    workflows: [
      { name: 'a', plan: linear() },
      { name: 'b', plan: linear() },
    ],
    agents: [{ name: 'clerk', max_iterations: 5, tools: ['x'] }],
  });

  test('on a first release all is new', () => {
    expect(diffBundles(null, before).changes.map(({ kind, name, change }) => [kind, name, change])).toEqual([
      ['workflow', 'a', 'new'],
      ['workflow', 'b', 'new'],
      ['agent', 'clerk', 'new'],
    ]);
  });

  test('new, updated, deleted and unchanged artifacts are told apart, kind by kind and by name', () => {
    const after = bundle({
      workflows: [
        { name: 'c', plan: linear() },
        { name: 'a', plan: linear() },
      ],
      agents: [{ name: 'clerk', max_iterations: 6, tools: ['x', 'y'] }],
    });
    expect(diffBundles(before, after)).toMatchObject({
      changes: [
        { kind: 'workflow', name: 'b', change: 'deleted' },
        { kind: 'workflow', name: 'c', change: 'new' },
        {
          kind: 'agent',
          name: 'clerk',
          change: 'updated',
          fields: [
            { field: '/max_iterations', before: 5, after: 6 },
            { field: '/tools/1', after: 'y' },
          ],
        },
      ],
      unchanged: 1,
    });
  });

  test('a plan is compared as a graph, the rest field by field', () => {
    const after = bundle({
      workflows: [
        { name: 'a', plan: linear() },
        { name: 'b', description: 'now with words', plan: changed(linear, '/nodes/1/definition/endpoint', '/new') },
      ],
    });
    const fields = [{ field: '/definition/endpoint', before: 'ocr://document/extract', after: '/new' }];
    expect(diffBundles(before, after).changes).toMatchObject([
      {
        change: 'updated',
        fields: [{ field: '/description', after: 'now with words' }],
        plan: { ...nothing, changed: [{ task_id: taskId(1), query_str: '1: step', fields }] },
      },
      { change: 'deleted', name: 'clerk' },
    ]);
  });

  test('where just the digests of what was before are known, the same artifacts differ', () => {
    const after = bundle({
      workflows: [
        { name: 'c', plan: linear() },
        { name: 'a', plan: linear() },
      ],
      agents: [{ name: 'clerk', max_iterations: 6 }],
      processors: [{ name: 'ocr' }],
    });
    const bare = (diff: ReturnType<typeof diffBundles>) => ({
      ...diff,
      changes: diff.changes.map((change) => (change.change === 'updated' ? { ...change, fields: [] } : change)),
    });
    expect(diffDigests(listArtifacts(before), after)).toEqual(bare(diffBundles(before, after)));
    expect(diffDigests([], before)).toEqual(diffBundles(null, before));
  });

  test('what a plan holds beside its nodes is compared field by field', () => {
    const withName = (name: string) => bundle({ workflows: [{ name: 'a', plan: { ...linear(), name } }] });
    expect(diffBundles(withName('old'), withName('new')).changes).toEqual([
      expect.objectContaining({ fields: [{ field: '/plan/name', before: 'old', after: 'new' }] }),
    ]);
    expect(diffBundles(withName('old'), withName('new')).changes[0]).not.toHaveProperty('plan');
  });

  test('a plan that is no plan is compared as any other field', () => {
    const before = bundle({ workflows: [{ name: 'a', plan: 'x' }] });
    const after = bundle({ workflows: [{ name: 'a', plan: linear() }] });
    const [change] = diffBundles(before, after).changes;
    expect(change).toMatchObject({ fields: [{ field: '/plan', before: 'x' }], plan: { removed: [], changed: [] } });
  });

  test('long values are cut, and secrets are not shown', () => {
    const agent = (system_message: string, llm: object) =>
      bundle({ agents: [{ name: 'clerk', system_message, llm: { ...llm } }] });
    const before = agent('short', { api_key: 'hunter2', hosts: {} });
    const after = agent('x'.repeat(500), { api_key: 'hunter3', hosts: { url: 'https://a:hunter4@b' } });
    const [change] = diffBundles(before, after).changes;
    expect(change).toMatchObject({
      fields: [
        { field: '/system_message', before: 'short', after: `${'x'.repeat(200)}…`, shortened: true },
        { field: '/llm/api_key', before: '***', after: '***' },
        { field: '/llm/hosts/url', after: 'https://a:***@b' },
      ],
    });
  });
});

describe('two plans', () => {
  test('that are equal differ in nothing', () => {
    expect(diffPlans(branching(), branching())).toEqual(nothing);
  });

  test('a node that came and one that went', () => {
    const after = linear();
    after.nodes[2] = node(9, [1], call('/store'));
    expect(diffPlans(linear(), after)).toMatchObject({
      added: [{ task_id: taskId(9), query_str: '9: step' }],
      removed: [{ task_id: taskId(2), query_str: '2: step' }],
    });
  });

  test('a node that waits for others is rewired, not changed', () => {
    const after = changed(fanOut, '/nodes/3/dependencies', [taskId(2)]);
    expect(diffPlans(fanOut(), after)).toEqual({
      ...nothing,
      rewired: [{ task_id: taskId(3), query_str: '3: step', added: ['2: step'], removed: ['0: step'] }],
    });
  });

  test('a node that is taken out of the middle rewires the one behind it', () => {
    const after: DraftPlan = { nodes: [node(0, []), node(2, [0])] };
    expect(diffPlans({ nodes: [node(0, []), node(1, [0]), node(2, [1])] }, after)).toEqual({
      ...nothing,
      removed: [{ task_id: taskId(1), query_str: '1: step' }],
      rewired: [{ task_id: taskId(2), query_str: '2: step', added: ['0: step'], removed: ['1: step'] }],
    });
  });

  test('the order in which dependencies are named means nothing', () => {
    const after = changed(fanOut, '/nodes/4/dependencies', [taskId(3), taskId(2), taskId(1)]);
    expect(diffPlans(fanOut(), after)).toEqual(nothing);
  });

  test('another type of node and another method are changes of the node', () => {
    const after = changed(linear, '/nodes/1/node_type', 'EXTRACTOR');
    set(after, '/nodes/1/definition/method', 'LLM');
    expect(diffPlans(linear(), after).changed).toMatchObject([
      {
        fields: [
          { field: '/node_type', before: 'COMPUTE', after: 'EXTRACTOR' },
          { field: '/definition/method', before: 'EXECUTOR_ENDPOINT', after: 'LLM' },
        ],
      },
    ]);
  });

  test('exported again with fresh ids, the plan differs in nothing', () => {
    const text = JSON.stringify(branching()).replaceAll('0197a4e2-5a00', '0198ffff-6b11');
    expect(diffPlans(branching(), JSON.parse(text))).toEqual(nothing);
  });

  test('of ten thousand nodes are compared at once', () => {
    const after = chain(10_000);
    set(after, '/nodes/5000/query_str', 'changed');
    expect(diffPlans(chain(10_000), after).changed).toMatchObject([
      { task_id: taskId(5_000), fields: [{ field: '/query_str', before: '5000: step', after: 'changed' }] },
    ]);
  });

  test('that are no plans are empty', () => {
    expect(diffPlans('x', { nodes: [null, 3] })).toEqual(nothing);
  });
});
