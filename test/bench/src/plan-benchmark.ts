import { validatePlan } from '@m3/artifacts';
import type { BenchmarkRun } from './benchmark.js';
import { table, type Measurement } from './report.js';
import { median } from './statistics.js';

const GOAL_MS = 1_000;
const size = 10_000;

const taskId = (n: number): string => `0197a4e2-0000-7000-8000-${String(n).padStart(12, '0')}`;
const plan = (dependencies: (n: number) => readonly number[], params: (n: number) => object = () => ({})) => ({
  nodes: Array.from({ length: size }, (_, n) => ({
    task_id: taskId(n),
    query_str: `step ${n}`,
    dependencies: dependencies(n).map(taskId),
    node_type: 'COMPUTE',
    definition: { method: 'EXECUTOR_ENDPOINT', endpoint: '/extract', params: params(n) },
  })),
});
const before = (n: number): number[] => (n === 0 ? [] : [n - 1]);

const shapes: ReadonlyMap<string, () => unknown> = new Map([
  ['a chain', () => plan(before)],
  ['a fan', () => plan((n) => (n === 0 ? [] : [0]))],
  ['a ladder', () => plan((n) => (n === 0 ? [] : n < 3 ? [0] : [n - 2, n - 3]))],
  [
    'a chain that reads far upstream',
    () => plan(before, (n) => (n === 0 ? {} : { in: `$.nodes.${taskId(n >> 1)}.output` })),
  ],
  ['one cycle', () => plan((n) => [(n + 1) % size])],
]);

/** Validation of plans with ten thousand nodes, in processor time: it does not grow while others use the machine. */
export function benchmarkPlans({ short, say }: BenchmarkRun): Promise<readonly Measurement[]> {
  const measured = [...shapes].map(([name, build]) => ({ name, ms: medianMs(build(), short ? 3 : 15) }));
  say(
    table(
      ['  plan of 10,000 nodes', 'ms'],
      measured.map(({ name, ms }) => [`  ${name}`, ms.toFixed(0)]),
    ),
  );
  const slowest = measured.reduce((a, b) => (b.ms > a.ms ? b : a));
  const goal = { kind: 'at_most', value: GOAL_MS } as const;
  return Promise.resolve([
    {
      what: 'validation of a plan of 10,000 nodes',
      ours: `slowest: ${slowest.name}`,
      value: slowest.ms,
      unit: 'ms',
      goal,
    },
  ]);
}

function medianMs(value: unknown, rounds: number): number {
  return median(
    Array.from({ length: rounds }, () => {
      const start = process.cpuUsage();
      validatePlan(value);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1000;
    }),
  );
}
