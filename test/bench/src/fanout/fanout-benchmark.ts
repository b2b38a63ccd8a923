import { join } from 'node:path';
import { createDatabase, startPostgres } from '@m3/local-servers';
import type { BenchmarkRun } from '../benchmark.js';
import { startBenchStack, type TargetGroup } from '../publish/bench-stack.js';
import { BusObserver } from '../publish/bus-observer.js';
import { tagMessage, versionName } from '../publish/three-node-release.js';
import type { Measurement } from '../report.js';
import { median } from '../statistics.js';
import { PublishesOfTag } from './publishes-of-tag.js';

const group: TargetGroup = { branch: 'fanout', targets: 1_000, sharedSchema: 'fanout' };

/** One tag to a thousand targets: how long it takes until all publishes are requested. */
export async function benchmarkFanout(run: BenchmarkRun): Promise<readonly Measurement[]> {
  const server = await startPostgres({ dataDir: join(run.folder, 'fanout-postgres'), durability: 'safe' });
  try {
    const adminUrl = await createDatabase(server.url, 'm3_fanout');
    const begin = performance.now();
    const stack = await startBenchStack({ folder: run.folder, groups: [group], adminUrl });
    try {
      run.say(`  started, ${group.targets} targets applied: ${((performance.now() - begin) / 1000).toFixed(1)} s`);
      const bus = await BusObserver.connect(stack.servers.nats.url);
      try {
        return [await measureRounds(bus, run)];
      } finally {
        await bus.close();
      }
    } finally {
      await stack.stop();
    }
  } finally {
    await server.stop();
  }
}

async function measureRounds(bus: BusObserver, { short, say }: BenchmarkRun): Promise<Measurement> {
  const rounds: number[] = [];
  for (let number = 1; number <= (short ? 2 : 5); number += 1) {
    const { requestedMs, endedMs } = await measureRound(bus, number);
    rounds.push(requestedMs);
    say(
      `  round ${number}: all requested after ${requestedMs.toFixed(0)} ms, all ended after ${endedMs.toFixed(0)} ms`,
    );
  }
  const slowest = Math.max(...rounds);
  return {
    what: `fan-out: one tag to ${group.targets} publishes requested`,
    ours: `slowest ${slowest.toFixed(0)} ms`,
    value: median(rounds),
    unit: 'ms',
    goal: { kind: 'at_most', value: 2_000 },
  };
}

async function measureRound(bus: BusObserver, number: number) {
  const publishes = await PublishesOfTag.observe(bus, versionName({ round: 0, number }), group.targets);
  const begin = performance.now();
  await bus.tag(tagMessage({ project: group.branch, branch: group.branch, round: 0, number }));
  const requestedMs = (await publishes.requested) - begin;
  const endedMs = (await publishes.ended) - begin;
  publishes.stop();
  return { requestedMs, endedMs };
}
