import { setTimeout as pause } from 'node:timers/promises';
import type { BenchmarkRun } from './benchmark.js';
import { residentBytes } from './process-usage.js';
import { startBenchStack, type TargetGroup } from './publish/bench-stack.js';
import { BusObserver } from './publish/bus-observer.js';
import { publishUnderLoad } from './publish/load.js';
import { serviceProcesses } from './publish/stack-processes.js';
import { table, type Measurement } from './report.js';

const GOAL_MB = 120;
const SETTLE_MS = 10_000;
/** As many targets at a time as under the load that is compared with DBOS. */
const groups: readonly TargetGroup[] = Array.from({ length: 4 }, (_, index) => ({
  branch: `memory-${index}`,
  targets: 25,
}));

/** Resident memory of each service: at rest after its start, at the end of a load, and when it has rested from that. */
export async function benchmarkMemory({ folder, short, say }: BenchmarkRun): Promise<readonly Measurement[]> {
  const stack = await startBenchStack({ folder, groups });
  try {
    const pids = serviceProcesses(stack);
    await pause(SETTLE_MS);
    const idle = await megabytes(pids);
    const loaded = await underLoad(stack.servers.nats.url, short ? 10_000 : 45_000, () => megabytes(pids));
    await pause(SETTLE_MS);
    const rested = await megabytes(pids);
    const rows = [...pids.keys()].map((name) => [name, ...[idle, loaded, rested].map((of) => megabytesOf(of, name))]);
    say(table(['  service', 'at rest, MB', 'under load, MB', 'rested again, MB'], rows));
    return [
      largest('memory of a service at rest', idle),
      largest('memory of a service under load', loaded),
      largest('memory of a service after a load', rested),
    ];
  } finally {
    await stack.stop();
  }
}

async function underLoad<Result>(natsUrl: string, durationMs: number, look: () => Promise<Result>): Promise<Result> {
  const bus = await BusObserver.connect(natsUrl);
  const looks: Promise<Result>[] = [];
  try {
    const counting = (phase: 'begins' | 'ends') => {
      if (phase === 'ends') looks.push(look());
    };
    await publishUnderLoad(bus, { groups, round: 1, warmUpMs: 2_000, durationMs, counting });
  } finally {
    await bus.close();
  }
  const [last] = looks;
  if (last === undefined) throw new Error('the load has not ended');
  return last;
}

type Megabytes = ReadonlyMap<string, number>;

async function megabytes(pids: ReadonlyMap<string, number>): Promise<Megabytes> {
  const sizes = [...pids].map(async ([name, pid]) => [name, (await residentBytes(pid)) / 2 ** 20] as const);
  return new Map(await Promise.all(sizes));
}

function megabytesOf(sizes: Megabytes, name: string): string {
  return (sizes.get(name) ?? Number.NaN).toFixed(0);
}

function largest(what: string, sizes: Megabytes): Measurement {
  const [name = '', value = Number.NaN] = [...sizes].sort(([, a], [, b]) => b - a)[0] ?? [];
  return { what, ours: `largest: ${name}`, value, unit: 'MB', goal: { kind: 'at_most', value: GOAL_MB } };
}
