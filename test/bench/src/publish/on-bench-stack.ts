import { join } from 'node:path';
import type { Stack } from '@m3/local';
import { createDatabase, startPostgres, type PostgresServer } from '@m3/local-servers';
import { startBenchStack, type TargetGroup } from './bench-stack.js';
import { BusObserver } from './bus-observer.js';

export interface BenchScene {
  readonly stack: Stack;
  readonly server: PostgresServer;
  readonly bus: BusObserver;
  /** Until the services ran and all targets were applied. */
  readonly startedMs: number;
}

export interface ScenePlan {
  readonly folder: string;
  /** Of the benchmark: its servers keep their data under it. */
  readonly name: string;
  readonly groups: readonly TargetGroup[];
}

/** Does something with the product on a PostgreSQL of its own, which waits for the disk; all of it ends afterwards. */
export async function onBenchStack<Result>(
  { folder, name, groups }: ScenePlan,
  work: (scene: BenchScene) => Promise<Result>,
): Promise<Result> {
  const server = await startPostgres({ dataDir: join(folder, `${name}-postgres`), durability: 'safe' });
  try {
    const adminUrl = await createDatabase(server.url, `m3_${name}`);
    const begin = performance.now();
    const stack = await startBenchStack({ folder, groups, adminUrl });
    const startedMs = performance.now() - begin;
    try {
      return await withBus(stack, (bus) => work({ stack, server, bus, startedMs }));
    } finally {
      await stack.stop();
    }
  } finally {
    await server.stop();
  }
}

async function withBus<Result>(stack: Stack, work: (bus: BusObserver) => Promise<Result>): Promise<Result> {
  const bus = await BusObserver.connect(stack.servers.nats.url);
  try {
    return await work(bus);
  } finally {
    await bus.close();
  }
}
