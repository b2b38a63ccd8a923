import { freePort } from '@m3/local-servers';
import { startSandboxGateway } from '@m3/sandbox';
import { bundleOf, gate, plan, test, useGateStand } from '../fixtures/gate-stand.fixture.spec.js';

const on = useGateStand(startSandboxGateway);
const tests = (count: number) => Array.from({ length: count }, (_, n) => test(`test-${n}`));

describe('the integration tests of a bundle', () => {
  it('run on the gateway against the version, although nothing of it is deployed', async () => {
    const bundle = bundleOf({ tests: [test('one'), test('two', { kind: 'unit', expect: {} })] });
    const judged = await on.judged({ bundle });
    expect(judged).toMatchObject({ outcome: 'passed' });
    expect(gate(judged, 'integration_tests')).toMatchObject({
      ...{ outcome: 'passed', findings: [], metrics: { tests: 2, passed: 2, pass_rate: 100 } },
      message: '1 of 1 unit tests passed (100 % asked for); 1 of 1 integration tests passed (95 % asked for)',
    });
    expect(gate(judged, 'integration_tests').log.map(({ text }) => text)).toEqual(
      expect.arrayContaining([expect.stringContaining('the test one passed')]),
    );
  });

  it('run the plan of the version, and not of one that is active under the same name', async () => {
    const fails = bundleOf({ workflows: [{ name: 'extraction', plan: plan('/broken') }], tests: [test('one')] });
    on.gateway.faults.set({ failing_executor: '/broken' });
    expect(await on.judged({ bundle: bundleOf({ tests: [test('one')] }) })).toMatchObject({ outcome: 'passed' });
    const judged = await on.judged({ bundle: fails });
    expect(judged.outcome).toBe('failed');
    expect(gate(judged, 'integration_tests')).toMatchObject({
      codes: ['test_failed'],
      findings: [{ artifact: { kind: 'test', name: 'one' }, severity: 'error' }],
    });
  });

  it('fail when an output is not what the test expects', async () => {
    const bundle = bundleOf({ tests: [test('one', { expect: { output: { no_such_field: 1 } } })] });
    const { message, codes, findings } = gate(await on.judged({ bundle }), 'integration_tests');
    expect(message).toContain('0 of 1 integration tests passed');
    expect(codes).toEqual(['test_failed']);
    expect(findings[0]?.message).toContain('/no_such_field');
  });

  it('may expect a failure', async () => {
    on.gateway.faults.set({ failing_executor: '/broken' });
    const workflows = [{ name: 'extraction', plan: plan('/broken') }];
    const bundle = bundleOf({ workflows, tests: [test('one', { expect: { status: 'failed' } })] });
    expect(await on.judged({ bundle })).toMatchObject({ outcome: 'passed' });
  });

  it('pass at the rate that the target asks for, with the failures as warnings', async () => {
    const bad = test('bad', { expect: { output: { nothing: true } } });
    const bundle = bundleOf({ tests: [...tests(3), bad] });
    const lenient = await on.judged({ bundle, thresholds: { integration_pass_rate: 75 } });
    expect(gate(lenient, 'integration_tests')).toMatchObject({
      ...{ outcome: 'passed', findings: [{ code: 'test_failed', severity: 'warning' }] },
    });
    expect(await on.judged({ bundle, thresholds: { integration_pass_rate: 76 } })).toMatchObject({ outcome: 'failed' });
  });

  it('time out when they never end, and have failed then', async () => {
    on.gateway.faults.set({ executor_latency_ms: 5_000 });
    const bundle = bundleOf({ tests: [test('endless')] });
    const judged = await on.judged({ bundle, settings: { test_timeout_seconds: 1 } });
    expect(gate(judged, 'integration_tests')).toMatchObject({ outcome: 'failed', codes: ['test_timed_out'] });
  });

  it('time out at the deadline of the gates, however long a test may take', async () => {
    on.gateway.faults.set({ executor_latency_ms: 5_000 });
    const judged = await on.judged({ bundle: bundleOf({ tests: [test('endless')] }), seconds: 2 });
    expect(gate(judged, 'integration_tests')).toMatchObject({ outcome: 'failed', codes: ['test_timed_out'] });
  });

  it('have no result when the gateway cannot be reached', async () => {
    const gatewayUrl = `http://127.0.0.1:${await freePort()}`;
    const judged = await on.judged({ bundle: bundleOf({ tests: [test('one')] }) }, { connection: { gatewayUrl } });
    expect(judged.outcome).toBe('inconclusive');
    expect(gate(judged, 'integration_tests').codes).toEqual(['gateway_connection_refused']);
  });

  it('have no result when the gateway answers 200 with an error inside', async () => {
    const judged = await on.judged(
      { bundle: bundleOf({ tests: [test('one')] }) },
      { connection: { gatewayToken: 'mas_unknown' } },
    );
    expect(gate(judged, 'integration_tests')).toMatchObject({ outcome: 'inconclusive', codes: ['test_not_run'] });
  });

  it('have no result when the gateway takes no plans', async () => {
    on.gateway.faults.set({ planners_422: true });
    const judged = await on.judged({ bundle: bundleOf({ tests: [test('one')] }) });
    expect(gate(judged, 'integration_tests').codes).toEqual(['candidate_not_registrable']);
  });

  it('go on after the gateway has lost its planners', async () => {
    on.gateway.faults.set({ executor_latency_ms: 100 });
    const bundle = bundleOf({ tests: tests(12) });
    const judging = on.judged({ bundle });
    setTimeout(() => on.gateway.faults.set({ lost_registry: true }), 120);
    expect(await judging).toMatchObject({ outcome: 'passed' });
  });

  it('are not run without workflows that can be scheduled', async () => {
    const workflows = [{ name: 'extraction', plan: { nodes: [] } }];
    const judged = await on.judged({ bundle: bundleOf({ workflows, tests: [test('one')] }) });
    expect(judged.outcome).toBe('failed');
    expect(gate(judged, 'integration_tests')).toMatchObject({ outcome: 'inconclusive', codes: ['gate_not_run'] });
  });

  it('are not run when there are none, unless the target requires them, and that is said', async () => {
    const without = await on.judged();
    expect(without).toMatchObject({ outcome: 'passed' });
    expect(without.not_run).toContainEqual({ gate: 'integration_tests', reason: 'the bundle has no tests' });
    const required = await on.judged({ settings: { integration: 'required' } });
    expect(gate(required, 'integration_tests')).toMatchObject({ outcome: 'inconclusive', codes: ['no_tests'] });
    const off = await on.judged({ bundle: bundleOf({ tests: tests(1) }), settings: { integration: 'off' } });
    expect(off.not_run).toContainEqual({ gate: 'integration_tests', reason: 'the target does not ask for it' });
  });
});

describe('the performance of a version', () => {
  const bundle = bundleOf({ tests: [test('one')] });
  const settings = { performance: { samples: 20, warm_up: 1, concurrency: 4 } };

  it('is measured only where the target asks for it', async () => {
    const { not_run } = await on.judged({ bundle });
    expect(not_run).toContainEqual({ gate: 'performance', reason: 'the target does not ask for it' });
  });

  it('passes below the limits', async () => {
    const judged = await on.judged({ bundle, settings });
    expect(gate(judged, 'performance')).toMatchObject({ outcome: 'passed', metrics: { samples: 20, error_rate: 0 } });
  });

  it('fails when executions take too long', async () => {
    on.gateway.faults.set({ executor_latency_ms: 50 });
    const judged = await on.judged({ bundle, settings, thresholds: { p95_ms: 20 } });
    expect(gate(judged, 'performance')).toMatchObject({ outcome: 'failed', codes: ['p95_exceeded'] });
  });

  it('fails when too many executions fail', async () => {
    on.gateway.faults.set({ error_rate: 0.25 });
    const judged = await on.judged({ bundle, settings: { ...settings, integration: 'off' } });
    expect(gate(judged, 'performance')).toMatchObject({ outcome: 'failed', codes: ['error_rate_exceeded'] });
  });

  it('is not judged by a few executions', async () => {
    on.gateway.faults.set({ executor_latency_ms: 400 });
    const few = { performance: { samples: 40, warm_up: 0, concurrency: 1 } };
    const judged = await on.judged({ bundle, settings: { ...few, integration: 'off' }, seconds: 4 });
    expect(gate(judged, 'performance')).toMatchObject({ outcome: 'inconclusive', codes: ['too_few_samples'] });
  });

  it('is not judged without an input to measure with', async () => {
    const judged = await on.judged({ settings });
    expect(gate(judged, 'performance')).toMatchObject({ outcome: 'inconclusive', codes: ['no_tests'] });
  });
});

it('nothing of a version that is judged is active', async () => {
  await on.judged({ bundle: bundleOf({ tests: tests(2) }) });
  expect(await on.target().releaseState()).toMatchObject({ active: null, routes: [], fence: 0 });
});
