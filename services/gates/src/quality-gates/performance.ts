import type { WorkflowTest } from '@m3/artifacts';
import { GateSettings, GateThresholds, type Finding } from '@m3/contracts';
import { Type } from '@sinclair/typebox';
import { failed, inconclusive, passed, type Verdict } from '../domain/check.js';
import { withCandidate, type Candidate } from './candidate.js';
import { defineGate, type GateContext } from './gate.js';
import { sideBySide } from './side-by-side.js';

const defaults = { samples: 30, warm_up: 3, concurrency: 2 };
/** A 95th percentile of fewer executions is chance. */
const fewestSamples = 20;
const longestRunMs = 60_000;

/** How fast the version's workflows are and how often they fail, over repeated executions with the inputs of the bundle's tests. */
export const performanceTests = defineGate({
  name: 'performance',
  pace: 'takes_time',
  // Not while the tests run: they would be measured, too.
  needs: ['workflow_validation', 'integration_tests'],
  checks: "repeated executions of the workflows, with the inputs of the bundle's tests",
  input: Type.Composite([
    Type.Pick(GateThresholds, ['p95_ms', 'error_rate']),
    Type.Pick(GateSettings, ['performance']),
  ]),
  limits: ({ p95_ms, error_rate, performance: asked }) => [
    `95 % of the executions take ${p95_ms} ms at most`,
    `${error_rate} % of the executions fail at most`,
    `${asked?.samples ?? defaults.samples} executions of each workflow, ${fewestSamples} at least`,
  ],
  notRun: ({ performance: asked }) => (asked ? null : 'the target does not ask for it'),
  run({ p95_ms, error_rate, performance: asked }, context) {
    const { samples, warm_up, concurrency } = { ...defaults, ...asked };
    const workflows = workflowsOf(context.bundle.tests);
    if (workflows.size === 0) {
      const remedy = 'Add a test with the usual input for each workflow that is to be measured.';
      const message = 'no test of the bundle says with what input to measure';
      return Promise.resolve(inconclusive(message, 'no_tests', { remedy }));
    }
    return withCandidate(context, async (candidate) => {
      const measured: Measured[] = [];
      for (const [workflow, inputs] of workflows) {
        const execute = (count: number) => repeat({ candidate, context, workflow, inputs }, count, concurrency);
        await execute(warm_up);
        measured.push(measure(workflow, await execute(samples)));
      }
      return verdictOn(measured, { p95_ms, error_rate }, context);
    });
  },
});

type Input = WorkflowTest['input'];

/** Inputs that a workflow should do well with; a test that expects a failure says nothing about speed. */
function workflowsOf(tests: readonly WorkflowTest[]): Map<string, Input[]> {
  const workflows = new Map<string, Input[]>();
  for (const { workflow, input, expect } of tests) {
    if (expect.status !== 'failed') workflows.set(workflow, [...(workflows.get(workflow) ?? []), input]);
  }
  return workflows;
}

interface Series {
  readonly candidate: Candidate;
  readonly context: GateContext;
  readonly workflow: string;
  readonly inputs: readonly Input[];
}

/** `null`: the gateway did not start it. */
type Sample = { readonly failed: boolean; readonly ms: number } | null;

async function repeat(
  { candidate, context, workflow, inputs }: Series,
  count: number,
  atATime: number,
): Promise<Sample[]> {
  const turns = Array.from({ length: count }, (_, turn) => inputs[turn % inputs.length] ?? {});
  return sideBySide(turns, atATime, async (input) => {
    // Too late for a run of fair length: what was measured until now counts.
    if (context.remainingMs() < 1_000) return null;
    const came = await candidate.run(workflow, input, Math.min(longestRunMs, context.remainingMs()));
    return came.outcome === 'ran' ? { failed: came.run.error !== null, ms: came.run.duration_ms } : null;
  });
}

interface Measured {
  readonly workflow: string;
  readonly samples: number;
  readonly errorRate: number;
  readonly p95: number;
}

function measure(workflow: string, series: readonly Sample[]): Measured {
  const samples = series.filter((sample) => sample !== null);
  const failures = samples.filter((sample) => sample.failed).length;
  const times = samples.map(({ ms }) => ms).sort((a, b) => a - b);
  const p95 = times[Math.max(0, Math.ceil(times.length * 0.95) - 1)] ?? 0;
  return {
    workflow,
    samples: samples.length,
    errorRate: samples.length === 0 ? 0 : (100 * failures) / samples.length,
    p95,
  };
}

interface Limits {
  readonly p95_ms: number;
  readonly error_rate: number;
}

function verdictOn(measured: readonly Measured[], limits: Limits, { log }: GateContext): Verdict {
  for (const { workflow, samples, p95, errorRate } of measured) {
    log(`${workflow}: p95 ${p95.toFixed(1)} ms, ${errorRate.toFixed(1)} % errors in ${samples} executions`);
  }
  const findings = measured.flatMap((each) => breaches(each, limits));
  const worst = {
    p95_ms: Math.max(...measured.map(({ p95 }) => p95)),
    error_rate: Math.max(...measured.map(({ errorRate }) => errorRate)),
  };
  const metrics = { ...worst, samples: measured.reduce((sum, { samples }) => sum + samples, 0) };
  const message = `p95 ${worst.p95_ms.toFixed(1)} ms (${limits.p95_ms} ms allowed), ${worst.error_rate.toFixed(1)} % errors (${limits.error_rate} % allowed)`;
  const few = measured.filter(({ samples }) => samples < fewestSamples);
  if (few.length > 0) {
    const names = few.map(({ workflow, samples }) => `${workflow}: ${samples}`).join(', ');
    const remedy = 'Give the publish more time (deployment.timeout_seconds), or find out why executions are slow.';
    return inconclusive(`too few executions to judge by (${names}; ${fewestSamples} are needed)`, 'too_few_samples', {
      ...{ metrics, remedy },
    });
  }
  return findings.length > 0 ? failed(message, { findings, metrics }) : passed(message, { metrics });
}

function breaches({ workflow, p95, errorRate }: Measured, { p95_ms, error_rate }: Limits): Finding[] {
  const artifact = { kind: 'workflow', name: workflow };
  const breach = (code: string, message: string, remedy: string): Finding => ({
    ...{ code, severity: 'error', message, artifact, remedy },
  });
  return [
    ...(p95 > p95_ms
      ? [
          breach(
            'p95_exceeded',
            `95 % of its executions take up to ${p95.toFixed(1)} ms; ${p95_ms} ms are allowed`,
            'Make the workflow quicker, or raise gates.p95_ms of the target.',
          ),
        ]
      : []),
    ...(errorRate > error_rate
      ? [
          breach(
            'error_rate_exceeded',
            `${errorRate.toFixed(1)} % of its executions fail; ${error_rate} % are allowed`,
            'Find out in the log of the gateway why they fail, or raise gates.error_rate of the target.',
          ),
        ]
      : []),
  ];
}
