import { prepareDatabase } from '@m3/database';
import { PublishPlans, type CommandPayload } from '@m3/contracts';
import { OutcomeUnknownError } from '@m3/service-kit';
import { flawOf } from '../http/validation.js';
import { useGateway } from '../testing/gateway-under-test.js';
import { idOf, publishUpTo, told } from '../testing/stories.js';

const use = useGateway({
  name: 'gateway',
  prepare: async (url) => {
    await prepareDatabase(url, () => 'secret');
  },
});
const [running, fresh] = [idOf('target', 1), idOf('target', 2)];
const digest = `sha256:${'a'.repeat(64)}`;
const second = { name: 'Staging EU', environment: 'staging', type: 'manual_approval', gateway_id: 'g' };
const document = { ...second, gateway_url: 'https://staging.example.com', schema: 'staging' };

const planFor = (target_id: string) => ({
  ...{ target_id, target_name: 'x', environment: 'production', type: 'auto_deploy', trigger: 'manual' },
  ...{ outcome: 'starts', bundle_digest: digest, config_digest: digest, plan_digest: digest },
  basis: { source: 'target', note: null, active: null },
  changes: { counts: { new: 0, updated: 0, deleted: 0, unchanged: 3 }, changes: [], omitted: 0 },
  ...{
    gates: null,
    approval: null,
    backup: true,
    smoke_tests: true,
    traffic: null,
    hold: null,
    validation: { source: 'unknown', note: 'not asked' },
  },
  ...{
    refusals: [],
    blocks: [],
    overridden: [],
    supersedes: [],
    earliest_start: null,
    planned_at: '2026-03-19T14:23:45.000Z',
  },
});

beforeAll(async () => {
  await use().append(
    told(1, 'TargetCreated'),
    told(2, 'TargetCreated', { document }),
    told(1, 'VersionTagged'),
    ...publishUpTo(1, 'succeeded'),
  );
  await use().projected();
});

const lastSent = (): CommandPayload<'deployer.plan'>[] =>
  use()
    .owners.sent.filter(({ name }) => name === 'deployer.plan')
    .map(({ payload }) => payload as CommandPayload<'deployer.plan'>);

async function plan(body: object, roles: readonly ['maintainer' | 'viewer'] = ['maintainer']) {
  return use().call('/api/v1/publishes/plan', { method: 'POST', body, roles });
}
const version = { project: 'invoice-pipeline', version: 'v1.4.0' };

describe('planning publishes', () => {
  it('asks the owner for each target, with what the log knows to be active there', async () => {
    use().owners.answer('deployer.plan', () => ({ ok: true, result: planFor(lastSent().at(-1)?.target_id ?? '') }));
    const targets = ['Production US East', fresh, running];
    const { status, json } = await plan({ ...version, targets, override_reason: 'outage' });
    expect(status).toBe(200);
    expect(flawOf(PublishPlans, json)).toBeNull();
    expect(json['plans']).toMatchObject([
      { target_id: running, target_name: 'Production US East', outcome: 'planned', plan: { outcome: 'starts' } },
      { target_id: fresh, outcome: 'planned' },
    ]);
    const sent = (id: string) => lastSent().find(({ target_id }) => target_id === id);
    expect([sent(running), sent(fresh)]).toMatchObject([
      { ...version, target_id: running, override_reason: 'outage', reason: null, allow_older: false },
      { target_id: fresh, last_active: null },
    ]);
    expect(sent(running)?.last_active).toEqual({ project: 'invoice-pipeline', version: 'v1.3.0' });
  });

  it('plans for the others when one target cannot be planned for', async () => {
    use().owners.answer('deployer.plan', () => {
      if (lastSent().at(-1)?.target_id === running) throw new OutcomeUnknownError('no answer');
      return { ok: true, result: planFor(fresh) };
    });
    const { json } = await plan({ ...version, targets: [running, fresh] });
    expect(flawOf(PublishPlans, json)).toBeNull();
    expect(json['plans']).toMatchObject([
      { target_id: running, outcome: 'not_planned', problem: { code: 'outcome_unknown' } },
      { target_id: fresh, outcome: 'planned' },
    ]);
  });

  it('is for those who may publish, and for targets that are there', async () => {
    expect((await plan({ ...version, targets: [running] }, ['viewer'])).json).toMatchObject({ code: 'role_missing' });
    expect((await plan({ ...version, targets: [running, 'nowhere'] })).json).toMatchObject({
      ...{ code: 'unknown_target', field: '/targets/1' },
    });
    expect((await plan({ ...version, targets: [] })).json).toMatchObject({ code: 'invalid_body', field: '/targets' });
  });
});
