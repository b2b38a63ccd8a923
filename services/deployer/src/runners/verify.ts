import type { Bundle } from '@m3/artifacts';
import type { CheckResult, EventData } from '@m3/contracts';
import { TargetUnreachableError, type TargetEnvironment, type WorkflowRun } from '@m3/target-environment';
import type { VerificationResult } from '../domain/publish.inputs.js';
import { millisecondsSince, StepLog } from './step-log.js';
import { tellGateway } from './tell-gateway.js';

/** Smoke tests run one execution of each of so many workflows; the tests of the bundle ran before anything was active. */
const smokeTests = 3;
const runDeadlineMs = 30_000;

export interface VerifyEffect {
  readonly target: TargetEnvironment;
  readonly bundle: Bundle;
  readonly request: EventData<'VerificationRequested'>;
  readonly now: () => Date;
  /** A target that does not answer has failed; else it is asked again later. */
  readonly final: boolean;
}

/**
 * Asks the target what is active, and runs workflows of it end to end through the gateway, as any user would.
 * @throws TargetUnreachableError when it does not answer for a moment, and this is not final
 */
export async function verify({ target, bundle, request, now, final }: VerifyEffect): Promise<VerificationResult> {
  const started = performance.now();
  const { expected_version } = request;
  // What the gateway serves when it cannot be told is what the checks find.
  if (request.verifies === 'rollback') await tellGateway(target, { final });
  const workflows = request.smoke_tests && expected_version !== null ? bundle.workflows.slice(0, smokeTests) : [];
  const checks = await Promise.all([
    checked('database', { now, final }, () => pointer(target, expected_version)),
    checked('gateway', { now, final }, () => gatewayHealth(target)),
    ...workflows.map(({ name }) =>
      checked(`smoke:${name}`, { now, final }, () => smoke(target, bundle, name, expected_version)),
    ),
  ]);
  return {
    outcome: checks.every(({ outcome }) => outcome === 'passed') ? 'passed' : 'failed',
    checks,
    duration_ms: millisecondsSince(started),
  };
}

interface Verdict {
  readonly ok: boolean;
  readonly message: string;
  readonly metrics?: Record<string, number>;
}

async function pointer(target: TargetEnvironment, expected: string | null): Promise<Verdict> {
  const { active } = await target.releaseState();
  const actual = active?.version ?? null;
  return {
    ok: actual === expected,
    message: `${actual ?? 'nothing'} is active${actual === expected ? '' : `, not ${expected ?? 'nothing'}`}`,
  };
}

async function gatewayHealth(target: TargetEnvironment): Promise<Verdict> {
  const { ok, message, latency_ms } = await target.dryRun();
  const metrics = { latency_ms };
  return ok
    ? { ok: true, message: `the gateway answers in ${latency_ms.toFixed(1)} ms`, metrics }
    : { ok: false, message: `the gateway's dry run failed: ${message ?? 'no reason given'}`, metrics };
}

/** Without a version in the call: what runs is what the target's own pointer and routes choose. */
async function smoke(
  target: TargetEnvironment,
  bundle: Bundle,
  workflow: string,
  expected: string | null,
): Promise<Verdict> {
  const input = bundle.tests.find((test) => test.workflow === workflow)?.input ?? {};
  const run = await target.runWorkflow({ workflow, input, deadlineMs: runDeadlineMs });
  const metrics = { duration_ms: run.duration_ms, jobs: run.jobs.length };
  return { ok: run.error === null && isVersion(run, expected), message: describeRun(run, expected), metrics };
}

const isVersion = (run: WorkflowRun, expected: string | null): boolean =>
  run.version === null || run.version === expected;

function describeRun(run: WorkflowRun, expected: string | null): string {
  if (run.error) return `${run.error.message} (${run.error.code})`;
  if (!isVersion(run, expected)) return `it ran on ${run.version ?? 'no version'}, not on ${expected ?? 'none'}`;
  return `${run.jobs.length} jobs ran to the end in ${run.duration_ms.toFixed(1)} ms`;
}

async function checked(
  name: string,
  { now, final }: Pick<VerifyEffect, 'now' | 'final'>,
  check: () => Promise<Verdict>,
): Promise<CheckResult> {
  const started = performance.now();
  const log = new StepLog(now);
  const verdict = await check().catch((error: unknown): Verdict => {
    if (!(error instanceof TargetUnreachableError) || (error.retryable && !final)) throw error;
    return { ok: false, message: error.message };
  });
  log[verdict.ok ? 'info' : 'warning'](verdict.message);
  return {
    name,
    outcome: verdict.ok ? 'passed' : 'failed',
    message: verdict.message.slice(0, 2000),
    duration_ms: millisecondsSince(started),
    findings: [],
    log: log.lines,
    ...(verdict.metrics ? { metrics: verdict.metrics } : {}),
  };
}
