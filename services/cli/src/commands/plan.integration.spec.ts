import { newId, PublishPlans, type ProblemReply, type PublishPlan } from '@m3/contracts';
import { at, FakeGateway, ok } from '../fake-gateway.spec.js';
import { m3Publish } from '../terminal.spec.js';

const digest = `sha256:${'a'.repeat(64)}`;
const target = { target_id: newId('target'), target_name: 'Production' };
const planned: PublishPlan = {
  ...target,
  ...{ environment: 'production', type: 'manual_approval', trigger: 'manual', outcome: 'waits' },
  ...{ bundle_digest: digest, config_digest: digest, plan_digest: digest },
  basis: { source: 'target', note: null, active: { project: 'invoices', version: 'v1.2.0', bundle_digest: digest } },
  changes: {
    counts: { new: 1, updated: 0, deleted: 0, unchanged: 2 },
    changes: [{ kind: 'workflow', name: 'receipts', change: 'new', after: digest }],
    omitted: 0,
  },
  validation: {
    ...{ source: 'gates', outcome: 'passed' },
    checks: [{ name: 'gateway', outcome: 'passed', message: 'it answers', duration_ms: 1, findings: [], log: [] }],
  },
  gates: {
    source: 'gates',
    gates: [
      {
        ...{ name: 'integration_tests', checks: "the bundle's tests" },
        limits: ['95 % of the integration tests pass', 'each test ends within 60 s'],
      },
    ],
    not_run: [{ gate: 'performance', reason: 'the target does not ask for it' }],
    override: { allowed_roles: ['admin'], wait_minutes: 30 },
  },
  approval: {
    rule: {
      ...{ quorum: 2, approvers: ['alice', 'bob', 'ann'], allow_self_approval: false },
      ...{ timeout_hours: 24, auto_reject_on_timeout: true },
    },
    excluded: ['ann'],
    eligible: ['alice', 'bob'],
  },
  ...{ backup: true, smoke_tests: true, refusals: [], overridden: [], supersedes: [] },
  blocks: [
    {
      ...{ code: 'approval_required', detail: '2 of alice, bob have to approve', until: null },
      unblocked_by: [{ who: 'alice', how: 'm3-publish approve PUBLISH_ID' }],
    },
  ],
  traffic: {
    strategy: 'canary',
    steps: [
      { weight: 10, pause_seconds: 300 },
      { weight: 50, pause_seconds: 30 },
    ],
    ...{ max_error_rate: 5, max_p95_ms: 5_000, min_requests: 20, extend_seconds: 300 },
  },
  hold: {
    ...{ reason: 'load test', by: 'carol', since: at },
    unblocked_by: [{ who: 'an operator with the role admin', how: 'm3-publish target release' }],
  },
  ...{ earliest_start: at, planned_at: at },
};

const unavailable: ProblemReply = {
  ...{ type: 'about:blank', title: 'owner unavailable', status: 503, code: 'owner_unavailable', detail: 'not there' },
};

describe('m3-publish plan', () => {
  let gateway: FakeGateway;
  beforeEach(async () => {
    gateway = await new FakeGateway().start();
  });
  afterEach(() => gateway.stop());

  const answer = (...plans: PublishPlans['plans']) =>
    gateway.on('POST', 'publishes/plan', () => ok(PublishPlans, { project: 'invoices', version: 'v1.3.0', plans }));
  const run = (...args: string[]) =>
    m3Publish(['plan', 'invoices', 'v1.3.0', '--target', 'Production', ...args], { url: gateway.url });

  it('shows what holds the publish up, what changes, and what it has to pass', async () => {
    answer({ ...target, outcome: 'planned', plan: planned });
    const { exitCode, stdout } = await run('--allow-older', '--override-reason', 'outage');
    expect(exitCode).toBe(0);
    expect(stdout.trimEnd().split('\n')).toEqual([
      'invoices v1.3.0 → Production: would wait',
      '  ● 2 of alice, bob have to approve (approval_required)',
      '      → alice: m3-publish approve PUBLISH_ID',
      `  earliest start: ${at}`,
      '  changes against invoices v1.2.0: 1 new, 0 updated, 0 deleted',
      '    + workflow receipts: new',
      '    = 2 unchanged',
      `  automatic publishes are held by carol since ${at}: load test`,
      '      → an operator with the role admin: m3-publish target release',
      '  pre-publish validation, as it is now:',
      '    ✓ gateway: it answers',
      '  quality gates:',
      "    integration_tests: the bundle's tests",
      '      95 % of the integration tests pass; each test ends within 60 s',
      '    performance: not run, the target does not ask for it',
      '    admin may override one for 30 min',
      '  approval: 2 of alice, bob, within 24 h, else rejected',
      '  backup: has to succeed',
      '  traffic: canary: 10 % for 5 min 00 s, 50 % for 30.0 s, then all of it',
      '    goes back where more than 5 % fail, or 95 % of them take more than 5000 ms; 20 executions are needed (5 min 00 s more for them)',
      `  plan ${digest}`,
    ]);
    expect(gateway.requests[0]?.body).toEqual({
      ...{ project: 'invoices', version: 'v1.3.0', targets: ['Production'] },
      ...{ override_reason: 'outage', allow_older: true },
    });
  });

  it('ends with 1 where a publish would come to nothing, or cannot be planned', async () => {
    const admin = { who: 'an operator with the role admin', how: 'asks for the publish' };
    const refusals: PublishPlan['refusals'] = [
      { at: 'request', code: 'not_allowed', detail: 'needs one of the roles admin', unblocked_by: [admin] },
    ];
    const basis = { source: 'unknown' as const, note: 'the target cannot be asked', active: null };
    const refused: PublishPlan = { ...planned, outcome: 'refused', refusals, basis, changes: null, plan_digest: null };
    answer(
      { ...target, outcome: 'planned', plan: refused },
      { ...target, outcome: 'not_planned', problem: unavailable },
    );
    const { exitCode, stdout } = await run();
    expect(exitCode).toBe(1);
    expect(stdout).toContain(
      'Production: would be refused\n  ✗ needs one of the roles admin (not_allowed)\n      → an operator with',
    );
    expect(stdout).toContain('  ! the target cannot be asked\n  what would change is not known\n');
    expect(stdout).toContain('Production: no plan: ');
  });

  it('prints the answer as it is with --json', async () => {
    answer({ ...target, outcome: 'planned', plan: planned });
    expect(JSON.parse((await run('--json')).stdout)).toMatchObject({ plans: [{ plan: { outcome: 'waits' } }] });
  });
});
