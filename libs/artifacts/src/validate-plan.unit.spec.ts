import fc from 'fast-check';
import { hasErrors } from './findings.js';
import { branching, call, chain, type DraftPlan, goodPlans, linear, node, set, taskId } from './plan-fixtures.spec.js';
import { readPlan, validatePlan } from './validate-plan.js';

const artifact = { kind: 'workflow', name: 'invoice' } as const;

describe('a valid plan', () => {
  test.each(Object.entries(goodPlans))('%s has no findings and reads as typed data', (_, build) => {
    expect(validatePlan(build())).toEqual([]);
    expect(readPlan(build())).toEqual({ ok: true, plan: build(), warnings: [] });
  });

  test('may lack the optional fields of definitions', () => {
    const plan = linear();
    set(plan, '/nodes/0/definition', { method: 'NOOP' });
    expect(validatePlan(plan)).toEqual([]);
  });

  test('may be a single node', () => {
    expect(validatePlan({ nodes: [node(0, [])] })).toEqual([]);
  });
});

describe('readings of a plan', () => {
  test('a broken plan is no typed plan', () => {
    expect(readPlan({ nodes: [] })).toMatchObject({ ok: false, findings: [{ code: 'plan.no_nodes' }] });
  });

  test('a finding says where, what and what to do', () => {
    const plan = linear();
    set(plan, '/nodes/1/definition/endpoint', undefined);
    expect(validatePlan(plan, { artifact })).toEqual([
      {
        code: 'plan.missing_endpoint',
        severity: 'error',
        artifact,
        node: taskId(1),
        path: '/nodes/1/definition',
        message: 'The EXECUTOR_ENDPOINT node is incomplete or malformed: endpoint is missing.',
        remedy: expect.stringContaining('Set "endpoint"'),
      },
    ]);
  });

  test('a cycle is named by its path', () => {
    const plan = linear();
    set(plan, '/nodes/1/dependencies', [taskId(0), taskId(2)]);
    const [cycle] = validatePlan(plan);
    expect(cycle?.message).toContain([taskId(1), taskId(2), taskId(1)].join(' → '));
  });

  test('two separate cycles are two findings', () => {
    const plan = { nodes: [node(0, []), node(1, [2]), node(2, [1]), node(3, [4]), node(4, [3])] };
    const cycles = validatePlan(plan).filter(({ code }) => code === 'plan.cycle');
    expect(cycles).toHaveLength(2);
  });

  test('a node behind a cycle is not taken for a part of it', () => {
    const plan = { nodes: [node(0, []), node(1, [0, 2]), node(2, [1]), node(3, [2])] };
    const [cycle, ...others] = validatePlan(plan);
    expect(cycle?.message).not.toContain(taskId(3));
    expect(others).toEqual([]);
  });

  test('a text from the plan cannot break out of its line', () => {
    const plan = linear();
    set(plan, '/nodes/1/definition/method', 'EVIL\n[2024] ✓ passed');
    expect(validatePlan(plan)[0]?.message).toBe('"EVIL [2024] ✓ passed" is not a method that Marie knows.');
  });

  test('of ten thousand findings two hundred are told', () => {
    const plan = chain(10_000);
    for (const broken of plan.nodes) broken['node_type'] = 'NONE';
    const findings = validatePlan(plan);
    expect(findings).toHaveLength(201);
    expect(findings.at(-1)).toMatchObject({ code: 'plan.more_findings', message: '9800 more findings are not shown.' });
  });
});

describe('warnings', () => {
  const warned: [string, (plan: DraftPlan) => void, string, number][] = [
    ['an output that nobody uses', (plan) => plan.nodes.push(node(9, [0], call('/x'))), 'plan.unused_output', 9],
    ['a field of former releases', (plan) => set(plan, '/nodes/1/tool_name', 'x'), 'plan.deprecated_field', 1],
    ['a field nobody knows', (plan) => set(plan, '/nodes/1/depends_on', []), 'plan.unknown_field', 1],
    ['a misspelt definition', (plan) => set(plan, '/nodes/1/definition/parms', {}), 'plan.unknown_field', 1],
    [
      'a dependency named twice',
      (plan) => set(plan, '/nodes/2/dependencies', [taskId(1), taskId(1)]),
      'plan.duplicate_dependency',
      2,
    ],
  ];
  test.each(warned)('%s', (_, change, code, at) => {
    const plan = linear();
    change(plan);
    const reading = readPlan(plan);
    expect(reading).toMatchObject({ ok: true, warnings: [{ code, severity: 'warning', node: taskId(at) }] });
  });

  test('an end of its own behind a branch is no unused output', () => {
    const plan = branching();
    set(plan, '/nodes/5/dependencies', [taskId(2), taskId(3)]);
    expect(validatePlan(plan)).toEqual([]);
  });
});

describe('any input', () => {
  test('arbitrary JSON is judged, never thrown at', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue({ maxDepth: 6 }), fc.anything()), (value) => {
        expect(hasErrors(validatePlan(value))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('a valid plan with anything in any place is judged, never thrown at', () => {
    const builders = Object.values(goodPlans);
    const place = fc.tuple(fc.nat(), fc.nat(), fc.oneof(fc.jsonValue(), fc.constant(undefined)));
    fc.assert(
      fc.property(fc.constantFrom(...builders), fc.array(place, { minLength: 1, maxLength: 4 }), (build, changes) => {
        const plan = build();
        for (const [, at, value] of changes) {
          const pointers = pointersOf(plan);
          set(plan, pointers[at % pointers.length] ?? '/nodes', structuredClone(value));
        }
        for (const found of validatePlan(plan)) expect(found.message).not.toBe('');
      }),
      { numRuns: 500 },
    );
  });

  test('a document nested deeper than the stack is refused', () => {
    let deep: unknown = {};
    for (let level = 0; level < 200_000; level++) deep = { conditions: [deep] };
    expect(validatePlan({ nodes: [deep] })).toMatchObject([{ code: 'plan.not_json' }]);
  });

  test('a document that holds itself is refused', () => {
    const plan: { nodes: unknown[] } = { nodes: [] };
    plan.nodes.push(plan);
    expect(validatePlan(plan)).toMatchObject([{ code: 'plan.not_json' }]);
  });
});

describe('ten thousand nodes', () => {
  const size = 10_000;
  const cycle = (): DraftPlan => ({
    nodes: Array.from({ length: size }, (_, n) => node(n, n === 0 ? [] : [n === 1 ? size - 1 : n - 1])),
  });

  test('are judged as few are', () => {
    expect(validatePlan(chain(size))).toEqual([]);
    expect(validatePlan(cycle()).map(({ code }) => code)).toContain('plan.cycle');
  });
});

function pointersOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = Object.entries(value).filter(([key]) => !/[/~]|^__proto__$/.test(key));
  return own.flatMap(([key, inner]) => [`${path}/${key}`, ...pointersOf(inner, `${path}/${key}`)]);
}
