import { DBOS } from '@dbos-inc/dbos-sdk';

export interface DbosRound {
  /** A database of its own; its tables are made when they are not there. */
  readonly databaseUrl: string;
  /** Workflows under way at one time. */
  readonly concurrency: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
}

const STEPS = 8;

const noop = (): Promise<void> => Promise.resolve();

const eightSteps = DBOS.registerWorkflow(
  async () => {
    for (let step = 1; step <= STEPS; step += 1) await DBOS.runStep(noop, { name: `step-${step}` });
  },
  { name: 'eight-steps' },
);

/** Complete workflows of eight steps that do nothing, per second, by DBOS Transact in this process. */
export async function dbosWorkflowsPerSecond({
  databaseUrl,
  concurrency,
  warmUpMs,
  durationMs,
}: DbosRound): Promise<number> {
  DBOS.setConfig({
    name: 'm3-bench',
    systemDatabaseUrl: databaseUrl,
    systemDatabasePoolSize: 20,
    logLevel: 'error',
  });
  await DBOS.launch();
  try {
    await runWorkflows(concurrency, warmUpMs);
    const begin = performance.now();
    const completed = await runWorkflows(concurrency, durationMs);
    return completed / ((performance.now() - begin) / 1000);
  } finally {
    await DBOS.shutdown();
  }
}

async function runWorkflows(concurrency: number, durationMs: number): Promise<number> {
  const end = performance.now() + durationMs;
  let completed = 0;
  const lane = async () => {
    while (performance.now() < end) {
      const handle = await DBOS.startWorkflow(eightSteps)();
      await handle.getResult();
      completed += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return completed;
}
