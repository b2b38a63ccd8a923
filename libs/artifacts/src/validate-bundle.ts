import type { Bundle } from './bundle.js';
import { type Finding, finding, readable } from './findings.js';
import { validatePlan } from './validate-plan.js';

/** Everything that is wrong with the content of a bundle: the plans of workflows and processors, and what tests refer to. */
export function validateBundle(bundle: Bundle): Finding[] {
  return [
    ...bundle.workflows.flatMap(({ name, plan }) => validatePlan(plan, { artifact: { kind: 'workflow', name } })),
    ...bundle.processors.flatMap(({ name, query_plan_snapshot: plan }) =>
      plan === undefined || plan === null ? [] : validatePlan(plan, { artifact: { kind: 'processor', name } }),
    ),
    ...testFindings(bundle),
  ];
}

function testFindings({ tests, workflows }: Bundle): Finding[] {
  const known = new Set(workflows.map(({ name }) => name));
  return tests.flatMap(({ name, workflow }) => {
    if (known.has(workflow)) return [];
    const place = { artifact: { kind: 'test' as const, name }, path: '/workflow' };
    return [
      finding(
        'test.unknown_workflow',
        place,
        `The test runs the workflow "${readable(workflow)}", which the bundle does not hold.`,
      ),
    ];
  });
}
