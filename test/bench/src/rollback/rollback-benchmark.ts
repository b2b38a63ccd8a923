import { PublishDetail, RollbackAccepted, RollbackPlan } from '@m3/contracts';
import type { Stack } from '@m3/local';
import { snapshotDigest, TargetEnvironments } from '@m3/target-environment';
import type { BenchmarkRun } from '../benchmark.js';
import { askApi, asked } from '../publish/bench-api.js';
import { SANDBOX, type TargetGroup } from '../publish/bench-stack.js';
import { onBenchStack, type BenchScene } from '../publish/on-bench-stack.js';
import { table, type Measurement } from '../report.js';
import { largeReleaseTag } from './large-release.js';
import { PublishEndings } from './publish-endings.js';

const GOAL_MS = 120_000;
const WORKFLOWS = 1_000;
const group: TargetGroup = { branch: 'rollback', targets: 1 };
/** What the target and its schema are called. */
const TARGET = 'rollback_0';

/** A target with 1,000 workflows goes back to its previous version: how long, from the request to success. */
export async function benchmarkRollback(run: BenchmarkRun): Promise<readonly Measurement[]> {
  return onBenchStack({ folder: run.folder, name: 'rollback', groups: [group] }, async ({ stack, bus }) => [
    await measureRounds({ stack, bus, endings: await PublishEndings.observe(bus) }, run),
  ]);
}

interface Scene extends Pick<BenchScene, 'stack' | 'bus'> {
  readonly endings: PublishEndings;
}

/** Each round publishes another version over the first one, and goes back to that. */
async function measureRounds(scene: Scene, run: BenchmarkRun): Promise<Measurement> {
  const rounds: number[] = [];
  await publish(scene, 'v1.0.0', run);
  for (let number = 1; number <= (run.short ? 1 : 3); number += 1) {
    await publish(scene, `v1.${number}.0`, run);
    rounds.push(await measureRollback(scene, number, run));
    const release = { reason: 'the next round' };
    await askApi(scene.stack, { path: `targets/${TARGET}/release`, body: release, key: `release-${number}` });
  }
  const slowest = Math.max(...rounds);
  return {
    what: `rollback of a target with ${WORKFLOWS} workflows`,
    ours: `slowest of ${rounds.length}`,
    ...{ value: slowest, unit: 'ms', goal: { kind: 'at_most', value: GOAL_MS } },
  };
}

async function publish({ bus, endings }: Scene, version: string, { say }: BenchmarkRun): Promise<void> {
  const { branch } = group;
  const begin = performance.now();
  await endings.succeededAfter(() =>
    bus.tag(largeReleaseTag({ project: branch, branch, version, workflows: WORKFLOWS })),
  );
  say(`  ${version} published: ${(performance.now() - begin).toFixed(0)} ms`);
}

async function measureRollback({ stack, endings }: Scene, number: number, { say }: BenchmarkRun): Promise<number> {
  const path = `targets/${TARGET}/rollback`;
  const planBegin = performance.now();
  const plan = await asked(stack, RollbackPlan, { path: `${path}/plan`, body: {} });
  const planMs = performance.now() - planBegin;
  const { updated } = plan.comparison.changes?.counts ?? { updated: null };
  if (updated !== WORKFLOWS) throw new Error(`the plan changes ${updated ?? 'no known number of'} artifacts`);

  const body = { reason: 'a benchmark', expected_backup_id: plan.backup.backup_id };
  const begin = performance.now();
  const { publish_id } = await endings.succeededAfter(() =>
    asked(stack, RollbackAccepted, { path, body, key: `rollback-${number}` }),
  );
  const wholeMs = performance.now() - begin;
  await checkDigest(stack, plan.backup.digest);
  const { backup } = plan;
  say(`  round ${number}: rolled back after ${wholeMs.toFixed(0)} ms, its plan took ${planMs.toFixed(0)} ms;`);
  say(`  the target equals its backup of ${backup.bytes} bytes: ${backup.digest}`);
  say(table(['  step', 'ms'], await stepTimes(stack, publish_id)));
  return wholeMs;
}

/** The target itself is read: what it has must be, byte for byte, what the backup holds. */
async function checkDigest(stack: Stack, expected: string): Promise<void> {
  const sandbox = stack.sandboxes.get(SANDBOX);
  if (sandbox === undefined) throw new Error('the stack has no sandbox');
  const environments = new TargetEnvironments({ allow: ['127.0.0.0/8'] });
  try {
    const { gateway, databaseUrl } = sandbox;
    const target = environments.open({ gatewayUrl: gateway.url, databaseUrl, schema: TARGET });
    const digest = snapshotDigest(await target.snapshot());
    if (digest !== expected) throw new Error(`the target has the digest ${digest}, and its backup ${expected}`);
  } finally {
    await environments.close();
  }
}

/** A row for each step; the read model follows the log, and is asked until it shows the end. */
async function stepTimes(stack: Stack, publishId: string): Promise<readonly (readonly string[])[]> {
  let detail = await asked(stack, PublishDetail, { path: `publishes/${publishId}` });
  while (detail.ended_at === null) detail = await asked(stack, PublishDetail, { path: `publishes/${publishId}` });
  return detail.steps.map(({ step, duration_ms }) => [`  ${step}`, duration_ms?.toFixed(0) ?? '']);
}
