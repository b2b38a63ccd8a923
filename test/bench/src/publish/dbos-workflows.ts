import { DBOS } from '@dbos-inc/dbos-sdk';

export interface DbosRound {
  /** Workflows under way at one time. */
  readonly concurrency: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
  /** Called when counting begins and when it ends. */
  readonly counting: () => Promise<void>;
}

const STEPS = 8;

const noop = (): Promise<void> => Promise.resolve();

const eightSteps = DBOS.registerWorkflow(
  async () => {
    for (let step = 1; step <= STEPS; step += 1) await DBOS.runStep(noop, { name: `step-${step}` });
  },
  { name: 'eight-steps' },
);

/** Starts DBOS Transact in this process. The database is its own; its tables are made when they are not there. */
export async function launchDbos(databaseUrl: string): Promise<void> {
  DBOS.setConfig({
    name: 'm3-bench',
    systemDatabaseUrl: databaseUrl,
    systemDatabasePoolSize: 20,
    logLevel: 'error',
  });
  await DBOS.launch();
}

export function shutDownDbos(): Promise<void> {
  return DBOS.shutdown();
}

/** Workflows of eight steps that do nothing: how many were completed, and how fast. */
export async function runDbosWorkflows(
  round: DbosRound,
): Promise<{ readonly completed: number; readonly perSecond: number }> {
  await runWorkflows(round.concurrency, round.warmUpMs);
  await round.counting();
  const begin = performance.now();
  const completed = await runWorkflows(round.concurrency, round.durationMs);
  const seconds = (performance.now() - begin) / 1000;
  await round.counting();
  return { completed, perSecond: completed / seconds };
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
