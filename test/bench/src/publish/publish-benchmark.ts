import type { Stack } from '@m3/local';
import { createDatabase } from '@m3/local-servers';
import type { BenchmarkRun } from '../benchmark.js';
import { table, type Measurement } from '../report.js';
import { median, percentile } from '../statistics.js';
import type { TargetGroup } from './bench-stack.js';
import type { BusObserver } from './bus-observer.js';
import { launchDbos, runDbosWorkflows, shutDownDbos } from './dbos-workflows.js';
import { breakdown, timePublishes } from './idle-latency.js';
import { publishUnderLoad } from './load.js';
import { onBenchStack, type BenchScene } from './on-bench-stack.js';
import { clockOf, ownClock, ProcessorTimes } from './processor-times.js';
import { stackProcesses } from './stack-processes.js';

const IDLE_BRANCH = 'idle';
const loadGroups: readonly TargetGroup[] = Array.from({ length: 4 }, (_, index) => ({
  branch: `load-${index}`,
  targets: 25,
}));
const DBOS_CONCURRENCY = 64;

/** Whole publishes: how long one takes on an idle product, and how many per second against DBOS Transact's workflows. */
export async function benchmarkPublish(run: BenchmarkRun): Promise<readonly Measurement[]> {
  const groups = [{ branch: IDLE_BRANCH, targets: 1 }, ...loadGroups];
  return onBenchStack({ folder: run.folder, name: 'publish', groups }, async (scene) => [
    await measureIdle(scene.bus, run),
    await compareLoad(scene, run),
  ]);
}

async function measureIdle(bus: BusObserver, { short, say }: BenchmarkRun): Promise<Measurement> {
  const timed = await timePublishes(bus, { branch: IDLE_BRANCH, warmUp: short ? 10 : 30, samples: short ? 30 : 150 });
  const totals = timed.map(({ totalMs }) => totalMs);
  const [p50, p95] = [median(totals), percentile(totals, 95)];
  say(`  idle, ${totals.length} publishes: p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`);
  say(table(['  event', 'after the tag, p50 ms', 'step', 'p95 ms'], breakdown(timed)));
  return {
    what: 'idle: from tag to succeeded, p50',
    ours: `p95 ${p95.toFixed(0)} ms`,
    value: p50,
    unit: 'ms',
    goal: { kind: 'at_most', value: 150 },
  };
}

/** Rounds take turns, and the numbers in the middle count. */
async function compareLoad(scene: BenchScene, run: BenchmarkRun): Promise<Measurement> {
  const ours: number[] = [];
  const theirs: number[] = [];
  await launchDbos(await createDatabase(scene.server.url, 'dbos'));
  try {
    for (let round = 1; round <= (run.short ? 2 : 3); round += 1) {
      ours.push(await ourRound(scene, round, run));
      theirs.push(await theirRound(scene, run));
    }
  } finally {
    await shutDownDbos();
  }
  return {
    what: 'under load: complete publishes of 8 steps',
    ours: `${median(ours).toFixed(1)}/s`,
    against: `DBOS Transact ${median(theirs).toFixed(1)}/s`,
    value: median(ours) / median(theirs),
    unit: '×',
    goal: { kind: 'at_least', value: 0.5 },
  };
}

async function ourRound({ stack, server, bus }: BenchScene, round: number, run: BenchmarkRun): Promise<number> {
  const clocks = [...stackProcesses(stack, server.pid)].map(([name, pid]) => [name, clockOf(pid)] as const);
  const spent = new ProcessorTimes(new Map(clocks));
  const load = await publishUnderLoad(bus, {
    ...{ groups: loadGroups, round },
    warmUpMs: round === 1 ? 10_000 : 3_000,
    durationMs: run.short ? 8_000 : 16_000,
    counting: () => spent.take(),
  });
  run.say(`  load, round ${round}: M3 ${load.perSecond.toFixed(1)} publishes per second`);
  for (const [type, times] of load.otherwise) run.say(`    ${times} × ${type}`);
  run.say(table(['  process', 'processor ms per publish'], spent.perPiece(load.succeeded)));
  return load.perSecond;
}

/** The services stand still while DBOS runs, so that their idling costs it nothing. */
async function theirRound({ stack, server }: BenchScene, run: BenchmarkRun): Promise<number> {
  const spent = new ProcessorTimes(
    new Map([
      ['DBOS', ownClock],
      ['PostgreSQL', clockOf(server.pid)],
    ]),
  );
  await signal(stack, 'SIGSTOP');
  try {
    const load = await runDbosWorkflows({
      concurrency: DBOS_CONCURRENCY,
      warmUpMs: 2_000,
      durationMs: run.short ? 5_000 : 8_000,
      counting: () => spent.take(),
    });
    run.say(`  DBOS Transact ${load.perSecond.toFixed(1)} workflows per second`);
    run.say(table(['  process', 'processor ms per workflow'], spent.perPiece(load.completed)));
    return load.perSecond;
  } finally {
    await signal(stack, 'SIGCONT');
  }
}

async function signal({ services, sandboxes }: Stack, name: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
  const processes = [...Object.values(services), ...[...sandboxes.values()].map(({ gateway }) => gateway)];
  await Promise.all(processes.map((process) => process.kill(name)));
}
