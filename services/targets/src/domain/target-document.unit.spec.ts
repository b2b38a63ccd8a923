import type { TargetDocument } from '@m3/contracts';
import { approvalRule } from '@m3/policies';
import { contradictions } from './document-rules.js';
import { readDocument } from './document-shape.js';
import { isTriggeredBy } from './target-document.js';
import { withoutSecrets } from './target-secrets.js';

const document: TargetDocument = {
  name: 'Production US East',
  environment: 'production',
  type: 'manual_approval',
  gateway_id: 'gateway-us-east-1-prod',
  gateway_url: 'https://prod-gateway-us-east.example.com',
  database_url: 'postgresql://user:pass@prod-db.example.com:5432/m3studio',
  schema: 'production',
};
const newYork = { timezone: 'America/New_York' };
const latest = { cron: '0 2 * * 2', ...newYork, deploy_latest_version: true };

/** All that is wrong with a document, as `code field`. */
function faults(change: object): readonly string[] {
  const read = readDocument({ ...document, ...change });
  return [...read.faults, ...contradictions(read)].map(({ code, field }) => `${code} ${field}`);
}

describe('a target document', () => {
  it('with every field of its type is taken', () => {
    const full = {
      type: 'scheduled',
      enabled: true,
      region: 'us-east-1',
      health_check_interval_seconds: 60,
      deployment: { timeout_seconds: 600, max_concurrent_deployments: 1, require_backup: true, run_smoke_tests: true },
      access: {
        allowed_roles: ['admin', 'maintainer'],
        require_approvals: 2,
        approval_timeout_hours: 24,
        allowed_approvers: ['alice', 'bob', 'carol'],
        override_roles: ['admin'],
      },
      triggers: { on_version_tag: true, version_pattern: 'v*.*.*', branch: 'main', project: 'invoice-pipeline' },
      approvals: {
        min_approvals: 2,
        allowed_approvers: ['alice', 'bob'],
        timeout_hours: 24,
        auto_reject_on_timeout: true,
        allow_self_approval: false,
      },
      schedule: { ...latest, announce_minutes_before: 30 },
      gates: {
        ...{ integration_pass_rate: 95, unit_pass_rate: 100, p95_ms: 5000, error_rate: 2, fail_on_warnings: false },
        ...{ integration: 'required', test_timeout_seconds: 30, vulnerabilities_max_age_days: 7 },
        performance: { samples: 50, warm_up: 5, concurrency: 4 },
        allowed_secrets: [{ digest: '0123456789ab', reason: 'a public test key' }],
        external: [{ name: 'licences', url: 'https://licences.example.com/judge', timeout_seconds: 600 }],
        override: { allowed_roles: ['admin'], wait_minutes: 60 },
      },
      deployment_strategy: 'canary',
      canary: {
        steps: [
          { weight: 10, pause_seconds: 60 },
          { weight: 100, pause_seconds: 0 },
        ],
        max_error_rate: 2,
        max_p95_ms: 5000,
        min_requests: 100,
      },
      windows: [{ cron: '0 9 * * mon-fri', duration_minutes: 480, ...newYork }],
      promotion: { from: 'Staging', soak_minutes: 60 },
    };
    expect(faults(full)).toEqual([]);
    expect(faults({ type: 'emergency', emergency: { require_justification: false, audit_trail: true } })).toEqual([]);
    expect(
      faults({ deployment_strategy: 'blue_green', blue_green: { traffic_split: { blue: 50, green: 50 } } }),
    ).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['an unknown field', { colour: 'red' }, 'unknown_field /colour'],
    ['an unknown field in a block', { access: { roles: [] } }, 'unknown_field /access/roles'],
    ['no name', { name: undefined }, 'missing_field /name'],
    ['a name of blanks', { name: '   ' }, 'invalid_value /name'],
    ['a name of two lines', { name: 'Production\nUS East' }, 'invalid_value /name'],
    ['a name that is read backwards', { name: 'Production\u202eUS' }, 'invalid_value /name'],
    ['a type that is none', { type: 'automatic' }, 'invalid_value /type'],
    ['a quoted schema', { schema: 'a"b' }, 'invalid_value /schema'],
    ['an interval of nothing', { health_check_interval_seconds: 0 }, 'invalid_value /health_check_interval_seconds'],
    [
      'a window without length',
      { windows: [{ cron: '0 9 * * *', duration_minutes: 0, ...newYork }] },
      'invalid_value /windows/0/duration_minutes',
    ],
    [
      'a password in the gateway URL',
      { gateway_url: 'https://me:pass@g.example.com' },
      'credentials_in_url /gateway_url',
    ],
    ['a gateway URL without host', { gateway_url: 'https://' }, 'invalid_value /gateway_url'],
    ['a block of another type', { emergency: {} }, 'block_of_other_type /emergency'],
    ['a schedule of another type', { schedule: latest }, 'block_of_other_type /schedule'],
    ['no schedule', { type: 'scheduled' }, 'schedule_missing /schedule'],
    [
      'neither latest nor pinned version',
      { type: 'scheduled', schedule: { ...latest, deploy_latest_version: false } },
      'schedule_version_missing /schedule/deploy_latest_version',
    ],
    [
      'both latest and pinned version',
      { type: 'scheduled', schedule: { ...latest, version: 'v1.0.0' } },
      'schedule_ambiguous /schedule/version',
    ],
    [
      'a pinned version that is none',
      { type: 'scheduled', schedule: { cron: latest.cron, ...newYork, version: 'newest' } },
      'invalid_version /schedule/version',
    ],
    [
      'six cron fields',
      { type: 'scheduled', schedule: { ...latest, cron: '0 0 2 * * 2' } },
      'invalid_cron /schedule/cron',
    ],
    [
      'a date that never comes',
      { type: 'scheduled', schedule: { ...latest, cron: '0 2 30 2 *' } },
      'cron_never_fires /schedule/cron',
    ],
    [
      'an unknown time zone',
      { windows: [{ cron: '0 9 * * *', duration_minutes: 1, timezone: 'Mars/Base' }] },
      'unknown_time_zone /windows/0/timezone',
    ],
    [
      'a version pattern that matches nothing',
      { triggers: { version_pattern: 'va.b.c' } },
      'invalid_version_pattern /triggers/version_pattern',
    ],
    [
      'a quorum above the approvers',
      { approvals: { min_approvals: 3, allowed_approvers: ['alice', 'bob'] } },
      'quorum_unreachable /approvals/min_approvals',
    ],
    [
      'a quorum above those in both lists',
      {
        access: { require_approvals: 2, allowed_approvers: ['alice', 'bob'] },
        approvals: { allowed_approvers: ['bob', 'carol'] },
      },
      'quorum_unreachable /access/require_approvals',
    ],
    ['a role that is none', { access: { allowed_roles: ['admin', 'root'] } }, 'unknown_role /access/allowed_roles/1'],
    [
      'two external gates of one name',
      {
        gates: {
          external: [
            { name: 'licences', url: 'https://one.example.com' },
            { name: 'licences', url: 'https://two.example.com' },
          ],
        },
      },
      'duplicate_gate /gates/external/1/name',
    ],
    [
      'an override by a role that is none',
      { gates: { override: { allowed_roles: ['root'], wait_minutes: 5 } } },
      'unknown_role /gates/override/allowed_roles/0',
    ],
    ['too few samples', { gates: { performance: { samples: 5 } } }, 'invalid_value /gates/performance/samples'],
    ['a strategy block without its strategy', { blue_green: {} }, 'strategy_block_without_strategy /blue_green'],
    [
      'the block of the other strategy',
      { deployment_strategy: 'blue_green', canary: {} },
      'strategy_block_without_strategy /canary',
    ],
    [
      'a split that is not whole',
      { deployment_strategy: 'blue_green', blue_green: { traffic_split: { blue: 50, green: 40 } } },
      'traffic_split_not_100 /blue_green/traffic_split',
    ],
    [
      'a split without a share for the new version',
      { deployment_strategy: 'blue_green', blue_green: { traffic_split: { blue: 100, green: 0 } } },
      'invalid_value /blue_green/traffic_split/green',
    ],
    [
      'a split in parts of a percent',
      { deployment_strategy: 'blue_green', blue_green: { traffic_split: { blue: 50, green: 49.5 } } },
      'invalid_value /blue_green/traffic_split/green',
    ],
    [
      'two deployments at a time and a strategy that splits traffic',
      { deployment_strategy: 'canary', deployment: { max_concurrent_deployments: 2 } },
      'strategy_one_at_a_time /deployment/max_concurrent_deployments',
    ],
    [
      'a canary that is judged by nothing',
      { deployment_strategy: 'canary', canary: { min_requests: 0 } },
      'invalid_value /canary/min_requests',
    ],
    [
      'canary weights that fall',
      {
        deployment_strategy: 'canary',
        canary: {
          steps: [
            { weight: 50, pause_seconds: 1 },
            { weight: 10, pause_seconds: 1 },
          ],
        },
      },
      'canary_steps_not_rising /canary/steps',
    ],
    ['a promotion from itself', { promotion: { from: document.name } }, 'promotion_from_itself /promotion/from'],
  ])('with %s is refused, naming the field', (_what, change, expected) => {
    expect(faults(change)).toEqual([expected]);
  });

  it('is told all that is wrong with it at once, of form and of sense', () => {
    const wrong = {
      environment: 'PROD',
      colour: 'red',
      deployment: { timeout_seconds: 'ten' },
      triggers: { version_pattern: 'latest' },
      emergency: {},
      access: { allowed_roles: ['maintaner'] },
    };
    expect([...faults(wrong)].sort()).toEqual([
      'block_of_other_type /emergency',
      'invalid_value /deployment/timeout_seconds',
      'invalid_value /environment',
      'invalid_version_pattern /triggers/version_pattern',
      'unknown_field /colour',
      'unknown_role /access/allowed_roles/0',
    ]);
  });

  it('is not judged by what cannot be read: a wrong type says nothing about its block', () => {
    expect(faults({ type: 'emergancy', emergency: {} })).toEqual(['invalid_value /type']);
  });

  it('says what was probably meant, and what would be right', () => {
    const messages = (change: object) => {
      const read = readDocument({ ...document, ...change });
      return [...read.faults, ...contradictions(read)].map(({ message }) => message);
    };
    expect(messages({ enviroment: 'x' })).toEqual(['enviroment is not a field of a target; did you mean environment?']);
    expect(messages({ access: { allowed_roles: ['maintaner'] } })).toEqual([
      'this is no role of the product; did you mean maintainer?',
    ]);
    expect(messages({ deployment: { timeout_seconds: '10' } })).toEqual([
      'deployment.timeout_seconds must be a whole number',
    ]);
    expect(messages({ type: 'auto' })).toEqual([
      'type must be one of auto_deploy, manual_approval, scheduled, emergency',
    ]);
  });

  it('never has its values repeated: they may be secrets in the wrong place', () => {
    const { faults: found } = readDocument({ ...document, schema: 'canary-secret', region: ['canary-secret'] });
    expect(found).toHaveLength(2);
    expect(JSON.stringify(found)).not.toContain('canary-secret');
  });

  it('is stored without its secret', () => {
    expect(JSON.stringify(withoutSecrets(document))).not.toContain('pass@');
  });

  it('asks for the larger quorum of those who are in both lists', () => {
    const rule = approvalRule({
      ...withoutSecrets(document),
      access: { require_approvals: 1, allowed_approvers: ['alice', 'bob', 'carol'] },
      approvals: { min_approvals: 2, allowed_approvers: ['bob', 'carol', 'dave'] },
    });
    expect(rule).toMatchObject({ quorum: 2, approvers: ['bob', 'carol'] });
    expect(approvalRule(withoutSecrets(document)).quorum).toBe(1);
    expect(approvalRule({ ...withoutSecrets(document), type: 'auto_deploy' }).quorum).toBe(0);
  });

  it('is triggered by tags of its pattern, branch and project, if it publishes by itself', () => {
    const automatic = { ...withoutSecrets(document), type: 'auto_deploy' as const, triggers: { branch: 'main' } };
    const tag = { project: 'invoices', version: 'v1.3.0', branch: 'main' };
    expect(isTriggeredBy(automatic, tag)).toBe(true);
    expect(isTriggeredBy(automatic, { ...tag, branch: 'dev' })).toBe(false);
    expect(isTriggeredBy(automatic, { ...tag, version: 'v1.3.0-rc.1' })).toBe(false);
    expect(isTriggeredBy({ ...automatic, triggers: { project: 'invoices' } }, tag)).toBe(true);
    expect(isTriggeredBy({ ...automatic, triggers: { project: 'receipts' } }, tag)).toBe(false);
    expect(isTriggeredBy(withoutSecrets(document), tag)).toBe(false);
  });
});
