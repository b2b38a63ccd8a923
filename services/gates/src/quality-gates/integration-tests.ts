import { unmetExpectations, type WorkflowTest } from '@m3/artifacts';
import { GateSettings, GateThresholds, type Finding } from '@m3/contracts';
import { Type } from '@sinclair/typebox';
import { failed, inconclusive, passed, type Verdict } from '../domain/check.js';
import { withCandidate, type Candidate, type CandidateRun } from './candidate.js';
import { defineGate, type GateContext } from './gate.js';
import { sideBySide } from './side-by-side.js';

const atATime = 4;
const defaults = { unit_pass_rate: 100, test_timeout_seconds: 60 };

/** The bundle's own tests, run on the target's gateway against the version before anything of it is active. */
export const integrationTests = defineGate({
  name: 'integration_tests',
  pace: 'takes_time',
  sharesPasses: true,
  needs: ['workflow_validation'],
  checks: "the bundle's tests, run on the target's gateway before anything is deployed",
  input: Type.Composite([
    Type.Pick(GateThresholds, ['integration_pass_rate']),
    Type.Pick(GateSettings, ['unit_pass_rate', 'integration', 'test_timeout_seconds']),
  ]),
  limits: ({ integration_pass_rate, unit_pass_rate, test_timeout_seconds }) => [
    `${unit_pass_rate ?? defaults.unit_pass_rate} % of the unit tests pass`,
    `${integration_pass_rate} % of the integration tests pass`,
    `each test ends within ${test_timeout_seconds ?? defaults.test_timeout_seconds} s`,
  ],
  notRun: ({ integration = 'if_present' }, { tests }) => {
    if (integration === 'off') return 'the target does not ask for it';
    return integration === 'if_present' && tests.length === 0 ? 'the bundle has no tests' : null;
  },
  run(input, context) {
    const { integration_pass_rate, unit_pass_rate, test_timeout_seconds } = { ...defaults, ...input };
    const { tests } = context.bundle;
    if (tests.length === 0) {
      const remedy = 'Add tests to the release, or set gates.integration of the target to if_present.';
      return Promise.resolve(
        inconclusive('the target requires tests, and the bundle has none', 'no_tests', { remedy }),
      );
    }
    return withCandidate(context, async (candidate) => {
      const run = (test: WorkflowTest) => runTest(test, { candidate, context, timeoutMs: test_timeout_seconds * 1000 });
      const results = await sideBySide(tests, atATime, run);
      return verdictOn(results, { unit: unit_pass_rate, integration: integration_pass_rate });
    });
  },
});

/** What came of one test. `not_run` says nothing about the version. */
interface TestResult {
  readonly test: WorkflowTest;
  readonly outcome: 'passed' | 'failed' | 'not_run';
  readonly findings: readonly Finding[];
}

interface TestSurroundings {
  readonly candidate: Candidate;
  readonly context: GateContext;
  readonly timeoutMs: number;
}

async function runTest(test: WorkflowTest, { candidate, context, timeoutMs }: TestSurroundings): Promise<TestResult> {
  const started = performance.now();
  const came = await candidate.run(test.workflow, test.input, Math.min(timeoutMs, context.remainingMs()));
  const took = `${Math.round(performance.now() - started)} ms`;
  const result = resultOf(test, came, took);
  const [finding] = result.findings;
  const said = finding === undefined ? `the test ${test.name} passed` : finding.message;
  context.log(`${said} (${took})`, result.outcome === 'passed' ? 'info' : 'error');
  return result;
}

function resultOf(test: WorkflowTest, came: CandidateRun, took: string): TestResult {
  if (came.outcome === 'not_run') {
    return ended(test, 'not_run', [about(test, 'test_not_run', `it was not run: ${came.message} (${came.code})`)]);
  }
  const { error, state, output, duration_ms: durationMs } = came.run;
  if (state === 'timed_out') {
    return ended(test, 'failed', [about(test, 'test_timed_out', `it had not ended after ${took}`)]);
  }
  const unmet = unmetExpectations(test.expect, { status: error === null ? 'completed' : 'failed', output, durationMs });
  const why = error === null ? '' : ` ${error.message} (${error.code})`;
  const findings = unmet.map((sentence) => about(test, 'test_failed', `${sentence}${why}`));
  return ended(test, findings.length === 0 ? 'passed' : 'failed', findings);
}

const ended = (test: WorkflowTest, outcome: TestResult['outcome'], findings: readonly Finding[]): TestResult => ({
  ...{ test, outcome, findings },
});

const remedies = {
  test_failed: 'Mend the workflow, or what the test expects; the run stands in the log of the gate.',
  test_timed_out: 'Find out what the workflow waits for, or raise gates.test_timeout_seconds of the target.',
  test_not_run: 'Look at the gateway of the target, and retry the publish.',
} as const;

function about({ name, workflow }: WorkflowTest, code: keyof typeof remedies, sentence: string): Finding {
  const message = `the test ${name} of ${workflow}: ${sentence}`;
  const where = { artifact: { kind: 'test', name }, path: '/expect' };
  return { code, severity: 'error', message, ...where, remedy: remedies[code] };
}

type Kind = 'unit' | 'integration';

/** A kind of tests fails when its rate cannot be reached any more, and has no data while tests that did not run could decide. */
function verdictOn(results: readonly TestResult[], rates: Readonly<Record<Kind, number>>): Verdict {
  const kinds = (['unit', 'integration'] as const).map((kind) => judgeKind(kind, results, rates[kind]));
  const findings = results.flatMap((result) => result.findings);
  const said = kinds.filter(({ count }) => count > 0);
  const message = said.map((kind) => kind.message).join('; ');
  const passedCount = results.filter(({ outcome }) => outcome === 'passed').length;
  const metrics = { tests: results.length, passed: passedCount, pass_rate: (100 * passedCount) / results.length };
  if (said.some(({ outcome }) => outcome === 'failed')) return failed(message, { findings, metrics });
  if (said.some(({ outcome }) => outcome === 'inconclusive'))
    return inconclusive(message, undefined, { findings, metrics });
  return passed(message, { findings: findings.map((finding) => ({ ...finding, severity: 'warning' })), metrics });
}

function judgeKind(kind: Kind, all: readonly TestResult[], rate: number) {
  const results = all.filter(({ test }) => (test.kind ?? 'integration') === kind);
  const count = results.length;
  const good = results.filter(({ outcome }) => outcome === 'passed').length;
  const notRun = results.filter(({ outcome }) => outcome === 'not_run').length;
  const enough = (passing: number) => (100 * passing) / count >= rate;
  const worst = enough(good) ? ('passed' as const) : ('inconclusive' as const);
  const outcome = enough(good + notRun) ? worst : ('failed' as const);
  const open = notRun === 0 ? '' : `, ${notRun} not run`;
  return { count, outcome, message: `${good} of ${count} ${kind} tests passed${open} (${rate} % asked for)` };
}
