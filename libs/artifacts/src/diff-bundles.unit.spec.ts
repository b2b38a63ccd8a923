import type { Bundle } from './bundle.js';
import { diffBundles } from './diff-bundles.js';
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
    expect(diffBundles(null, before).map(({ kind, name, change }) => [kind, name, change])).toEqual([
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
    expect(diffBundles(before, after)).toMatchObject([
      { kind: 'workflow', name: 'a', change: 'unchanged' },
      { kind: 'workflow', name: 'b', change: 'deleted' },
      { kind: 'workflow', name: 'c', change: 'new' },
      { kind: 'agent', name: 'clerk', change: 'updated', fields: ['/max_iterations', '/tools/1'] },
    ]);
  });

  test('a plan is compared as a graph, the rest field by field', () => {
    const after = bundle({
      workflows: [
        { name: 'a', plan: linear() },
        { name: 'b', description: 'now with words', plan: changed(linear, '/nodes/1/definition/endpoint', '/new') },
      ],
    });
    expect(diffBundles(before, after)[1]).toMatchObject({
      change: 'updated',
      fields: ['/description'],
      plan: { ...nothing, changed: [{ task_id: taskId(1), query_str: '1: step', fields: ['/definition/endpoint'] }] },
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

  test('exported again with fresh ids, the plan differs in nothing', () => {
    const text = JSON.stringify(branching()).replaceAll('0197a4e2-5a00', '0198ffff-6b11');
    expect(diffPlans(branching(), JSON.parse(text))).toEqual(nothing);
  });

  test('of ten thousand nodes are compared at once', () => {
    const after = chain(10_000);
    set(after, '/nodes/5000/query_str', 'changed');
    expect(diffPlans(chain(10_000), after).changed).toMatchObject([{ task_id: taskId(5_000), fields: ['/query_str'] }]);
  });

  test('that are no plans are empty', () => {
    expect(diffPlans('x', { nodes: [null, 3] })).toEqual(nothing);
  });
});
