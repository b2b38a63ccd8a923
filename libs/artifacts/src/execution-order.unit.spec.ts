import { executionOrder, UnorderablePlanError } from './execution-order.js';
import { branching, chain, type DraftPlan, fanOut, goodPlans, node, set, taskId } from './plan-fixtures.spec.js';
import type { QueryPlan } from './plan.js';
import { readPlan } from './validate-plan.js';

const typed = (draft: DraftPlan): QueryPlan => {
  const reading = readPlan(draft);
  if (!reading.ok) throw new Error(reading.findings[0]?.message);
  return reading.plan;
};
const numbers = (plan: QueryPlan) =>
  executionOrder(plan).map((level) => level.map(({ task_id }) => parseInt(task_id.slice(-4), 16)));

test('nodes stand in levels, each behind those it depends on', () => {
  expect(numbers(typed(fanOut()))).toEqual([[0], [1, 2, 3], [4], [5]]);
  expect(numbers(typed(branching()))).toEqual([[0], [1], [2, 3, 4], [5], [6]]);
});

test('a node stands behind the longest way to it, and the order of the plan is kept', () => {
  const plan = typed({ nodes: [node(3, [0, 2]), node(2, [1]), node(1, [0]), node(4, [0]), node(0, [])] });
  expect(numbers(plan)).toEqual([[0], [1, 4], [2], [3]]);
});

test.each(Object.entries(goodPlans))('every node of %s is in it once', (_, build) => {
  const plan = typed(build());
  expect(new Set(executionOrder(plan).flat())).toEqual(new Set(plan.nodes));
});

test('a dependency that is named twice counts once', () => {
  const plan = typed({ nodes: [node(0, []), node(1, [0, 0])] });
  expect(numbers(plan)).toEqual([[0], [1]]);
});

test('ten thousand nodes in a row are ten thousand levels', () => {
  expect(executionOrder(typed(chain(10_000)))).toHaveLength(10_000);
});

test('a plan that validation refuses has no order', () => {
  const plan = typed(fanOut());
  set(plan, '/nodes/1/dependencies', [taskId(4)]);
  expect(() => executionOrder(plan)).toThrow(UnorderablePlanError);
});
