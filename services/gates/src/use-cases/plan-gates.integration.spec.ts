import type { Bundle } from '@m3/artifacts';
import type { EventData, GateSettings } from '@m3/contracts';
import { startSandboxGateway } from '@m3/sandbox';
import { Type } from '@sinclair/typebox';
import fc from 'fast-check';
import { passed } from '../domain/check.js';
import { bundleOf, gate, test, useGateStand, type Stand } from '../fixtures/gate-stand.fixture.spec.js';
import { defineGate } from '../quality-gates/gate.js';

const on = useGateStand(startSandboxGateway);

/** What the gates say before a publish, and what then comes of them. */
async function plannedAndRun(bundle: Bundle, settings: GateSettings, more: Stand = {}) {
  const { plans, ask, judge, history } = on.stand(more);
  const { event, request } = await ask({ bundle, settings });
  const { thresholds, subject } = request;
  const planned = await plans.plan({ bundle_digest: subject.bundle_digest, thresholds, settings });
  if (planned.outcome === 'rejected') throw new Error(planned.rejection.detail);
  await judge(event);
  const last = (await history(request.gate_run_id)).at(-1);
  return { planned: planned.result, ended: last?.data as EventData<'GatesCompleted'> };
}

const settings: fc.Arbitrary<GateSettings> = fc.record(
  {
    integration: fc.constantFrom('required' as const, 'if_present' as const, 'off' as const),
    performance: fc.constant({ samples: 20, warm_up: 0, concurrency: 4 }),
    external: fc.constantFrom([], [{ name: 'unsigned', url: 'https://gates.example.com' }]),
  },
  { requiredKeys: [] },
);
const bundle = fc.constantFrom(bundleOf(), bundleOf({ tests: [test('one')] }));

describe('the gates that a plan names', () => {
  it('are those that run, whatever the target asks for and the bundle has', async () => {
    await fc.assert(
      fc.asyncProperty(bundle, settings, async (given, asked) => {
        const { planned, ended } = await plannedAndRun(given, asked);
        expect(ended.gates.map(({ name }) => name)).toEqual(planned.gates.map(({ name }) => name));
        expect(ended.not_run ?? []).toEqual(planned.not_run);
        for (const { checks, limits } of planned.gates) expect([checks, ...limits].every(Boolean)).toBe(true);
      }),
      { seed: 20260319, numRuns: 12 },
    );
  });

  it('say by what they judge, as the target has set it, and who may override them', async () => {
    const override = { allowed_roles: ['admin'], wait_minutes: 30 };
    const asked: GateSettings = {
      ...{ performance: { samples: 50 }, unit_pass_rate: 90, override, vulnerabilities_max_age_days: 3 },
      external: [{ name: 'unsigned', url: 'https://gates.example.com', timeout_seconds: 60 }],
    };
    const { planned } = await plannedAndRun(bundleOf({ tests: [test('one')] }), asked);
    expect(planned).toMatchObject({
      gates: [
        { name: 'workflow_validation', limits: ['no error'] },
        { name: 'security', limits: expect.arrayContaining(['a list of vulnerabilities that is 3 days old at most']) },
        {
          name: 'integration_tests',
          limits: expect.arrayContaining(['90 % of the unit tests pass', '95 % of the integration tests pass']),
        },
        { name: 'performance', limits: expect.arrayContaining(['95 % of the executions take 5000 ms at most']) },
        { name: 'external:unsigned', limits: ['it answers, or calls back, within 60 s'] },
      ],
      override,
    });
  });

  it('are not known for a bundle that is not there', async () => {
    const { plans, ask } = on.stand();
    const { thresholds } = (await ask()).request;
    const planned = await plans.plan({ bundle_digest: `sha256:${'0'.repeat(64)}`, thresholds });
    expect(planned).toMatchObject({ outcome: 'rejected', rejection: { code: 'bundle_missing' } });
  });

  it('are one more when one more is registered: nothing else has to know it', async () => {
    const another = defineGate({
      name: 'names',
      pace: 'at_once',
      checks: 'the names of the workflows',
      input: Type.Object({}),
      limits: () => ['no name is too long'],
      run: (_, context) => Promise.resolve(passed(`${context.bundle.workflows.length} names are short enough`)),
    });
    const { planned, ended } = await plannedAndRun(bundleOf(), {}, { another });
    expect(planned.gates.at(-1)).toEqual({
      ...{ name: 'names', checks: 'the names of the workflows', limits: ['no name is too long'] },
    });
    expect(gate(ended, 'names')).toMatchObject({ outcome: 'passed', message: '1 names are short enough' });
  });
});
