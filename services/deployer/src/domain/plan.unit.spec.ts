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
    ...{ rules, gates },
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
      ...{ gates, approval: null, backup: true, smoke_tests: true },
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
    ['older_than_active', facts({}, { version: 'v1.1.0' })],
    ['version_conflict', facts({ sameVersion: digest })],
    ['database_timeout', facts({ unreachable: { code: 'database_timeout', reason: 'the database does not answer' } })],
  ])('says that the publish would fail: %s', (code, given) => {
    const plan = planPublish(given);
    expect(plan.outcome).toBe('fails');
    expect(codes(plan.refusals)).toEqual([code]);
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
