import { TargetEnvironments, type TargetEnvironment } from '../index.js';
import { allCapabilities, useScriptedGateway, type Script } from '../fixtures/scripted-gateway.fixture.spec.js';
import { sampleBundle } from '../fixtures/releases.fixture.spec.js';

const gateway = useScriptedGateway();
const opened: TargetEnvironments[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((environments) => environments.close()));
});

function target(script: Script): TargetEnvironment {
  gateway.answers(script);
  const environments = new TargetEnvironments({ allow: ['127.0.0.0/8'] });
  opened.push(environments);
  return environments.open({
    gatewayUrl: `${gateway.url}/`,
    gatewayToken: 'mas_canary',
    databaseUrl: 'postgresql://user:canary@127.0.0.1:9/none',
    schema: 'production',
  });
}

const withExtension =
  (script: Script): Script =>
  (call) =>
    call.path === '/x-publish/v1/capabilities' ? [200, allCapabilities] : script(call);

describe('checking the gateway', () => {
  const status: Script = ({ path }) =>
    path === '/status' ? [200, { marie: { marie: '4.1.0', python: '3.12' }, envs: {} }] : undefined;

  it('tells version, latency, extension and dry run of a gateway with everything', async () => {
    const script = withExtension((call) => (call.path === '/dry_run' ? [200, {}] : status(call)));
    expect(await target(script).checkGateway()).toEqual({
      latency_ms: expect.any(Number),
      version: '4.1.0',
      extension: allCapabilities,
      dry_run: { ok: true, message: null },
    });
    expect(gateway.calls.every(({ headers }) => headers.authorization === 'Bearer mas_canary')).toBe(true);
  });

  it('tells that there is no extension', async () => {
    const check = await target((call) => (call.path === '/dry_run' ? [200, { code: 0 }] : status(call))).checkGateway();
    expect(check.extension).toBeNull();
  });

  it.each([[1], ['ERROR']])('reads a failed dry run (code %p) from the body of HTTP 200', async (code) => {
    const failed: Script = (call) =>
      call.path === '/dry_run' ? [200, { code, description: 'no\nexecutor mas_canary' }] : status(call);
    expect((await target(failed).checkGateway()).dry_run).toEqual({ ok: false, message: 'no executor ***' });
  });

  it.each<[string, Script, object]>([
    ['an error status', () => [503, { detail: 'mas_canary' }], { code: 'http_status', status: 503, retryable: true }],
    [
      'an unknown token',
      () => [401, { detail: 'Invalid token' }],
      { code: 'unauthorized', status: 401, retryable: false },
    ],
    ['a missing token', () => [403, {}], { code: 'forbidden', status: 403 }],
    ['something that is not JSON', () => '<html>proxy</html>', { code: 'not_json' }],
    ['JSON of another form', () => [200, []], { code: 'unexpected_answer' }],
  ])('throws for %s', async (_what, script, failure) => {
    const check = target(script).checkGateway();
    await expect(check).rejects.toMatchObject({ what: 'gateway', ...failure });
    await expect(check).rejects.not.toThrow(/canary/);
  });
});

describe('capacity', () => {
  it.each<[string, Script, object]>([
    [
      'free slots',
      () => [200, { status: 'OK', result: { slots: [], totals: { capacity: 4, used: 4, available: 0 } } }],
      { outcome: 'known', capacity: 4, used: 4, available: 0 },
    ],
    [
      'an error in HTTP 200',
      () => [200, { status: 'error', result: 'Failed to get capacity info' }],
      { outcome: 'unknown' },
    ],
    ['no such call', () => undefined, { outcome: 'unknown' }],
  ])('with %s', async (_what, script, expected) => {
    expect(await target(script).checkCapacity()).toEqual(expected);
  });
});

describe('registering planners', () => {
  const registration = { bundle: sampleBundle('v1.0.0'), version: 'v1.0.0' };
  const [plan] = registration.bundle.workflows.map((workflow) => workflow.plan);

  it('takes one call for each workflow, under immutable names', async () => {
    const registering = target(() => [201, { success: true }]).registerPlanners(registration);
    expect(await registering).toEqual({ outcome: 'registered', added: 3, already_there: 0 });
    expect(gateway.calls.map(({ body }) => body)).toContainEqual({ name: 'invoice-extraction--v1.0.0', plan });
    expect(gateway.calls.map(({ method, query }) => `${method} ${query.get('name')}`).sort()).toEqual([
      'POST contract-extraction--v1.0.0',
      'POST invoice-extraction--v1.0.0',
      'POST receipt-extraction--v1.0.0',
    ]);
  });

  const taken =
    (plans: unknown): Script =>
    ({ method, path }) =>
      method === 'POST'
        ? [400, { success: false, error: 'exists' }]
        : [200, { name: path.split('/').at(-1), plan_definition: plans }];

  it('accepts names that have the same plan', async () => {
    const reordered = JSON.parse(JSON.stringify(plan), (_key, value: unknown) => value);
    expect(await target(taken(reordered)).registerPlanners(registration)).toEqual({
      outcome: 'registered',
      added: 0,
      already_there: 3,
    });
  });

  it('reports names that have another plan', async () => {
    expect(await target(taken({ nodes: [] })).registerPlanners(registration)).toEqual({
      outcome: 'conflict',
      planners: ['contract-extraction--v1.0.0', 'invoice-extraction--v1.0.0', 'receipt-extraction--v1.0.0'],
    });
  });

  it.each<[number, Script]>([
    [422, () => [422, { detail: [] }]],
    [400, ({ method }) => (method === 'POST' ? [400, { success: false, error: 'no plan' }] : undefined)],
    [404, () => undefined],
  ])('reports a release that refuses them with %d', async (status, script) => {
    expect(await target(script).registerPlanners(registration)).toMatchObject({
      outcome: 'registration_refused',
      status,
    });
  });

  it('is unknown when the gateway fails', async () => {
    await expect(target(() => [500, {}]).registerPlanners(registration)).rejects.toMatchObject({
      code: 'http_status',
      status: 500,
    });
  });
});

describe('the extension', () => {
  it('invalidates caches, and tells what is draining and how versions fare', async () => {
    const answers: Record<string, unknown> = {
      invalidate: { active_version: 'v1.0.0', routes: [{ version: 'v1.0.0', weight: 100 }] },
      draining: { executions: [{ version: 'v0.9.0', running: 2 }] },
      metrics: { versions: [{ version: 'v1.0.0', executions: 10, failures: 1, p95_ms: 12.5 }] },
    };
    const made = target(withExtension(({ path }) => [200, answers[path.split('/').at(-1) ?? '']]));
    expect(await made.invalidateCaches()).toEqual({
      outcome: 'invalidated',
      active_version: 'v1.0.0',
      routes: [{ version: 'v1.0.0', weight: 100 }],
    });
    expect(await made.draining()).toEqual({ outcome: 'known', executions: [{ version: 'v0.9.0', running: 2 }] });
    expect(await made.metrics()).toMatchObject({ outcome: 'known', versions: [{ failures: 1 }] });
    expect(gateway.calls.filter(({ path }) => path.endsWith('/capabilities'))).toHaveLength(1);
    expect(gateway.calls.map(({ path }) => path)).toContain('/x-publish/v1/schemas/production/invalidate');
  });

  it('is not imitated where it is missing', async () => {
    const made = target(() => undefined);
    const none = { outcome: 'unsupported' };
    expect(await made.invalidateCaches()).toEqual(none);
    expect(await made.draining()).toEqual(none);
    expect(await made.metrics()).toEqual(none);
    expect(await made.route({ routes: [{ version: 'v1.0.0', weight: 100 }], fence: 1 })).toEqual(none);
    expect(gateway.calls.map(({ path }) => path)).toEqual(['/x-publish/v1/capabilities']);
  });

  it('is unknown, not missing, while the gateway is in trouble', async () => {
    await expect(target(() => [502, {}]).invalidateCaches()).rejects.toMatchObject({ code: 'http_status' });
  });
});

describe('running a workflow through the extension', () => {
  const request = { workflow: 'invoice-extraction', version: 'v1.0.0', input: { page: 1 }, deadlineMs: 2_000 };
  const job = { id: 'j1', name: 'noop', task_id: 't1', state: 'completed', job_level: 0 };
  const execution = {
    dag_id: 'd1',
    workflow: 'invoice-extraction',
    version: 'v1.0.0',
    planner: 'invoice-extraction--v1.0.0',
    state: 'completed',
    started_on: '2024-01-01T00:00:00.000Z',
    completed_on: '2024-01-01T00:00:00.250Z',
    error: null,
    output: { total: 3 },
    jobs: [job],
  };

  it('answers with output, jobs and recorded duration after one call', async () => {
    const run = await target(withExtension(() => [200, execution])).runWorkflow(request);
    expect(run).toEqual({
      state: 'completed',
      ran: true,
      dag_id: 'd1',
      version: 'v1.0.0',
      jobs: [job],
      output: { total: 3 },
      error: null,
      duration_ms: 250,
    });
    expect(gateway.calls.at(-1)).toMatchObject({
      path: '/x-publish/v1/schemas/production/executions',
      body: { workflow: 'invoice-extraction', version: 'v1.0.0', input: { page: 1 }, wait_ms: 2_000 },
    });
  });

  it('follows a run that takes longer', async () => {
    const script = withExtension(({ method }) => [
      200,
      method === 'POST' ? { ...execution, state: 'active', completed_on: null } : execution,
    ]);
    expect(await target(script).runWorkflow(request)).toMatchObject({ state: 'completed', error: null });
  });

  it('stops waiting at the deadline', async () => {
    const script = withExtension(() => [200, { ...execution, state: 'active', completed_on: null }]);
    const run = await target(script).runWorkflow({ ...request, deadlineMs: 30 });
    expect(run).toMatchObject({ state: 'timed_out', dag_id: 'd1', error: { code: 'timed_out' } });
    expect(run.duration_ms).toBeGreaterThanOrEqual(29);
  });

  it.each([
    [
      'failed',
      { state: 'failed', error: { code: 'executor_failed', message: '/extract' } },
      { state: 'failed', error: { code: 'executor_failed' } },
    ],
    [
      'cancelled',
      { state: 'cancelled', jobs: [{ ...job, state: 'cancelled' }] },
      { state: 'cancelled', error: { message: 'The run ended as cancelled: noop.' } },
    ],
    ['completed without jobs', { jobs: [] }, { state: 'completed', ran: false, error: { code: 'did_not_run' } }],
    ['in a state of the future', { state: 'paused?' }, { state: 'unknown', error: { code: 'unknown' } }],
  ])('does not take a run that is %s for a success', async (_what, change, expected) => {
    expect(await target(withExtension(() => [200, { ...execution, ...change }])).runWorkflow(request)).toMatchObject(
      expected,
    );
  });

  it.each([
    [404, { error: { code: 'version_not_found', message: 'no v1.0.0' } }, 'version_not_found'],
    [401, { error: { code: 'x', message: 'mas_canary' } }, 'unauthorized'],
    [403, {}, 'forbidden'],
  ])('tells why it was refused (HTTP %d)', async (status, body, code) => {
    const run = await target(withExtension(() => [status, body])).runWorkflow(request);
    expect(run).toMatchObject({ state: 'refused', ran: false, dag_id: null, error: { code } });
    expect(JSON.stringify(run)).not.toContain('canary');
  });

  it('is unknown when the gateway fails', async () => {
    const running = target(withExtension(() => [500, { error: { code: 'internal', message: '' } }])).runWorkflow(
      request,
    );
    await expect(running).rejects.toMatchObject({ code: 'http_status', status: 500 });
  });
});
