import type { BranchDefinition, GuardrailDefinition, QueryPlan, SwitchDefinition } from '@m3/artifacts';
import fc from 'fast-check';
import type { JsonObject } from './json.js';
import { toGraph } from './plan-graph.js';
import { merger, node, plan, taskId, work } from './plan-samples.spec.js';
import { ExecutorError, runPlan, type Executor, type RunResult, type StepEnd } from './run-plan.js';

interface Recording {
  readonly result: RunResult;
  readonly events: readonly string[];
  /** How each node ended, by its number. */
  readonly ends: Readonly<Record<number, StepEnd['state']>>;
}

const echo: Executor = ({ node: called }) => ({ [called.query_str]: 'done' });

async function run(of: QueryPlan, input: JsonObject = {}, execute: Executor = echo): Promise<Recording> {
  const events: string[] = [];
  const ends: Record<number, StepEnd['state']> = {};
  const result = await runPlan({
    graph: toGraph(of),
    input,
    metadata: {},
    execute,
    observer: {
      started: ({ id }) => void events.push(`start ${Number(id.slice(-6))}`),
      ended: ({ id }, { state }) => {
        events.push(`${state} ${Number(id.slice(-6))}`);
        ends[Number(id.slice(-6))] = state;
      },
    },
  });
  return { result, events, ends };
}

describe('a plan', () => {
  test('runs its nodes in dependency order, and puts out what its last nodes put out', async () => {
    const { result, events } = await run(plan(node(2, [1]), work(1, [0]), node(0, [])));

    expect(events).toEqual(['start 0', 'completed 0', 'start 1', 'completed 1', 'start 2', 'completed 2']);
    expect(result).toEqual({ state: 'completed', output: { 'node 1': 'done' } });
  });

  test('runs nodes that do not depend on each other side by side', async () => {
    let together = 0;
    let most = 0;
    const { ends } = await run(plan(node(0, []), work(1, [0]), work(2, [0]), merger(3, [1, 2])), {}, async () => {
      most = Math.max(most, (together += 1));
      await Promise.resolve();
      together -= 1;
      return {};
    });

    expect(most).toBe(2);
    expect(ends).toEqual({ 0: 'completed', 1: 'completed', 2: 'completed', 3: 'completed' });
  });

  test('fails with the first node that fails; what had not started is cancelled', async () => {
    const failing: Executor = ({ node: called }) => {
      if (called.task_id === taskId(1)) throw new ExecutorError('executor_failed', 'out of paper');
      return {};
    };
    const { result, ends } = await run(plan(node(0, []), work(1, [0]), work(2, [0]), node(3, [1, 2])), {}, failing);

    expect(result).toEqual({ state: 'failed', error: { code: 'executor_failed', message: 'out of paper' } });
    expect(ends).toEqual({ 0: 'completed', 1: 'failed', 2: 'completed', 3: 'cancelled' });
  });

  test('never tells what an executor threw unexpectedly', async () => {
    const { result } = await run(plan(work(0, [])), {}, () => {
      throw new Error('postgresql://user:secret@host');
    });

    expect(result).toMatchObject({ state: 'failed', error: { code: 'executor_failed' } });
    expect(JSON.stringify(result)).not.toContain('secret');
  });
});

describe('a branch', () => {
  const branch = (more: Partial<BranchDefinition> = {}): QueryPlan => {
    const path = (path_id: string, target: number, value: string, priority: number) => ({
      path_id,
      condition: { jsonpath: '$.metadata.kind', operator: '==' as const, value },
      target_node_ids: [taskId(target)],
      priority,
    });
    return plan(
      work(0, [], '/classify'),
      node(1, [0], {
        method: 'BRANCH',
        paths: [
          path('first', 2, 'a', 1),
          path('second', 3, 'a', 5),
          { path_id: 'other', target_node_ids: [taskId(4)], priority: 9 },
        ],
        default_path_id: 'other',
        ...more,
      }),
      work(2, [1]),
      work(3, [1]),
      work(4, [1]),
      merger(5, [2, 3, 4]),
    );
  };
  const taken = ({ ends }: Recording) => [2, 3, 4].filter((number) => ends[number] === 'completed');

  test('takes the matching path of the highest priority, and the merger goes on with it alone', async () => {
    const recording = await run(branch(), { metadata: { kind: 'a' } });

    expect(taken(recording)).toEqual([3]);
    expect(recording.ends).toMatchObject({ 2: 'cancelled', 4: 'cancelled', 5: 'completed' });
    expect(recording.result).toMatchObject({ output: { 'node 3': 'done' } });
  });

  test('takes the default path only when no other matches', async () => {
    expect(taken(await run(branch(), { metadata: { kind: 'z' } }))).toEqual([4]);
  });

  test('takes all matching paths when told to', async () => {
    expect(taken(await run(branch({ evaluation_mode: 'all_match' }), { metadata: { kind: 'a' } }))).toEqual([2, 3]);
  });

  test('without a match and a default skips every path and the merger, and the run completes', async () => {
    const [start, router, ...others] = branch({ default_path_id: null }).nodes;
    const paths = router?.definition.method === 'BRANCH' ? router.definition.paths.slice(0, 2) : [];
    const of = plan(
      ...(start ? [start] : []),
      node(1, [0], { method: 'BRANCH', paths }),
      ...others.slice(0, 2),
      merger(5, [2, 3]),
    );
    const { ends, result } = await run(of, { metadata: { kind: 'z' } });

    expect(ends).toEqual({ 0: 'completed', 1: 'completed', 2: 'cancelled', 3: 'cancelled', 5: 'cancelled' });
    expect(result.state).toBe('completed');
  });

  test('decides by what an executor found out, unless the caller said otherwise', async () => {
    const classify: Executor = ({ node: called }) =>
      called.task_id === taskId(0) ? { metadata: { kind: 'a' } } : { 'node 3': 'done' };

    expect(taken(await run(branch(), {}, classify))).toEqual([3]);
    expect(taken(await run(branch(), { metadata: { kind: 'z' } }, classify))).toEqual([4]);
  });

  test('skips all that follows on a path not taken, but not what another path leads to', async () => {
    const deeper = plan(...branch().nodes.slice(0, 5), work(6, [2]), work(7, [6, 3]), merger(8, [7, 3]));
    const { ends } = await run(deeper, { metadata: { kind: 'a' } });

    expect(ends).toMatchObject({ 6: 'cancelled', 7: 'cancelled', 8: 'completed' });
  });
});

describe('a switch', () => {
  const definition: SwitchDefinition = {
    method: 'SWITCH',
    switch_field: '$.input.size',
    cases: { small: [taskId(1)], '7': [taskId(2)] },
    default_case: [taskId(3)],
  };
  const of = plan(node(0, [], definition), work(1, [0]), work(2, [0]), work(3, [0]), merger(4, [1, 2, 3]));
  const taken = ({ ends }: Recording) => [1, 2, 3].filter((number) => ends[number] === 'completed');

  test.each([
    ['small', [1]],
    [7, [2]],
    ['huge', [3]],
    [undefined, [3]],
    ['constructor', [3]],
  ])('of %p takes %p', async (size, expected) => {
    expect(taken(await run(of, { size }))).toEqual(expected);
  });
});

describe('a guardrail', () => {
  const guarded = (text: string, more: Partial<GuardrailDefinition> = {}) => {
    const definition: GuardrailDefinition = {
      method: 'GUARDRAIL',
      input_source: `$.nodes.${taskId(0)}.output`,
      metrics: [
        { type: 'length_check', name: 'long enough', threshold: 1, weight: 1, params: { min: 10 } },
        { type: 'contains_keywords', name: 'has a total', threshold: 1, weight: 3, params: { keywords: ['total'] } },
      ],
      paths: [
        { path_id: 'pass', target_node_ids: [taskId(2)] },
        { path_id: 'fail', target_node_ids: [taskId(3)] },
      ],
      ...more,
    };
    const of = plan(work(0, []), node(1, [0], definition), node(2, [1]), node(3, [1]));
    return run(of, {}, () => ({ text }));
  };

  test('goes along the pass path when all metrics pass', async () => {
    const { ends, result } = await guarded('The total is 12.');

    expect(ends).toMatchObject({ 2: 'completed', 3: 'cancelled' });
    expect(result).toMatchObject({ output: { selected_path: 'pass', guardrail: { passed: true } } });
  });

  test('goes along the fail path when one does not', async () => {
    const { ends } = await guarded('total');
    expect(ends).toMatchObject({ 2: 'cancelled', 3: 'completed' });
  });

  test('weighs its metrics for an average', async () => {
    const weighted = { aggregation_mode: 'weighted_average', pass_threshold: 0.85 } as const;

    expect((await guarded('total', weighted)).ends).toMatchObject({ 2: 'completed' });
    expect((await guarded('no such word', weighted)).ends).toMatchObject({ 2: 'cancelled' });
  });

  test('is content with any one when told so', async () => {
    expect((await guarded('total', { aggregation_mode: 'any' })).ends).toMatchObject({ 2: 'completed' });
  });
});

describe('a merger', () => {
  const merging = (more: object, paths: number[]) => {
    const branch: BranchDefinition = {
      method: 'BRANCH',
      paths: [
        { path_id: 'taken', target_node_ids: paths.map(taskId) },
        {
          path_id: 'not',
          target_node_ids: [taskId(1), taskId(2)],
          condition: { jsonpath: '$.never', operator: 'exists' },
        },
      ],
    };
    return plan(
      node(0, [], branch),
      work(1, [0]),
      work(2, [0]),
      node(3, [1, 2], { method: 'MERGER_ENHANCED', ...more }),
    );
  };

  test('fails the run when fewer paths were taken than it requires', async () => {
    const { result } = await run(merging({ min_required: 2 }, [1]));
    expect(result).toMatchObject({ state: 'failed', error: { code: 'merge_incomplete' } });
  });

  test('is skipped when no path was taken', async () => {
    expect((await run(merging({}, []))).ends).toMatchObject({ 3: 'cancelled' });
  });

  test('that waits for any path goes on with the first', async () => {
    let release: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => (release = resolve));
    const execute: Executor = async ({ node: called }) => {
      if (called.task_id === taskId(2)) await slow;
      return {};
    };
    const running = run(merging({ merge_strategy: 'wait_any' }, [1, 2]), {}, execute);
    release();
    const { events } = await running;

    expect(events.indexOf('completed 3')).toBeLessThan(events.indexOf('completed 2'));
  });
});

describe('any plan', () => {
  /** Random graphs with one root, in which every third node or so is a switch that sends the run to some of its followers. */
  const graphs = fc
    .array(
      fc.record({ seeds: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), kind: fc.nat(2), merges: fc.boolean() }),
      { maxLength: 40 },
    )
    .map((shapes) => {
      const followers = new Map<number, number[]>();
      const dependencies = shapes.map(({ seeds }, index) => [...new Set(seeds.map((seed) => seed % (index + 1)))]);
      dependencies.forEach((ids, index) => {
        for (const id of ids) followers.set(id, [...(followers.get(id) ?? []), index + 1]);
      });
      const nodes = shapes.map(({ kind, merges }, index) => {
        const targets = (followers.get(index + 1) ?? []).map(taskId);
        const needs = dependencies[index] ?? [];
        if (kind === 0 && targets.length > 1) {
          const half = targets.filter((_, place) => place % 2 === 0);
          const cases = { a: half, b: targets.filter((target) => !half.includes(target)) };
          return node(index + 1, needs, { method: 'SWITCH', switch_field: '$.input.way', cases });
        }
        return merges ? merger(index + 1, needs) : work(index + 1, needs);
      });
      return plan(node(0, []), ...nodes);
    });

  test('ends every node exactly once, after its dependencies, whether it fails or not', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, fc.constantFrom('a', 'b', 'c'), fc.nat(60), async (of, way, failing) => {
        const recording = await run(of, { way }, ({ node: called }) => {
          if (called.task_id === taskId(failing)) throw new ExecutorError('executor_failed', 'it fails');
          return {};
        });
        const ended = recording.events.filter((event) => !event.startsWith('start'));
        expect(ended).toHaveLength(of.nodes.length);
        expect(Object.keys(recording.ends)).toHaveLength(of.nodes.length);
        for (const { task_id, dependencies } of of.nodes) {
          const started = recording.events.indexOf(`start ${Number(task_id.slice(-6))}`);
          if (started < 0) continue;
          for (const id of dependencies) {
            const number = Number(id.slice(-6));
            const settled = recording.events.findIndex(
              (event) => event.endsWith(` ${number}`) && !event.startsWith('start'),
            );
            expect(settled).toBeGreaterThanOrEqual(0);
            expect(settled).toBeLessThan(started);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('of ten thousand nodes in a row runs to its end', async () => {
    const row = Array.from({ length: 10_000 }, (_, index) => node(index, index === 0 ? [] : [index - 1]));
    const { result } = await run(plan(...row));

    expect(result.state).toBe('completed');
  });
});
