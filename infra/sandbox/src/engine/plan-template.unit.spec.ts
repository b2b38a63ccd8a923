import type { GuardrailDefinition } from '@m3/artifacts';
import { node, plan, taskId, work } from './plan-samples.spec.js';
import { toTemplate } from './plan-template.js';

const guardrail: GuardrailDefinition = {
  method: 'GUARDRAIL',
  input_source: `$.nodes.${taskId(0)}.output`,
  metrics: [{ type: 'length_check', name: 'length' }],
  paths: [
    { path_id: 'pass', target_node_ids: [taskId(2)] },
    { path_id: 'fail', target_node_ids: [] },
  ],
};
const template = toTemplate(plan(work(0, []), node(1, [0], guardrail), node(2, [1])));

test('every run has task ids of its own, in dependencies, paths and references too', () => {
  const { ids, nodesJson } = template.instantiate();
  const nodes: unknown = JSON.parse(nodesJson);

  expect(nodes).toMatchObject([
    { task_id: ids.get(taskId(0)), dependencies: [] },
    {
      task_id: ids.get(taskId(1)),
      dependencies: [ids.get(taskId(0))],
      definition: {
        input_source: `$.nodes.${ids.get(taskId(0)) ?? ''}.output`,
        paths: [{ target_node_ids: [ids.get(taskId(2))] }, {}],
      },
    },
    { task_id: ids.get(taskId(2)), dependencies: [ids.get(taskId(1))] },
  ]);
  for (const number of [0, 1, 2]) expect(nodesJson).not.toContain(taskId(number));
});

test('two runs share no task id', () => {
  const all = [template.instantiate(), template.instantiate()].flatMap(({ ids }) => [...ids.values()]);
  expect(new Set(all).size).toBe(6);
});
