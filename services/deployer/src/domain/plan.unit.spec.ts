import type { ArtifactChange, Caller, EventData, StoredTargetDocument } from '@m3/contracts';
import type { Target } from '@m3/policies';
import type { PlanFacts } from './plan.facts.js';
import { planPublish } from './plan.js';
import { example, now } from './publish.fixtures.js';
import { initialSlot } from './slot.js';

const created = example('TargetCreated');
const tagged: EventData<'VersionTagged'> = { ...example('VersionTagged'), tagged_by: 'tina' };
const digest = `sha256:${'b'.repeat(64)}`;
const ann: Caller = { id: 'ann', roles: ['maintainer'] };
const added: ArtifactChange = { kind: 'workflow', name: 'invoices', change: 'new', after: digest };
const shown = { counts: { new: 1, updated: 0, deleted: 0, unchanged: 0 }, changes: [added], omitted: 0 };
const gates: PlanFacts['gates'] = {
  source: 'gates',
  gates: [{ name: 'security', checks: 'secrets', limits: ['no secret'] }],
  ...{ not_run: [], override: null },
};
const validation: PlanFacts['validation'] = { source: 'gates', outcome: 'passed', checks: [] };
const notAsked: PlanFacts['validation'] = { source: 'unknown', note: 'there was no answer in time' };
const unreachable = { code: 'database_timeout', reason: 'the database does not answer' };
const passing = { name: 'database', outcome: 'passed', message: 'it answers', findings: [] } as const;
const failing = (name: string, code?: string) => ({
  ...{ name, outcome: 'failed' as 'failed' | 'inconclusive', message: 'it is not well' },
  findings: code === undefined ? [] : [{ code, severity: 'error' as const, message: 'it is not well' }],
});
type Checked = typeof passing | ReturnType<typeof failing>;
const found = (...checks: readonly Checked[]): PlanFacts['validation'] => ({
  ...{ source: 'gates', outcome: 'failed' },
  checks: checks.map((check) => ({ ...check, findings: [...check.findings], duration_ms: 1, log: [] })),
});
const active = { project: 'invoice-pipeline', version: 'v1.2.0', bundle_digest: digest };

const target = (document: Partial<StoredTargetDocument> = {}, changes: Partial<Target> = {}): Target => ({
  ...{ target_id: created.target_id, address: created.address, config_digest: created.config_digest },
  document: { ...created.document, ...document },
  ...{ revision: 1, enabled: true, hold: null, vetoed: [] },
  ...changes,
});
const targetRules: PlanFacts['rules']['target'] = {
  ...{ target_id: created.target_id, environment: 'production', enabled: true, disabledSince: null, hold: null },
  ...{ windows: [], promotion: null, overrideRoles: ['admin'] },
};

const rules: PlanFacts['rules'] = {
  ...{ target: targetRules, freezes: [], promotion: { target_id: null, succeededAt: null } },
  judgedBy: { target_revision: 1, calendar_revision: 0 },
  snapshot: null,
};

function facts(changes: Partial<PlanFacts> = {}, asked: Partial<PlanFacts['asked']> = {}): PlanFacts {
  return {
    asked: {
      ...{ project: 'invoice-pipeline', version: 'v1.3.0', reason: null, override_reason: null, allow_older: false },
      ...{ caller: ann, ...asked },
    },
    ...{ target: target(), tagged, slots: initialSlot, now },
    ...{ rules, gates, validation, hold: null },
    publish_id: 'pub_01930d8c-0000-7000-8000-0000000000ff',
    basis: { source: 'target', note: null, active },
    ...{ unreachable: null, sameVersion: null, changes: { all: [added], shown } },
    ...changes,
  };
}

const codes = (entries: readonly { readonly code: string }[]) => entries.map(({ code }) => code);

describe('the plan of a publish', () => {
  it('shows what changes, and what it has to pass', () => {
    expect(planPublish(facts())).toMatchObject({
      ...{ outcome: 'starts', trigger: 'manual', changes: shown, earliest_start: now, refusals: [], blocks: [] },
      ...{ gates, approval: null, backup: true, smoke_tests: true, traffic: null },
    });
  });

  it('says whose approval it waits for, and whose counts for nothing', () => {
    const approvals = { min_approvals: 2, allowed_approvers: ['ann', 'alice', 'bob', 'tina'] };
    const plan = planPublish(facts({ target: target({ type: 'manual_approval', approvals }) }));
    expect(plan).toMatchObject({
      outcome: 'waits',
      approval: { rule: { quorum: 2 }, excluded: ['ann', 'tina'], eligible: ['alice', 'bob'] },
      blocks: [{ code: 'approval_required', until: null, unblocked_by: [{ who: 'alice' }, { who: 'bob' }] }],
      earliest_start: now,
    });
  });

  it('says when too few are left who may approve', () => {
    const approvals = { min_approvals: 2, allowed_approvers: ['ann', 'alice'] };
    const plan = planPublish(facts({ target: target({ type: 'manual_approval', approvals }) }));
    expect(plan.blocks).toMatchObject([{ code: 'approvals_out_of_reach' }]);
    expect(plan.blocks[0]?.detail).toContain('only alice may give one; not ann, tina');
  });

  it('names no approver where anyone with the role may approve', () => {
    const [block] = planPublish(facts({ target: target({ type: 'manual_approval' }) })).blocks;
    expect(block).toMatchObject({ code: 'approval_required', unblocked_by: [{ who: 'an approver' }] });
  });

  it('lists every reason why the request would be refused', () => {
    const closed = target({ type: 'emergency', emergency: { allowed_roles: ['admin'] } }, { enabled: false });
    const plan = planPublish(facts({ target: closed, tagged: null, changes: null }));
    expect(plan).toMatchObject({ outcome: 'refused', trigger: 'emergency', gates: null, approval: null });
    expect(codes(plan.refusals)).toEqual([
      ...['target_disabled', 'not_allowed', 'justification_required', 'version_not_found'],
    ]);
    expect(plan).toMatchObject({ earliest_start: null, plan_digest: null, bundle_digest: null });
  });

  it.each<[string, PlanFacts]>([
    ['older_than_active', facts({ validation: notAsked }, { version: 'v1.1.0' })],
    ['version_conflict', facts({ sameVersion: digest })],
    ['database_timeout', facts({ validation: notAsked, unreachable })],
    ['no_capacity', facts({ validation: found(failing('capacity', 'no_capacity')) })],
    ['validation_inconclusive', facts({ validation: found({ ...failing('capacity'), outcome: 'inconclusive' }) })],
  ])('says that the publish would fail: %s', (code, given) => {
    const plan = planPublish(given);
    expect(plan.outcome).toBe('fails');
    expect(codes(plan.refusals)).toEqual([code]);
    for (const { unblocked_by } of plan.refusals) expect(unblocked_by.length).toBeGreaterThan(0);
  });

  it('shows all that the checks found, and goes by them alone where they were asked', () => {
    const checks = found(failing('gateway', 'timeout'), passing, failing('compatibility', 'marie_version'));
    const plan = planPublish(facts({ validation: checks, unreachable }, { version: 'v1.1.0' }));
    expect(plan).toMatchObject({ outcome: 'fails', validation: checks, earliest_start: null });
    expect(plan.refusals).toEqual([
      {
        ...{ at: 'validating', code: 'timeout', detail: 'gateway: it is not well' },
        unblocked_by: [
          { who: 'whoever runs the target', how: expect.stringContaining('m3-publish target check') as unknown },
        ],
      },
      expect.objectContaining({
        code: 'marie_version',
        unblocked_by: [expect.objectContaining({ who: 'whoever runs the gateway' })],
      }),
    ]);
  });

  it('says who can do something about what the request would be refused for', () => {
    const closed = target({ access: { allowed_roles: ['admin'] } }, { enabled: false });
    const { refusals } = planPublish(facts({ target: closed, tagged: null, changes: null }));
    expect(refusals.map(({ code, unblocked_by }) => [code, unblocked_by.map(({ how }) => how)])).toEqual([
      ['target_disabled', ['m3-publish target enable', 'm3-publish target enable']],
      ['not_allowed', ['asks for the publish']],
      ['version_not_found', ['m3-publish version tag v1.3.0, of invoice-pipeline']],
    ]);
  });

  it('tells of a hold why, by whom, since when, and who can release it', () => {
    const hold = { reason: 'load test', by: 'carol', since: '2026-03-18T09:00:00.000Z' };
    expect(planPublish(facts({ hold })).hold).toEqual({
      ...hold,
      unblocked_by: ['admin', 'maintainer'].map((role) => ({
        ...{ who: `an operator with the role ${role}`, how: 'm3-publish target release' },
      })),
    });
  });

  it.each([
    ['no_such_target', { target_id: null, succeededAt: null }, null, 'changes promotion.from, or makes Staging'],
    ['not_succeeded', { target_id: 'tgt', succeededAt: null }, null, 'm3-publish publish … --target "Staging"'],
    ['soaking', { target_id: 'tgt', succeededAt: now }, '2026-03-19T15:23:45.000Z', undefined],
  ])('waits for its promotion: %s', (_, promotion, until, how) => {
    const promoted = { ...targetRules, promotion: { from: 'Staging', soak_minutes: 60 } };
    const plan = planPublish(facts({ rules: { ...rules, target: promoted, promotion } }));
    expect(plan).toMatchObject({ outcome: 'waits', earliest_start: until, blocks: [{ code: 'not_promoted', until }] });
    expect(plan.blocks[0]?.unblocked_by[0]?.how).toBe(how);
  });

  it('lets an older version go where that was asked for', () => {
    expect(planPublish(facts({}, { version: 'v1.1.0', allow_older: true })).outcome).toBe('starts');
  });

  it('waits for windows and freezes, with the time at which it goes on', () => {
    const windows = [{ cron: '0 2 * * 2', duration_minutes: 60, timezone: 'UTC' }];
    const freeze = {
      ...example('FreezeDeclared'),
      scope: { kind: 'global' } as const,
      period: { from: '2026-03-01T00:00:00.000Z', to: '2026-04-01T00:00:00.000Z' },
      override_roles: ['admin', 'maintainer'],
    };
    const closed = { ...rules, target: { ...targetRules, windows }, freezes: [freeze] };
    const plan = planPublish(facts({ rules: closed }));
    expect(codes(plan.blocks)).toEqual(['frozen', 'window_closed']);
    expect(plan).toMatchObject({ outcome: 'waits', earliest_start: '2026-04-07T02:00:00.000Z', overridden: [] });
    const tried = planPublish(facts({ rules: closed }, { override_reason: 'outage' }));
    expect(tried).toMatchObject({ outcome: 'waits', overridden: [] });
    const caller: Caller = { id: 'eve', roles: ['admin'] };
    const lifted = planPublish(facts({ rules: closed }, { override_reason: 'outage', caller }));
    expect(lifted).toMatchObject({ outcome: 'starts', blocks: [], earliest_start: now });
    expect(codes(lifted.overridden)).toEqual(['frozen', 'window_closed']);
  });

  it('queues behind those that are ahead, and goes in the stead of older ones that wait for approval', () => {
    const [holder, older] = ['pub_01930d8c-0000-7000-8000-000000000001', 'pub_01930d8c-0000-7000-8000-000000000002'];
    const waiting = { publish_id: older, automatic: false, project: 'invoice-pipeline', version: 'v1.2.9' };
    const slots = {
      ...initialSlot,
      holders: [{ publish_id: holder, fence: 10 }],
      line: [{ ...waiting, waits_for: 'approval' } as const],
    };
    expect(planPublish(facts({ slots }))).toMatchObject({
      ...{ outcome: 'waits', supersedes: [older] },
      blocks: [{ code: 'slot_taken', unblocked_by: [{ who: `the end of publish ${holder}` }] }],
    });
  });

  it('names the shares of the traffic that the version would get, and none where there is nothing to share', () => {
    const shared = target({ deployment_strategy: 'canary', deployment: { require_backup: false } });
    const watched = { pause_seconds: 300 };
    const planned = (basis: Partial<PlanFacts['basis']> = {}) =>
      planPublish(facts({ target: shared, basis: { source: 'target', note: null, active, ...basis } }));
    expect(planned()).toMatchObject({
      backup: true,
      traffic: {
        strategy: 'canary',
        steps: [
          { weight: 10, ...watched },
          { weight: 50, ...watched },
        ],
      },
    });
    expect(planned({ active: null }).traffic).toBeNull();
    expect(planned({ active: { ...active, version: 'v1.3.0' } }).traffic).toBeNull();
    expect(planned({ source: 'unknown', active: null }).traffic).toMatchObject({
      steps: [{ weight: 10 }, { weight: 50 }],
    });
  });

  describe('has a digest', () => {
    const digestOf = (changes: Partial<PlanFacts> = {}) => planPublish(facts(changes)).plan_digest;

    it('that stays while nothing that is put anywhere changes', () => {
      expect(digestOf()).toMatch(/^sha256:/);
      const elsewhen = { now: '2026-04-01T00:00:00.000Z', basis: { source: 'log', note: 'x', active } as const };
      expect(digestOf(elsewhen)).toBe(digestOf());
    });

    it.each<[string, Partial<PlanFacts>]>([
      ['the contents', { tagged: { ...tagged, bundle_digest: digest } }],
      ['the configuration', { target: target({}, { config_digest: digest }) }],
      ['what is active', { basis: { source: 'target', note: null, active: { ...active, version: 'v1.2.1' } } }],
      ['what changes', { changes: { all: [], shown } }],
    ])('that changes with %s', (_, changes) => {
      expect(digestOf(changes)).not.toBe(digestOf());
    });
  });
});
