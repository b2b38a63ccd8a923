import { declared, type PublishSubject } from '@m3/contracts';
import { Type } from '@sinclair/typebox';
import { checkResult, failed, passed, type Verdict } from '../domain/check.js';
import { defineGate, type GateConfiguration } from '../quality-gates/gate.js';
import type { GateSurroundings, Ran } from './run-gate.js';
import { SharedPasses } from './shared-passes.js';

const now = '2026-03-19T14:00:00.000Z';
const { subject, thresholds } = declared('GatesRequested').example;

const gateOf = (sharesPasses: boolean) =>
  defineGate({
    ...{ name: 'tests', pace: 'takes_time', checks: 'whether it works', sharesPasses },
    input: Type.Object({ p95_ms: Type.Number() }),
    limits: () => [],
    run: () => Promise.resolve(passed('well')),
  });

function publishOf(
  more: Partial<PublishSubject> = {},
  configuration: Partial<GateConfiguration> = {},
  deadlineAt = '2026-03-19T15:00:00.000Z',
): GateSurroundings {
  return {
    ...{ gate_run_id: 'gtr_1', subject: { ...subject, ...more }, configuration: { ...thresholds, ...configuration } },
    bundle: { workflows: [], agents: [], processors: [], tests: [] },
    target: () => Promise.reject(new Error('not opened')),
    ask: () => Promise.resolve(),
    now: () => new Date(now),
    ...{ deadlineAt: new Date(deadlineAt), stopping: new AbortController().signal },
  };
}

function counted(verdict: Verdict = passed('well')) {
  let runs = 0;
  const start = (): Promise<Ran> => {
    runs += 1;
    return Promise.resolve({ outcome: 'result', result: checkResult('tests', verdict, 5, now) });
  };
  return { start, runs: () => runs };
}

describe('a pass of a gate that shares passes', () => {
  it('serves other publishes of the version through the gateway, and says so', async () => {
    const { start, runs } = counted();
    const passes = new SharedPasses();
    const others = [publishOf(), publishOf({ publish_id: 'pub_2' }), publishOf({ publish_id: 'pub_3' })];
    const [first, ...rest] = await Promise.all(others.map((publish) => passes.run(gateOf(true), publish, start)));
    expect(runs()).toBe(1);
    const said = (ran: Ran | undefined) => (ran?.outcome === 'result' ? ran.result.log.map(({ text }) => text) : []);
    expect(said(first)).not.toContain('begun 0 s ago for another publish of this version through this gateway');
    for (const ran of rest) {
      expect(ran).toMatchObject({ result: { outcome: 'passed' } });
      expect(said(ran)).toContain('begun 0 s ago for another publish of this version through this gateway');
    }
  });

  it('serves nobody with another gateway, version, bundle, configuration or an earlier deadline', async () => {
    const { start, runs } = counted();
    const passes = new SharedPasses();
    const address = { ...subject.address, gateway_url: 'https://other.example.com' };
    const different = [
      publishOf(),
      publishOf({ address }),
      publishOf({ version: 'v9.9.9' }),
      publishOf({ bundle_digest: `sha256:${'0'.repeat(64)}` }),
      publishOf({}, { p95_ms: 1 }),
      publishOf({}, {}, '2026-03-19T14:30:00.000Z'),
    ];
    for (const publish of different) await passes.run(gateOf(true), publish, start);
    expect(runs()).toBe(different.length);
  });
});

it('lets each find out by itself what did not pass', async () => {
  const { start, runs } = counted(failed('broken'));
  const passes = new SharedPasses();
  await Promise.all([publishOf(), publishOf()].map((publish) => passes.run(gateOf(true), publish, start)));
  expect(runs()).toBe(2);
});

it('lets each find out by itself what a gate does not share', async () => {
  const { start, runs } = counted();
  const passes = new SharedPasses();
  await Promise.all([publishOf(), publishOf()].map((publish) => passes.run(gateOf(false), publish, start)));
  expect(runs()).toBe(2);
});
