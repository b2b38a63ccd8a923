import {
  ApprovalList,
  newId,
  PublishDetail,
  PublishesAccepted,
  PublishPlans,
  type TargetDocument,
} from '@m3/contracts';
import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';
import { placesOf } from './canaries.fixture.spec.js';
import { runCommand } from './command.fixture.spec.js';
import { startJudgingEndpoint, type JudgingEndpoint } from './external-gate.fixture.spec.js';
import { useProduct, type Answer } from './product.fixture.spec.js';
import { release } from './releases.fixture.spec.js';

const use = useProduct({ schemas: ['gated', 'tested', 'asking'] });
const ajv = ajvFormats.default(new Ajv({ strict: false }));
let endpoint: JudgingEndpoint;
beforeAll(async () => {
  endpoint = await startJudgingEndpoint();
});
afterAll(() => endpoint.close());

const override = { allowed_roles: ['admin'], wait_minutes: 60 };
const gatedBy = (timeout_seconds: number): Partial<TargetDocument> => {
  const { url, secret } = endpoint;
  const external = [{ name: 'licences', url, secret, timeout_seconds }];
  return { name: 'Gated', triggers: { version_pattern: 'v1.*.*' }, gates: { external, override } };
};

/** A publish of a version that its target takes by itself. */
async function tagged(version: string, bundle = release(version)): Promise<string> {
  await use().tag({ version, bundle });
  const [id = ''] = await use().log.triggered(version);
  return id;
}

/** Expects a refusal with its code, after which the publish and the target are as they were. */
async function refused(id: string, code: string, call: () => Promise<Answer>): Promise<void> {
  const { log, targets } = use();
  const own = ({ stream }: { readonly stream: string }) => /^(publish|gaterun)-/.test(stream);
  const standing = async () => ({ log: (await log.about(id)).filter(own), target: await targets.state('gated') });
  const before = await standing();
  expect((await call()).json).toMatchObject({ code });
  expect(await standing()).toEqual(before);
}

const verdict = (path: string, body: object = { outcome: 'pass', message: 'all are known' }) =>
  use().call(path, { body });
const forged = (path: string) => path.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
const overriding = (id: string, gate: string, as: 'admin' | 'maintainer' = 'admin') =>
  use().call(`publishes/${id}/gates/${gate}/override`, { body: { reason: 'known' }, as: `${as}-zoe`, roles: [as] });

describe('an external gate that calls back', () => {
  it('holds the publish up until its own verdict comes, once; the plan has named the gates that ran', async () => {
    const { apply, document, call, shows, log } = bound();
    await apply(document('gated', gatedBy(3_600)));
    endpoint.answers = { outcome: 'pending', message: 'two people look at it' };
    const id = await tagged('v1.0.0');
    await log.reaches(id, 'GatePending');
    const [path = ''] = endpoint.callbacks;
    const waits = await shows(`publishes/${id}`, PublishDetail, waitsForCallbackAlone);
    expect(waits.gates?.running).toMatchObject([{ gate: 'external:licences', message: 'two people look at it' }]);

    await refused(id, 'callback_forbidden', () => verdict(forged(path)));
    await refused(id, 'gate_run_not_found', () => verdict(path.replace(/gtr_[^/]+/, newId('gateRun'))));
    await refused(id, 'invalid_body', () => verdict(path, { outcome: 'maybe' }));
    const planned = await call('publishes/plan', {
      body: { project: 'invoice-pipeline', version: 'v1.0.0', targets: ['Gated'] },
    });
    expect(await verdict(path)).toMatchObject({ status: 202, json: { gate: 'external:licences' } });
    await log.endsAs(id, 'PublishSucceeded');
    await refused(id, 'callback_used', () => verdict(path, { outcome: 'fail' }));

    const { gates } = await shows(`publishes/${id}`, PublishDetail, ({ status }) => status === 'succeeded');
    const plan = gatesIn(planned);
    expect(plan).toMatchObject({ not_run: gates?.not_run, override });
    expect(plan.gates.map(({ name }) => name)).toEqual(gates?.checks.map(({ name }) => name));
    expect(gates?.checks.at(-1)).toMatchObject({ name: 'external:licences', message: 'all are known' });
  });

  it('and does not in time has no result: its token has expired, and whom the target lets may override it', async () => {
    const { apply, document, shows, log } = bound();
    await apply(document('gated', gatedBy(4)));
    const id = await tagged('v1.1.0');
    await log.reaches(id, 'OverrideAwaited');
    const [path = ''] = endpoint.callbacks;
    await refused(id, 'callback_expired', () => verdict(path));
    await refused(id, 'not_allowed', () => overriding(id, 'external:licences', 'maintainer'));
    await refused(id, 'gate_not_found', () => overriding(id, 'gateway'));
    await refused(id, 'gate_passed', () => overriding(id, 'security'));

    const listed = await runCommand(use(), ['gate', 'list', id]);
    expect(listed).toMatchObject({ code: 0 });
    expect(listed.out).toMatch(/external:licences\s+inconclusive\s+\S+/);
    expect(listed.out).toMatch(/external:licences: .*gate_timed_out/);
    const command = ['gate', 'override', id, 'external:licences', '--reason', 'known'];
    const refusal = await runCommand(use(), command, { as: 'mike', roles: ['maintainer'] });
    expect(refusal).toMatchObject({ code: 3, err: expect.stringContaining('only these roles override') as unknown });
    expect(await runCommand(use(), command, { as: 'admin-zoe', roles: ['admin'] })).toMatchObject({
      ...{ code: 0, out: `${id}: external:licences is overridden; the publish goes on\n` },
    });
    await log.endsAs(id, 'PublishSucceeded');
    const { gates } = await shows(`publishes/${id}`, PublishDetail, ({ status }) => status === 'succeeded');
    expect(gates).toMatchObject({ outcome: 'passed', overrides: [{ by: 'admin-zoe', reason: 'known' }] });
    expect(gates?.checks.at(-1)).toMatchObject({
      ...{ outcome: 'inconclusive', duration_ms: expect.any(Number), findings: [{ code: 'gate_timed_out' }] },
    });
  });
});

describe('a gateway that answers 200 with an error inside', () => {
  afterEach(() => use().faults());

  it('fails the pre-publish validation, which nobody overrides', async () => {
    const { faults, log, shows, targets } = bound();
    await faults({ dry_run_failure: true });
    const id = await tagged('v1.2.0');
    const { data } = await log.endsAs(id, 'PublishFailed');
    expect(data).toMatchObject({ step: 'validating', code: 'gateway_dry_run_failed' });
    await shows(`publishes/${id}`, PublishDetail, ({ status }) => status === 'failed');
    await refused(id, 'publish_ended', () => overriding(id, 'gateway'));
    expect(await targets.state('gated')).toMatchObject({ active: 'v1.1.0', releases: ['v1.0.0', 'v1.1.0'] });
  });

  it('fails the tests that it says so of', async () => {
    const { apply, document, faults, log, targets } = bound();
    const gates = { integration: 'required' as const, test_timeout_seconds: 5 };
    await apply(document('tested', { name: 'Tested', triggers: { version_pattern: 'v2.*.*' }, gates }));
    await faults({ error_rate: 1 });
    const { data } = await log.endsAs(await tagged('v2.0.0', withTest('v2.0.0')), 'PublishFailed');
    expect(data).toMatchObject({ step: 'gating', code: 'test_failed' });
    expect(await targets.state('tested')).toMatchObject({ active: null, releases: [] });
  });
});

describe('a test that never ends', () => {
  afterEach(() => use().faults());

  it('is given up after its time, and nothing of the version is on the target', async () => {
    const { faults, log, shows, targets } = bound();
    await faults({ executor_latency_ms: 600_000 });
    const id = await tagged('v2.1.0', withTest('v2.1.0'));
    const { data } = await log.endsAs(id, 'PublishFailed');
    expect(data).toMatchObject({ step: 'gating', code: 'test_timed_out' });
    const { gates } = await shows(`publishes/${id}`, PublishDetail, ({ status }) => status === 'failed');
    expect(gates?.checks.find(({ name }) => name === 'integration_tests')).toMatchObject({
      ...{ outcome: 'failed', findings: [{ code: 'test_timed_out', artifact: { kind: 'test', name: 'slow' } }] },
    });
    expect(await targets.state('tested')).toMatchObject({ active: null, releases: [], artifacts: [] });
  });
});

describe('a target that is configured otherwise while a publish waits for people', () => {
  it('has it checked again by the configuration of now, before they are asked again', async () => {
    const { apply, document, call, log, shows } = bound();
    const asking = (more: Partial<TargetDocument> = {}) =>
      document('asking', { name: 'Asking', type: 'manual_approval', approvals: { min_approvals: 1 }, ...more });
    await apply(asking());
    const body = { project: 'invoice-pipeline', version: 'v1.0.0', targets: ['Asking'] };
    const { json, text } = await call('publishes', { body });
    const [asked] = ajv.validate<PublishesAccepted>(PublishesAccepted, json) ? json.publishes : [];
    if (asked?.outcome !== 'requested') throw new Error(text);
    const { publish_id: id } = asked;
    await log.reaches(id, 'ApprovalOpened');

    const { url, secret } = endpoint;
    endpoint.answers = { outcome: 'pass' };
    await apply(asking({ gates: { external: [{ name: 'licences', url, secret }] } }));
    const approvals = await shows(
      'approvals',
      ApprovalList,
      ({ items }) =>
        items.some(({ publish_id, status }) => publish_id === id && status === 'void') &&
        items.some(({ publish_id, status }) => publish_id === id && status === 'open'),
    );
    const open = approvals.items.find(({ status }) => status === 'open')?.approval_id ?? '';
    await call(`approvals/${open}/approve`, { as: 'bob', roles: ['approver'], body: {} });
    await log.endsAs(id, 'PublishSucceeded');
    const types = (await log.about(id)).map(({ type }) => type);
    expect(types.filter((type) => ['ValidationCompleted', 'ApprovalVoided', 'GatesCompleted'].includes(type))).toEqual([
      ...['ValidationCompleted', 'GatesCompleted', 'ApprovalVoided', 'ValidationCompleted', 'GatesCompleted'],
    ]);
    const { gates } = await shows(`publishes/${id}`, PublishDetail, ({ status }) => status === 'succeeded');
    expect(gates?.checks.at(-1)).toMatchObject({ name: 'external:licences', outcome: 'passed' });
  });
});

describe('the signing secret of an external gate', () => {
  it('is in no event, log, reply, backup or row, and still signs after a rotation of keys', async () => {
    const { apply, document, call, log } = bound();
    endpoint.answers = { outcome: 'pass' };
    expect(await call('secrets/rotate', { body: {} })).toMatchObject({ status: 200, json: { remaining: 0 } });
    await apply(document('gated', gatedBy(60)));
    const again = await call('targets', { body: document('gated', gatedBy(60)) });
    expect(again).toMatchObject({ json: { targets: [{ outcome: 'unchanged', changes: [] }] } });
    await log.endsAs(await tagged('v1.3.0'), 'PublishSucceeded');
    const now = new Date().toISOString();
    for (const path of ['', '/changes', `?at=${now}`]) await call(`targets/Gated${path}`);
    for (const path of ['targets', 'publishes', 'audit/events']) await call(path);
    // What is refused is not repeated either, and neither is a secret in the wrong field.
    await call('targets', { body: { ...document('gated', gatedBy(60)), region: [endpoint.secret] } });
    expect(await placesOf(endpoint.secret.slice('whsec_'.length), use())).toEqual([]);
    // The search does find what is there.
    expect((await placesOf('licences', use())).length).toBeGreaterThan(2);
  });
});

const waitsForCallbackAlone = ({ gates }: PublishDetail): boolean =>
  gates?.running.map(({ waits_for }) => waits_for).join() === 'callback';

/** The gates that a plan for one target names. */
function gatesIn({ json, text }: Answer) {
  const [entry] = ajv.validate<PublishPlans>(PublishPlans, json) ? json.plans : [];
  const gates = entry?.outcome === 'planned' ? entry.plan.gates : null;
  if (gates?.source !== 'gates') throw new Error(text);
  return gates;
}

function withTest(version: string) {
  const expect = { status: 'completed' as const };
  return { ...release(version), tests: [{ name: 'slow', workflow: 'invoice-extraction', input: {}, expect }] };
}

function bound() {
  const product = use();
  const { log, targets } = product;
  return {
    ...{ log, targets, apply: product.apply.bind(product), call: product.call.bind(product) },
    ...{ document: product.document.bind(product), faults: product.faults.bind(product) },
    shows: product.shows.bind(product),
  };
}
