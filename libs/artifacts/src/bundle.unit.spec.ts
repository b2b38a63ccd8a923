import fc from 'fast-check';
import type { Bundle } from './bundle.js';
import { canonicalDigest } from '@m3/contracts';
import { bundleDigest, canonicalBundle, listArtifacts } from './digests.js';
import { hasErrors } from './findings.js';
import { defaultBundleLimits, parseBundle } from './parse-bundle.js';
import { guarded, linear, set } from './plan-fixtures.spec.js';
import { unmetExpectations } from './test-expectation.js';
import { validateBundle } from './validate-bundle.js';

const good = (): Bundle => ({
  workflows: [{ name: 'extract', plan: linear() }],
  agents: [{ name: 'clerk', tools: ['search', { name: 'convert', config: {} }], memory: null }],
  processors: [
    { name: 'splitter', query_plan_snapshot: guarded(), config_snapshot: {}, dependencies: { pypdf: '5.9.0' } },
  ],
  tests: [{ name: 'extracts', workflow: 'extract', input: {}, expect: { status: 'completed' } }],
  requires: { marie: '>=3.0.0 <5' },
});

const codesOf = (input: unknown, limits = defaultBundleLimits): string[] => {
  const reading = parseBundle(input, limits);
  return reading.ok ? [] : reading.findings.map(({ code }) => code);
};

describe('a bundle is read', () => {
  test('from text and from a value alike', () => {
    expect(parseBundle(JSON.stringify(good()))).toEqual({ ok: true, bundle: good() });
    expect(parseBundle(good())).toEqual({ ok: true, bundle: good() });
  });

  test('missing lists count as empty', () => {
    const { workflows } = good();
    expect(parseBundle({ workflows })).toEqual({
      ok: true,
      bundle: { workflows, agents: [], processors: [], tests: [] },
    });
  });

  test('with whatever stands where a plan should: that is for validation to judge', () => {
    expect(parseBundle({ workflows: [{ name: 'broken', plan: 'no plan' }] })).toMatchObject({ ok: true });
  });
});

describe('a bundle is refused', () => {
  const refused: [string, string, unknown, string][] = [
    ['an unknown part', '/secrets', {}, 'bundle.unknown_field'],
    ['a part that is no list', '/agents', {}, 'bundle.schema'],
    ['an artifact that is none', '/agents/0', 7, 'bundle.schema'],
    ['an unknown field of a workflow', '/workflows/0/plans', [], 'bundle.unknown_field'],
    ['an unknown field of an agent', '/agents/0/api_key', 'x', 'bundle.unknown_field'],
    ['an unknown field of a tool', '/agents/0/tools/1/args', [], 'bundle.schema'],
    ['a name in capitals', '/workflows/0/name', 'Extract', 'bundle.invalid_name'],
    ['a name with a newline behind it', '/workflows/0/name', 'extract\n', 'bundle.invalid_name'],
    ['a name of a path', '/workflows/0/name', '../etc', 'bundle.invalid_name'],
    ['a name of 64 letters', '/workflows/0/name', 'a'.repeat(64), 'bundle.invalid_name'],
    ['a missing name', '/workflows/0/name', undefined, 'bundle.schema'],
    ['a missing plan', '/workflows/0/plan', undefined, 'bundle.schema'],
    ['two of one name', '/workflows/1', { name: 'extract', plan: {} }, 'bundle.duplicate_name'],
    ['a version of a package that is no text', '/processors/0/dependencies/pypdf', 5, 'bundle.schema'],
    ['a test that expects nothing known', '/tests/0/expect/result', 1, 'bundle.unknown_field'],
    ['no iteration at all', '/agents/0/max_iterations', 0, 'bundle.schema'],
    ['a range that is none', '/requires/marie', 'newest', 'bundle.invalid_range'],
    ['a requirement nobody knows', '/requires/python', '3', 'bundle.unknown_field'],
    ['NUL in a text', '/agents/0/system_message', 'a\0b', 'bundle.unusable_text'],
    ['half a surrogate pair', '/agents/0/system_message', '\udc00', 'bundle.unusable_text'],
  ];
  test.each(refused)('%s', (_, pointer, value, code) => {
    const bundle = good();
    set(bundle, pointer, value);
    expect(codesOf(bundle)).toContain(code);
  });

  test('with nothing to deploy', () => {
    expect(codesOf({ tests: [] })).toEqual(['bundle.empty']);
  });

  test('when it is text that is not JSON, without quoting the text', () => {
    const reading = parseBundle('{"password": hunter2}');
    expect(reading).toMatchObject({ ok: false, findings: [{ code: 'bundle.not_json' }] });
    expect(JSON.stringify(reading)).not.toContain('hunter2');
  });

  test('with a key that reaches for the prototype, and nothing is polluted', () => {
    expect(codesOf('{"workflows":[{"name":"a","plan":{"__proto__":{"polluted":true}}}]}')).toEqual([
      'bundle.forbidden_key',
    ]);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});

describe('sizes are bounded', () => {
  const limits = { bytes: 1_000, depth: 8, values: 100, artifacts: 2, nodes: 3 };
  const one = (plan: unknown): string => JSON.stringify({ workflows: [{ name: 'a', plan }] });

  test.each([
    ['bytes', one('x'.repeat(1_000)), 'bundle.too_large'],
    ['bytes, not characters', one('é'.repeat(490)), 'bundle.too_large'],
    ['nesting', `${'['.repeat(9)}${']'.repeat(9)}`, 'bundle.too_deep'],
    ['nesting of text that never ends', '['.repeat(900), 'bundle.too_deep'],
    ['values', one(Array.from({ length: 101 }, () => 0)), 'bundle.too_many_values'],
    [
      'artifacts',
      JSON.stringify({ agents: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] }),
      'bundle.too_many_artifacts',
    ],
    ['nodes', one({ nodes: [0, 0, 0, 0] }), 'bundle.too_many_nodes'],
  ])('%s', (_, text, code) => {
    expect(codesOf(text, limits)).toEqual([code]);
  });

  test('also of values that somebody else has parsed', () => {
    expect(codesOf({ agents: [{ name: 'a', system_message: 'x'.repeat(1_000) }] }, limits)).toEqual([
      'bundle.too_large',
    ]);
  });

  test('brackets and quotes inside texts count for nothing', () => {
    expect(codesOf(one('[[[[[[[[[[[[ \\" {{{{{{{{{'), limits)).toEqual([]);
  });
});

describe('digests', () => {
  test('are those of RFC 8785: known text, known digest', () => {
    expect(canonicalBundle({ workflows: [], agents: [{ name: 'a' }], processors: [], tests: [] })).toBe(
      '{"agents":[{"name":"a"}],"processors":[],"tests":[],"workflows":[]}',
    );
    expect(canonicalDigest({ b: 1e21, a: ['é', 0.1] })).toBe(
      canonicalDigest(JSON.parse('{"a":["\\u00e9",1e-1],"b":1000000000000000000000}')),
    );
    expect(canonicalDigest({})).toBe('sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });

  test('do not depend on the order of fields, but on everything else', () => {
    const turned = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(turned)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([key, inner]) => [key, turned(inner)]),
            )
          : value;
    expect(canonicalDigest(turned(good()))).toBe(bundleDigest(good()));
    const other = good();
    set(other, '/workflows/0/plan/nodes/1/definition/params/layout', 'receipt');
    expect(bundleDigest(other)).not.toBe(bundleDigest(good()));
  });

  test('each artifact has its own', () => {
    expect(listArtifacts(good()).map(({ kind, name }) => `${kind}/${name}`)).toEqual([
      'workflow/extract',
      'agent/clerk',
      'processor/splitter',
      'test/extracts',
    ]);
    expect(listArtifacts(good())[1]?.digest).toBe(canonicalDigest(good().agents[0]));
  });
});

describe('the content of a bundle', () => {
  test('is valid when its plans are and its tests name its workflows', () => {
    expect(validateBundle(good())).toEqual([]);
  });

  test('names the artifact at fault', () => {
    const bundle = good();
    set(bundle, '/workflows/0/plan', 'no plan');
    set(bundle, '/processors/0/query_plan_snapshot/nodes/2/definition/metrics', []);
    set(bundle, '/tests/0/workflow', 'gone');
    expect(validateBundle(bundle)).toMatchObject([
      { code: 'plan.not_json', artifact: { kind: 'workflow', name: 'extract' } },
      { code: 'plan.guardrail_without_metrics', artifact: { kind: 'processor', name: 'splitter' } },
      { code: 'test.unknown_workflow', artifact: { kind: 'test', name: 'extracts' } },
    ]);
  });
});

test('any JSON is read or refused, never thrown at', () => {
  const workflows = fc.array(fc.record({ name: fc.string(), plan: fc.jsonValue() }, { requiredKeys: [] }));
  const input = fc.oneof(
    fc.anything(),
    fc.string(),
    fc.json(),
    fc.record({ workflows, agents: fc.jsonValue() }, { requiredKeys: [] }),
  );
  fc.assert(
    fc.property(input, (value) => {
      const reading = parseBundle(value);
      expect(reading.ok || hasErrors(reading.findings)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

describe('what a test expects', () => {
  const run = {
    status: 'completed',
    output: { total: 12.5, lines: [{ sum: 12.5, unit: 'pcs' }] },
    durationMs: 40,
  } as const;
  test.each([
    ['nothing: it must complete', {}, 0],
    ['a part of the output', { output: { lines: [{ sum: 12.5 }] } }, 0],
    ['another value', { output: { total: 13 } }, 1],
    ['a field that is not there', { output: { tax: null } }, 1],
    ['more lines', { output: { lines: [{}, {}] } }, 1],
    ['a failure', { status: 'failed' as const }, 1],
    ['less time', { max_duration_ms: 39 }, 1],
  ])('%s', (_, expected, unmet) => {
    expect(unmetExpectations(expected, run)).toHaveLength(unmet);
  });
});
