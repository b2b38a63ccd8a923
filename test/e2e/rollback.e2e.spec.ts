import {
  canonicalJson,
  PublishDetail,
  PublishDraining,
  PublishLogs,
  PublishWhy,
  RollbackAccepted,
  RollbackPlan,
  TargetDetail,
  type DomainEventType,
} from '@m3/contracts';
import { snapshotDigest } from '@m3/target-environment';
import { eventually } from '@m3/testing';
import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';
import pg from 'pg';
import type { Static, TSchema } from '@sinclair/typebox';
import { useProduct } from './product.fixture.spec.js';
import { project, release } from './releases.fixture.spec.js';
import { HalfVersionWatch } from './target-state.fixture.spec.js';

/** Their releases all have artifacts of the same names. */
const watched = ['steady', 'busy', 'vetoing', 'leaving'];
const use = useProduct({ schemas: [...watched, 'previewed'] });
const ajv = ajvFormats.default(new Ajv({ strict: false }));
const steady = 'targets/Target%20steady';
let watch: HalfVersionWatch;

beforeAll(async () => {
  const product = use();
  const only = (version_pattern: string) => ({ triggers: { version_pattern } });
  await product.apply(
    product.document('steady', only('v1.*.*')),
    product.document('busy', only('v2.*.*')),
    product.document('previewed', only('v3.*.*')),
    product.document('vetoing', only('v4.*.*')),
    product.document('leaving', { ...only('v5.*.*'), deployment: { run_smoke_tests: false } }),
  );
  watch = new HalfVersionWatch(product.targets, watched);
  for (const version of ['v1.0.0', 'v1.1.0', 'v1.2.0']) await published(version);
});
afterAll(() => watch.stop());

async function published(version: string, bundle = release(version)): Promise<string> {
  const { log } = use();
  await use().tag({ version, bundle });
  const [id = ''] = await log.triggered(version);
  await log.endsAs(id, 'PublishSucceeded');
  return id;
}

/** The answer to a POST, of the shape that the contract says. */
async function asked<Schema extends TSchema>(path: string, schema: Schema, body: object = {}): Promise<Static<Schema>> {
  const { status, text, json } = await use().call(path, { body });
  if (status < 300 && ajv.validate<Static<Schema>>(schema, json)) return json;
  throw new Error(`POST ${path}: ${status} ${ajv.errorsText()} ${text}`);
}

const digestOf = async (schema: string) => snapshotDigest(await use().environment(schema).snapshot());

/** What the log says about the step that a publish of a version is in. */
async function reached(version: string, type: DomainEventType): Promise<string> {
  const { log } = use();
  const [id = ''] = await log.triggered(version);
  await log.reaches(id, type);
  return id;
}

describe('a rollback that somebody asks for', () => {
  it('brings the previous version back as its plan says: the target equals the backup, byte for byte', async () => {
    const product = use();
    const plan = await asked(`${steady}/rollback/plan`, RollbackPlan);
    expect(plan).toMatchObject({
      from: { version: 'v1.2.0' },
      to: { version: 'v1.1.0' },
      takes_over: [],
      vetoed: [{ version: 'v1.2.0' }],
      comparison: { condition: 'ok', equal: false, changes: { counts: { new: 0, updated: 4, deleted: 0 } } },
    });
    const expected_backup_id = plan.backup.backup_id;
    const wish = { reason: 'invoices without totals', expected_backup_id };
    const accepted = await asked(`${steady}/rollback`, RollbackAccepted, wish);
    expect(accepted).toMatchObject({ version: 'v1.1.0', backup_id: expected_backup_id });

    await product.log.endsAs(accepted.publish_id, 'PublishSucceeded');
    expect(await digestOf('steady')).toBe(plan.backup.digest);
    expect(await product.targets.state('steady')).toMatchObject({ active: 'v1.1.0' });
    const path = `publishes/${accepted.publish_id}`;
    const detail = await product.shows(path, PublishDetail, ({ status }) => status === 'succeeded');
    expect(detail).toMatchObject({ trigger: 'rollback', version: 'v1.1.0', rollback: { from: { version: 'v1.2.0' } } });
    expect(detail.steps.map(({ step, status }) => `${step} ${status}`)).toEqual([
      ...['checking_backup passed', 'stopping_routing passed', 'restoring_backup passed'],
      ...['activating passed', 'verifying passed', 'notifying passed'],
    ]);
    const logs = await product.shows(`${path}/logs`, PublishLogs);
    expect(logs.lines.map(({ text }) => text)).toEqual(
      expect.arrayContaining([
        'New executions stopped',
        expect.stringContaining('Active again: v1.1.0'),
        expect.stringContaining('invoices without totals'),
      ]),
    );
    const told = await eventually('the news of it', () =>
      product.webhook.received.find(({ payload }) => JSON.stringify(payload).includes(accepted.publish_id)),
    );
    expect(told.payload).toMatchObject({
      type: 'rollback.succeeded',
      data: { message: expect.stringContaining('invoices without totals') },
    });
    await product.shows(
      steady,
      TargetDetail,
      ({ status, active }) => status === 'held' && active?.version === 'v1.1.0',
    );
    const undone = await product.shows(`publishes/${plan.undoes}`, PublishDetail, ({ links }) => 'undone_by' in links);
    expect(undone.links['undone_by']).toBe(`/api/v1/${path}`);
  });

  it('brings any version back that was active there, and shows what was changed by hand', async () => {
    const product = use();
    const byHand = new pg.Client({ connectionString: product.stack.sandboxes.get('e2e')?.databaseUrl });
    await byHand.connect();
    await byHand.query(`update steady.agent_definition set document = document || '{"description": "by hand"}'
      where version = 'v1.1.0'`);
    await byHand.end();
    const plan = await asked(`${steady}/rollback/plan`, RollbackPlan, { to: 'v1.0.0' });
    expect(JSON.stringify(plan.comparison.changes)).toContain('by hand');
    const { publish_id } = await asked(`${steady}/rollback`, RollbackAccepted, { to: 'v1.0.0', reason: 'older still' });

    await product.log.endsAs(publish_id, 'PublishSucceeded');
    expect(await digestOf('steady')).toBe(plan.backup.digest);
    const draining = await product.shows(`publishes/${publish_id}/draining`, PublishDraining);
    expect(draining).toMatchObject({ outcome: 'known', active_version: 'v1.0.0', running: 0 });
  });

  it.each<[object, string, number]>([
    [{ to: 'v1.0.0' }, 'already_active', 409],
    [{ to: 'v9.9.9' }, 'version_never_active', 409],
    [{ to: 'v1.2.0' }, 'no_backup_of_version', 409],
    [{}, 'no_previous_version', 409],
  ])('is refused where it cannot be: %p %s', async (wish, code, status) => {
    const answer = await use().call(`${steady}/rollback`, { body: { reason: 'no', ...wish } });
    expect(answer).toMatchObject({ status, json: { code } });
  });

  it('is refused to whoever may not publish there, and where the plan was another', async () => {
    const product = use();
    const body = { reason: 'no', to: 'v1.1.0', expected_backup_id: 'bkp_01930d8c-0000-7000-8000-000000000001' };
    expect(await product.call(`${steady}/rollback`, { body, roles: ['viewer'] })).toMatchObject({ status: 403 });
    expect(await product.call(`${steady}/rollback`, { body })).toMatchObject({ json: { code: 'plan_changed' } });
  });
});

describe('a rollback while a publish runs', () => {
  const steps: readonly (readonly [DomainEventType, string])[] = [
    ['BackupRequested', 'v2.2.0'],
    ['DeploymentRequested', 'v2.3.0'],
    ['ActivationRequested', 'v2.4.0'],
    ['VerificationRequested', 'v2.5.0'],
  ];

  it.each(steps)('at %s takes its slot: what the target has is what the log says', async (at, version) => {
    const product = use();
    const { log } = product;
    if (version === 'v2.2.0') for (const first of ['v2.0.0', 'v2.1.0']) await published(first);
    else await releaseBusy();
    await product.faults({ latency_ms: 40 });
    await product.tag({ version });
    const running = await reached(version, at);
    const accepted = await asked('targets/Target%20busy/rollback', RollbackAccepted, {
      to: 'v2.0.0',
      reason: 'stop it',
    });
    await log.endsAs(accepted.publish_id, 'PublishSucceeded');
    await product.faults();

    const end = await log.ended(running);
    expect(['PublishSuperseded', 'PublishSucceeded']).toContain(end.type);
    const [taken] = (await log.ofType('BackupTaken')).filter(({ data }) => data.backup_id === accepted.backup_id);
    expect(await digestOf('busy')).toBe(taken?.data.digest);
    expect(await product.targets.state('busy')).toMatchObject({ active: 'v2.0.0' });
    if (end.type === 'PublishSuperseded') {
      expect(end.data).toMatchObject({ by: accepted.publish_id, reason: expect.stringContaining('rollback') });
      const endings = (await log.about(running)).filter(({ type }) => type.startsWith('Publish'));
      expect(endings.filter(({ type }) => type === end.type)).toHaveLength(1);
    }
    expect(await log.slots()).toEqual({ holders: [], waiting: [] });
  });

  /** The rollback before holds the target, soon after it has ended. */
  async function releaseBusy(): Promise<void> {
    const product = use();
    const target = 'targets/Target%20busy';
    await product.shows(target, TargetDetail, ({ status }) => status === 'held');
    expect(await product.call(`${target}/release`, { body: { reason: 'again' } })).toMatchObject({ status: 200 });
  }
});

describe('the plan of a rollback', () => {
  /** What new executions of a target get: the contents by kind and name. */
  async function served(schema: string): Promise<ReadonlyMap<string, string>> {
    const { active_release, workflows, agents, processors } = await use().environment(schema).snapshot();
    const all = [
      ...workflows.map((each) => ({ ...each, kind: 'workflow', content: each.plan })),
      ...agents.map((each) => ({ ...each, kind: 'agent', content: each.document })),
      ...processors.map((each) => ({ ...each, kind: 'processor', content: each.document })),
    ].filter(({ version }) => version === active_release?.version);
    return new Map(all.map(({ kind, name, content }) => [`${kind} ${name}`, canonicalJson(content)]));
  }

  function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly string[] {
    const came = [...after].filter(([key]) => !before.has(key)).map(([key]) => `new ${key}`);
    const went = [...before].filter(([key]) => !after.has(key)).map(([key]) => `deleted ${key}`);
    const other = [...after].filter(([key, content]) => before.has(key) && before.get(key) !== content);
    return [...came, ...went, ...other.map(([key]) => `updated ${key}`)].sort();
  }

  it('lists the artifacts that then change, and no other', async () => {
    const old = release('v3.0.0');
    const [kept, changed] = [old.workflows.slice(0, 1), release('v3.1.0').workflows.slice(1)];
    await published('v3.0.0', old);
    await published('v3.1.0', {
      ...old,
      workflows: [...kept, ...changed],
      agents: [{ name: 'auditor', system_message: 'You look again.' }],
    });
    const path = 'targets/Target%20previewed/rollback';
    const { comparison } = await asked(`${path}/plan`, RollbackPlan);
    const before = await served('previewed');
    const { publish_id } = await asked(path, RollbackAccepted, { reason: 'the auditor is asleep' });
    await use().log.endsAs(publish_id, 'PublishSucceeded');

    const changes = differences(before, await served('previewed'));
    expect(changes).toEqual(['deleted agent auditor', 'new agent reviewer', 'updated workflow receipt-extraction']);
    const planned = comparison.changes?.changes.map(({ change, kind, name }) => `${change} ${kind} ${name}`);
    expect(planned?.sort()).toEqual(changes);
    expect(comparison.changes).toMatchObject({ counts: { new: 1, updated: 1, deleted: 1, unchanged: 2 }, omitted: 0 });
  });
});

describe('a version that was rolled back from', () => {
  it('is not brought back by an automatic publish until an operator releases the target', async () => {
    const { log, call, shows } = bound();
    const target = 'targets/Target%20vetoing';
    await published('v4.0.0');
    expect(await call(`${target}/hold`, { body: { reason: 'audit' } })).toMatchObject({ status: 200 });
    await use().tag({ version: 'v4.1.0' });
    const [automatic = ''] = await log.triggered('v4.1.0');
    await log.reaches(automatic, 'StartDelayed');
    const body = { project, version: 'v4.1.0', targets: ['Target vetoing'] };
    const byHand = /pub_[0-9a-f-]{36}/.exec((await call('publishes', { body })).text)?.[0] ?? '';
    await log.endsAs(byHand, 'PublishSucceeded');
    const { publish_id } = await asked(`${target}/rollback`, RollbackAccepted, { reason: 'it loses invoices' });
    await log.endsAs(publish_id, 'PublishSucceeded');

    const vetoed = expect.objectContaining({ kind: 'veto', version: 'v4.1.0' });
    await shows(`publishes/${automatic}/why`, PublishWhy, ({ blocks }) => blocks.some(({ kind }) => kind === 'veto'));
    expect((await log.about(automatic)).findLast(({ type }) => type === 'StartDelayed')?.data).toMatchObject({
      blocks: expect.arrayContaining([vetoed]),
    });
    expect(await log.slots()).toMatchObject({ holders: [] });
    expect(await use().targets.state('vetoing')).toMatchObject({ active: 'v4.0.0' });

    expect(await call(`${target}/release`, { body: { reason: 'it was the network' } })).toMatchObject({ status: 200 });
    await log.endsAs(automatic, 'PublishSucceeded');
    expect(await use().targets.state('vetoing')).toMatchObject({ active: 'v4.1.0' });
  });

  it('keeps the executions that run on it: they are counted until they have ended, and not when nobody can tell', async () => {
    const product = use();
    for (const version of ['v5.0.0', 'v5.1.0']) await published(version);
    const target = product.environment('leaving');
    await product.faults({ executor_latency_ms: 600_000 });
    const execution = target.runWorkflow({ workflow: 'invoice-extraction', input: {}, deadlineMs: 240_000 });
    await eventually('it runs', () => target.draining(), {
      until: (seen) => seen.outcome === 'known' && seen.executions.length > 0,
    });
    const wish = { reason: 'executions are slow' };
    const { publish_id } = await asked('targets/Target%20leaving/rollback', RollbackAccepted, wish);
    await product.log.endsAs(publish_id, 'PublishSucceeded');
    const path = `publishes/${publish_id}/draining`;
    expect(await product.shows(path, PublishDraining, ({ outcome }) => outcome === 'known')).toMatchObject({
      ...{ active_version: 'v5.0.0', executions: [{ version: 'v5.1.0', running: 1 }], running: 1 },
    });

    await product.faults();
    expect(await execution).toMatchObject({ version: 'v5.1.0', error: null });
    await product.shows(path, PublishDraining, ({ running }) => running === 0);
    await product.faults({ down: true });
    const unknown = await product.shows(path, PublishDraining, ({ outcome }) => outcome === 'unknown');
    await product.faults();
    expect(unknown).toMatchObject({ reason: expect.stringMatching(/./), executions: [], running: null });
  });

  function bound() {
    const product = use();
    return { log: product.log, call: product.call.bind(product), shows: product.shows.bind(product) };
  }
});

describe('a reader of the targets, through all of this', () => {
  it('never saw an active version without all its artifacts', () => {
    expect(watch.halves).toEqual([]);
    expect(watch.looks).toBeGreaterThan(50);
  });
});
