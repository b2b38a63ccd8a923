import type { BenchmarkRun } from '../benchmark.js';
import type { TargetGroup } from '../publish/bench-stack.js';
import type { BusObserver } from '../publish/bus-observer.js';
import { onBenchStack, type BenchScene } from '../publish/on-bench-stack.js';
import { clockOf, ProcessorTimes, type ProcessorClock } from '../publish/processor-times.js';
import { stackProcesses } from '../publish/stack-processes.js';
import { tagMessage, versionName } from '../publish/three-node-release.js';
import { table, type Measurement } from '../report.js';
import { median } from '../statistics.js';
import { PublishesOfTag } from './publishes-of-tag.js';

const group: TargetGroup = { branch: 'fanout', targets: 1_000, sharedSchema: 'fanout' };

/** One tag to a thousand targets: how long it takes until all publishes are requested. */
export async function benchmarkFanout(run: BenchmarkRun): Promise<readonly Measurement[]> {
  return onBenchStack({ folder: run.folder, name: 'fanout', groups: [group] }, async (scene) => {
    run.say(`  started, ${group.targets} targets applied: ${(scene.startedMs / 1000).toFixed(1)} s`);
    return [await measureRounds(scene, run)];
  });
}

async function measureRounds({ stack, server, bus }: BenchScene, run: BenchmarkRun): Promise<Measurement> {
  const clocks = new Map([...stackProcesses(stack, server.pid)].map(([name, pid]) => [name, clockOf(pid)] as const));
  const rounds: number[] = [];
  for (let number = 1; number <= (run.short ? 2 : 5); number += 1)
    rounds.push(await measureRound({ bus, clocks }, number, run));
  return {
    what: `fan-out: one tag to ${group.targets} publishes requested`,
    ours: `slowest ${Math.max(...rounds).toFixed(0)} ms`,
    value: median(rounds),
    unit: 'ms',
    goal: { kind: 'at_most', value: 2_000 },
  };
}

interface Measured {
  readonly bus: BusObserver;
  readonly clocks: ReadonlyMap<string, ProcessorClock>;
}

async function measureRound({ bus, clocks }: Measured, number: number, { say }: BenchmarkRun): Promise<number> {
  const spent = new ProcessorTimes(clocks);
  const publishes = await PublishesOfTag.observe(bus, versionName({ round: 0, number }), group.targets);
  await spent.take();
  const begin = performance.now();
  await bus.tag(tagMessage({ project: group.branch, branch: group.branch, round: 0, number }));
  const requestedMs = (await publishes.requested) - begin;
  await spent.take();
  const endedMs = (await publishes.ended) - begin;
  publishes.stop();
  say(`  round ${number}: all requested after ${requestedMs.toFixed(0)} ms, all ended after ${endedMs.toFixed(0)} ms`);
  say(table(['  process', 'processor ms per request'], spent.perPiece(group.targets)));
  return requestedMs;
}
