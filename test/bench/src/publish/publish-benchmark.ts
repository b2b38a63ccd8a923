import { join } from 'node:path';
import { createDatabase, startPostgres, type PostgresServer } from '@m3/local-servers';
import type { BenchmarkRun } from '../benchmark.js';
import { table, type Measurement } from '../report.js';
import { median, percentile } from '../statistics.js';
import { startBenchStack, type TargetGroup } from './bench-stack.js';
import { BusObserver } from './bus-observer.js';
import { dbosWorkflowsPerSecond } from './dbos-workflows.js';
import { breakdown, timePublishes } from './idle-latency.js';
import { publishUnderLoad } from './load.js';
import { ProcessorTimes, stackProcesses } from './stack-processes.js';

const IDLE_BRANCH = 'idle';
const loadGroups: readonly TargetGroup[] = Array.from({ length: 4 }, (_, index) => ({
  branch: `load-${index}`,
  targets: 25,
}));

/**
 * Publishes against DBOS Transact's workflows on the same PostgreSQL server. DBOS runs before the product is started and
 * after it is stopped, so that neither costs the other anything.
 */
export async function benchmarkPublish({ folder, short, say }: BenchmarkRun): Promise<readonly Measurement[]> {
  const server = await startPostgres({ dataDir: join(folder, 'publish-postgres'), durability: 'safe' });
  try {
    const databaseUrl = await createDatabase(server.url, 'dbos');
    const dbosRound = async () => {
      const round = { databaseUrl, concurrency: 64, warmUpMs: 3_000, durationMs: short ? 5_000 : 15_000 };
      const rate = await dbosWorkflowsPerSecond(round);
      say(`  DBOS Transact: ${rate.toFixed(1)} workflows of 8 steps per second`);
      return rate;
    };
    const before = await dbosRound();
    const ours = await measureProduct({ folder, short, say }, server);
    const theirs = Math.max(before, await dbosRound());
    return [
      {
        what: 'idle: from tag to succeeded, p50',
        ours: `p95 ${ours.idleP95.toFixed(0)} ms`,
        value: ours.idleP50,
        unit: 'ms',
        goal: { kind: 'at_most', value: 150 },
      },
      {
        what: 'under load: complete publishes of 8 steps',
        ours: `${ours.perSecond.toFixed(1)}/s`,
        against: `DBOS Transact ${theirs.toFixed(1)}/s`,
        value: ours.perSecond / theirs,
        unit: '×',
        goal: { kind: 'at_least', value: 0.5 },
      },
    ];
  } finally {
    await server.stop();
  }
}

interface ProductNumbers {
  readonly idleP50: number;
  readonly idleP95: number;
  readonly perSecond: number;
}

async function measureProduct({ folder, short, say }: BenchmarkRun, server: PostgresServer): Promise<ProductNumbers> {
  const groups = [{ branch: IDLE_BRANCH, targets: 1 }, ...loadGroups];
  const adminUrl = await createDatabase(server.url, 'm3_publish');
  const stack = await startBenchStack({ folder, groups, adminUrl });
  const bus = await BusObserver.connect(stack.servers.nats.url);
  try {
    const timed = await timePublishes(bus, { branch: IDLE_BRANCH, warmUp: short ? 10 : 30, samples: short ? 30 : 150 });
    const totals = timed.map(({ totalMs }) => totalMs);
    const numbers = { idleP50: median(totals), idleP95: percentile(totals, 95) };
    say(
      `  idle, ${totals.length} publishes: p50 ${numbers.idleP50.toFixed(1)} ms, p95 ${numbers.idleP95.toFixed(1)} ms`,
    );
    say(table(['  event', 'after the tag, p50 ms', 'step', 'p95 ms'], breakdown(timed)));
    const spent = new ProcessorTimes(stackProcesses(stack, server.pid));
    const load = await publishUnderLoad(bus, {
      groups: loadGroups,
      warmUpMs: short ? 3_000 : 10_000,
      durationMs: short ? 8_000 : 30_000,
      counting: () => spent.take(),
    });
    say(`  load: ${load.succeeded} publishes, ${load.perSecond.toFixed(1)} per second`);
    for (const [type, times] of load.otherwise) say(`  load: ${times} × ${type}`);
    say(table(['  process', 'processor ms per publish'], spent.perPublish(load.succeeded)));
    return { ...numbers, perSecond: load.perSecond };
  } finally {
    await bus.close();
    await stack.stop();
  }
}
