import { eventually } from '@m3/testing';
import { plan, node } from './engine/plan-samples.spec.js';
import { at, SCHEMA, threeNodes, TOKEN, useTestGateway } from './gateway-fixtures.spec.js';

const gateway = useTestGateway();

function invocation(metadata: object, more: object = {}): object {
  const invoke_action = {
    action_type: 'command',
    api_key: TOKEN,
    command: 'job',
    action: 'submit',
    name: 'extract',
    metadata: { project_id: 'demo', ref_type: 'invoice', ref_id: '42', policy: 'allow_all', ...metadata },
    ...more,
  };
  return { header: {}, parameters: { invoke_action } };
}

async function dagOf(id: unknown): Promise<Record<string, unknown> | undefined> {
  const { rows } = await gateway.pool.query<Record<string, unknown>>(
    'select * from marie_scheduler.dag where id = $1',
    [id],
  );
  return rows[0];
}

async function submitted(metadata: object): Promise<unknown> {
  const { status, body } = await gateway.post('/api/v1/invoke', invocation(metadata));
  expect(status).toBe(200);
  expect(body).toEqual({
    header: {},
    parameters: { status: 'ok', msg: expect.any(String), job_id: expect.any(String) },
    data: null,
  });
  return at(body, 'parameters', 'job_id');
}

describe('what Marie tells about itself', () => {
  test('the root is empty, the status has the version', async () => {
    expect(await gateway.get('/')).toEqual({ status: 200, body: {} });
    expect(await gateway.get('/status')).toMatchObject({ status: 200, body: { marie: { marie: '3.0.20' }, envs: {} } });
  });

  test('a dry run says in its body whether the flow works', async () => {
    expect(await gateway.get('/dry_run')).toMatchObject({ status: 200, body: { code: 0 } });
  });

  test.each(['/api/capacity', '/api/deployments', '/api/deployment-status', '/api/jobs', '/api/jobs/completed'])(
    '%s answers OK with a result',
    async (path) => {
      expect(await gateway.get(path)).toEqual({ status: 200, body: { status: 'OK', result: expect.anything() } });
    },
  );

  test('capacity says how many executor slots are free', async () => {
    expect(await gateway.get('/api/capacity')).toMatchObject({
      body: { result: { totals: { capacity: 256, used: 0, available: 256 } } },
    });
  });

  test('a job state that does not exist is an error in the body', async () => {
    expect(await gateway.get('/api/jobs/asleep')).toMatchObject({ status: 200, body: { code: 'INVALID_STATE' } });
  });

  test('what is not there is 404, a method that is not possible 405', async () => {
    expect(await gateway.get('/api/nothing')).toMatchObject({ status: 404, body: { status: 'error' } });
    expect(await gateway.post('/status', {})).toMatchObject({ status: 405 });
  });
});

describe('planners', () => {
  const name = 'invoice-extraction--v1.3.0';

  test('are registered, listed, shown and removed', async () => {
    const registered = await gateway.post('/api/planners', { name, plan: threeNodes(), description: 'reads invoices' });
    expect(registered).toMatchObject({
      status: 201,
      body: { success: true, message: expect.any(String), planner: { planner_id: name, name } },
    });
    expect(await gateway.get('/api/planners')).toMatchObject({ body: { planners: [{ name }], total: 1 } });
    expect(await gateway.get(`/api/planners/${name}`)).toMatchObject({
      status: 200,
      body: { name, description: 'reads invoices', plan_definition: threeNodes() },
    });
    expect(await gateway.remove(`/api/planners/${name}`)).toMatchObject({ status: 200, body: { success: true } });
    expect(await gateway.get(`/api/planners/${name}`)).toMatchObject({ status: 404 });
    expect(await gateway.remove(`/api/planners/${name}`)).toMatchObject({ status: 404, body: { success: false } });
  });

  test('a name that exists is refused, and so is a plan that cannot be run', async () => {
    await gateway.post('/api/planners', { name: 'twice', plan: threeNodes() });
    const refused = { status: 400, body: { success: false, error: expect.any(String) } };

    expect(await gateway.post('/api/planners', { name: 'twice', plan: threeNodes() })).toEqual(refused);
    expect(await gateway.post('/api/planners', { name: 'cycle', plan: plan(node(0, [1]), node(1, [0])) })).toEqual(
      refused,
    );
    expect(await gateway.post('/api/planners', { name: 'none', plan: { nodes: [] } })).toEqual(refused);
    expect(await gateway.post('/api/planners', { plan: threeNodes() })).toEqual(refused);
  });

  test('are lost with the process, and a second gateway does not have them', async () => {
    await gateway.post('/api/planners', { name: 'mine', plan: threeNodes() });
    const other = await gateway.another();
    const listed = await fetch(`${other.url}/api/planners`);

    expect(await listed.json()).toEqual({ planners: [], total: 0 });
    await other.close();
  });
});

describe('invoke', () => {
  const planner = 'letters--v2.0.0';
  beforeAll(() => gateway.post('/api/planners', { name: planner, plan: threeNodes() }));

  test('wants a bearer token that it knows: missing 403, unknown 401', async () => {
    const missing = await fetch(`${gateway.gateway.url}/api/v1/invoke`, { method: 'POST', body: '{}' });
    expect(missing.status).toBe(403);
    expect(await gateway.post('/api/v1/invoke', invocation({ planner }), 'mas_other')).toMatchObject({ status: 401 });
  });

  test('runs the planner and leaves its rows in dag and job, with task ids of this run', async () => {
    const id = await submitted({ planner, input: { text: 'Total: 12' } });

    const dag = await eventually('the run has completed', () => dagOf(id), {
      until: (row) => row?.state === 'completed',
    });
    expect(dag).toMatchObject({
      name: 'letters',
      planner,
      started_on: expect.any(Date),
      completed_on: expect.any(Date),
    });
    const { rows } = await gateway.pool.query<{ id: string; dependencies: string[]; data: { task_id: string } }>(
      'select * from marie_scheduler.job where dag_id = $1 order by job_level',
      [id],
    );
    expect(rows).toMatchObject([
      { state: 'completed', job_level: 0, dependencies: [] },
      { state: 'completed', job_level: 1, dependencies: [rows[0]?.id], output: { fields: { Total: '12' } } },
      { state: 'completed', job_level: 2, dependencies: [rows[1]?.id] },
    ]);
    const nodes = threeNodes().nodes.map((planned) => planned.task_id);
    expect(rows.map((row) => row.data.task_id)).toEqual(nodes);
    expect(rows.some((row) => nodes.includes(row.id))).toBe(false);
    expect(JSON.stringify(dag?.serialized_dag)).toContain(rows[0]?.id);
    expect(await gateway.get('/api/jobs/completed')).toMatchObject({
      body: { result: expect.arrayContaining([expect.objectContaining({ dag_id: id })]) },
    });
  });

  test('of two runs no task id is the same', async () => {
    const ids = [await submitted({ planner }), await submitted({ planner })];

    await eventually('both runs have their own three jobs', async () => {
      const { rows } = await gateway.pool.query('select id from marie_scheduler.job where dag_id = any($1)', [ids]);
      return rows.length === 6;
    });
  });

  test('of a planner that is not registered is accepted, and fails when it is planned: no job ever ran', async () => {
    const id = await submitted({ planner: 'unheard-of--v1.0.0', schema: SCHEMA });

    const dag = await eventually('planning has failed', () => dagOf(id), { until: (row) => row?.state === 'failed' });
    expect(dag?.serialized_dag).toMatchObject({ error: { code: 'planner_not_registered' } });
    expect(await gateway.get(`/x-publish/v1/schemas/${SCHEMA}/executions/${String(id)}`)).toMatchObject({
      status: 200,
      body: { state: 'failed', error: { code: 'planner_not_registered' }, jobs: [] },
    });
  });

  test.each([
    ['no api key', invocation({ planner }, { api_key: undefined }), { error: expect.any(String) }],
    ['another api key', invocation({ planner }, { api_key: 'mas_other' }), { error: expect.any(String) }],
    ['no action', {}, { error: expect.any(String) }],
    ['another command', invocation({ planner }, { command: 'dance' }), { status: 'error' }],
    ['no reference', invocation({ planner, ref_id: '' }), { status: 'error' }],
    ['no planner', invocation({}), { status: 'error' }],
    ['a strange name', invocation({ planner }, { name: 'a b' }), { status: 'error' }],
  ])('with %s is HTTP 200 with the error in its parameters', async (_what, body, parameters) => {
    expect(await gateway.post('/api/v1/invoke', body)).toMatchObject({ status: 200, body: { parameters } });
  });

  test('refuses what is not JSON or cannot be stored', async () => {
    const send = (body: string) =>
      fetch(`${gateway.gateway.url}/api/v1/invoke`, {
        method: 'POST',
        body,
        headers: { authorization: `Bearer ${TOKEN}` },
      });

    expect((await send('{')).status).toBe(400);
    expect((await send('{"text":"\\u0000"}')).status).toBe(400);
    expect((await send('{"text":"\\\\u0000"}')).status).toBe(200);
    expect((await send(`"${'x'.repeat(17 * 1024 * 1024)}"`)).status).toBe(413);
  });
});
