import { eventually } from '@m3/testing';
import { node, plan, taskId } from './engine/plan-samples.spec.js';
import {
  activate,
  at,
  deploy,
  routeTraffic,
  SCHEMA,
  threeNodes,
  TOKEN,
  twoWays,
  useTestGateway,
  type Answer,
} from './gateway-fixtures.spec.js';

const gateway = useTestGateway();
const base = `/x-publish/v1/schemas/${SCHEMA}`;

const invalidate = () => gateway.post(`${base}/invalidate`, {});
const execute = (body: object): Promise<Answer> =>
  gateway.post(`${base}/executions`, { workflow: 'letters', input: {}, wait_ms: 10_000, ...body });

beforeAll(async () => {
  await deploy(gateway.pool, 'v1.0.0', { letters: threeNodes('/extract'), ways: twoWays() });
  await deploy(gateway.pool, 'v2.0.0', {
    letters: threeNodes('/annotate'),
    slow: threeNodes('/extract', { mock_latency_ms: 300 }),
    endless: threeNodes('/extract', { mock_latency_ms: 60_000 }),
  });
  await activate(gateway.pool, 'v1.0.0');
});

afterEach(async () => {
  await routeTraffic(gateway.pool, {});
  await activate(gateway.pool, 'v1.0.0');
  await invalidate();
});

test('capabilities tell what the extension can do', async () => {
  expect(await gateway.get('/x-publish/v1/capabilities')).toEqual({
    status: 200,
    body: { version: 1, routes: true, cache_invalidation: true, reload: true, execute: true, metrics: true },
  });
});

describe('an execution', () => {
  test('runs the workflow of the active version and answers when it has ended', async () => {
    const { status, body } = await execute({ input: { text: 'Total: 12' } });

    expect(status).toBe(200);
    expect(body).toEqual({
      dag_id: expect.any(String),
      workflow: 'letters',
      version: 'v1.0.0',
      planner: 'letters--v1.0.0',
      state: 'completed',
      started_on: expect.any(String),
      completed_on: expect.any(String),
      error: null,
      output: expect.objectContaining({ fields: { Total: '12' } }),
      jobs: [0, 1, 2].map((level) => ({
        id: expect.any(String),
        name: `node ${level}`,
        task_id: taskId(level),
        state: 'completed',
        job_level: level,
      })),
    });
  });

  test('is shown the same from the database as it was from memory', async () => {
    for (const input of [{ way: 'left' }, { way: 'right' }, { way: 'none' }]) {
      const { body } = await execute({ workflow: 'ways', input });
      const shown = await gateway.get(`${base}/executions/${String(at(body, 'dag_id'))}`);
      expect(shown).toEqual({ status: 200, body });
    }
  });

  test('leaves the jobs of the path not taken cancelled', async () => {
    const { body } = await execute({ workflow: 'ways', input: { way: 'left' } });
    const { rows } = await gateway.pool.query(
      'select state, started_on is null as never_started from marie_scheduler.job where dag_id = $1 order by name',
      [at(body, 'dag_id')],
    );
    expect(rows).toEqual([
      { state: 'completed', never_started: false },
      { state: 'completed', never_started: false },
      { state: 'cancelled', never_started: true },
      { state: 'completed', never_started: false },
    ]);
  });

  test('of a version that is named runs that version', async () => {
    expect(await execute({ version: 'v2.0.0' })).toMatchObject({ body: { version: 'v2.0.0', state: 'completed' } });
  });

  test('is answered at once without a wait, and shows its progress in the database', async () => {
    const { status, body } = await execute({ workflow: 'slow', version: 'v2.0.0', wait_ms: 0 });
    expect(status).toBe(202);
    const path = `${base}/executions/${String(at(body, 'dag_id'))}`;

    await eventually('the job under way is active, the one after it created', async () => {
      const { rows } = await gateway.pool.query(
        'select state from marie_scheduler.job where dag_id = $1 order by job_level',
        [at(body, 'dag_id')],
      );
      expect(rows).toEqual([{ state: 'completed' }, { state: 'active' }, { state: 'created' }]);
      return true;
    });
    expect(await gateway.get(path)).toMatchObject({ status: 202, body: { state: 'active', completed_on: null } });
    expect(await gateway.get(`${path}?wait_ms=10000`)).toMatchObject({ status: 200, body: { state: 'completed' } });
  });

  test('is answered after the wait when it takes longer', async () => {
    const { status, body } = await execute({ workflow: 'slow', version: 'v2.0.0', wait_ms: 10 });
    expect(status).toBe(202);
    expect(await gateway.get(`${base}/executions/${String(at(body, 'dag_id'))}?wait_ms=10000`)).toMatchObject({
      status: 200,
    });
  });

  test('counts as draining under its version until it has ended', async () => {
    const { body } = await execute({ workflow: 'slow', version: 'v2.0.0', wait_ms: 0 });
    expect(await gateway.get(`${base}/draining`)).toEqual({
      status: 200,
      body: { executions: [{ version: 'v2.0.0', running: 1 }] },
    });
    await gateway.get(`${base}/executions/${String(at(body, 'dag_id'))}?wait_ms=10000`);
    expect(await gateway.get(`${base}/draining`)).toEqual({ status: 200, body: { executions: [] } });
  });

  test('stays on its version when another becomes active', async () => {
    await activate(gateway.pool, 'v2.0.0');
    await invalidate();
    const { body } = await execute({ workflow: 'slow', wait_ms: 0 });
    await activate(gateway.pool, 'v1.0.0');
    await invalidate();

    const path = `${base}/executions/${String(at(body, 'dag_id'))}?wait_ms=10000`;
    expect(await gateway.get(path)).toMatchObject({ body: { version: 'v2.0.0', state: 'completed' } });
  });

  test('that a gateway leaves behind stays active', async () => {
    const other = await gateway.another({ graceMs: 0 });
    const response = await fetch(`${other.url}${base}/executions`, {
      method: 'POST',
      body: JSON.stringify({ workflow: 'endless', version: 'v2.0.0' }),
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    const body: unknown = await response.json();
    await other.close();

    const path = `${base}/executions/${String(at(body, 'dag_id'))}`;
    expect(await gateway.get(path)).toMatchObject({ status: 202, body: { state: 'active', completed_on: null } });
  });

  test('of many at once ends each in its own rows', async () => {
    const all = await Promise.all(
      Array.from({ length: 60 }, (_, number) => execute({ input: { text: `Number: ${number}` } })),
    );
    expect(all.map(({ body }) => at(body, 'output', 'fields', 'Number'))).toEqual(
      all.map((_, number) => String(number)),
    );
    const ids = all.map(({ body }) => at(body, 'dag_id'));
    const { rows } = await gateway.pool.query(
      `select count(*)::int as jobs from marie_scheduler.job where dag_id = any($1) and state = 'completed'`,
      [ids],
    );
    expect(rows).toEqual([{ jobs: 180 }]);
  });
});

describe('which version runs', () => {
  test('follows the pointer only after an invalidation, which shows it', async () => {
    await invalidate();
    await activate(gateway.pool, 'v2.0.0');
    expect(await execute({})).toMatchObject({ body: { version: 'v1.0.0' } });

    expect(await invalidate()).toEqual({ status: 200, body: { active_version: 'v2.0.0', routes: [], draining: [] } });
    expect(await execute({})).toMatchObject({ body: { version: 'v2.0.0' } });
  });

  test('follows the weights of the routes: of ten executions exactly the share of each', async () => {
    await routeTraffic(gateway.pool, { 'v1.0.0': 70, 'v2.0.0': 30 });
    expect(await invalidate()).toMatchObject({
      body: {
        routes: [
          { version: 'v1.0.0', weight: 70 },
          { version: 'v2.0.0', weight: 30 },
        ],
      },
    });
    const versions: unknown[] = [];
    for (let count = 0; count < 10; count += 1) versions.push(at((await execute({})).body, 'version'));

    expect(versions.filter((version) => version === 'v2.0.0')).toHaveLength(3);
  });

  test('is none before any was activated', async () => {
    await gateway.pool.query(`delete from ${SCHEMA}.active_release`);
    expect(await invalidate()).toMatchObject({ body: { active_version: null } });
    expect(await execute({})).toMatchObject({ status: 404, body: { error: { code: 'version_not_found' } } });
  });
});

describe('metrics', () => {
  test('count executions and failures by version, with the 95th percentile', async () => {
    const other = await gateway.another({ faults: { failing_executor: '/annotate' } });
    const run = (version: string) =>
      fetch(`${other.url}${base}/executions`, {
        method: 'POST',
        body: JSON.stringify({ workflow: 'letters', version, wait_ms: 10_000 }),
        headers: { authorization: `Bearer ${TOKEN}` },
      });
    for (const version of ['v1.0.0', 'v1.0.0', 'v2.0.0']) await run(version);
    const response = await fetch(`${other.url}${base}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });

    expect(await response.json()).toEqual({
      versions: [
        { version: 'v1.0.0', executions: 2, failures: 0, p95_ms: expect.any(Number) },
        { version: 'v2.0.0', executions: 1, failures: 1, p95_ms: expect.any(Number) },
      ],
    });
    await other.close();
  });
});

describe('what is refused', () => {
  test.each([
    ['an unknown workflow', { workflow: 'poems' }, 404, 'workflow_not_found'],
    ['an unknown version', { version: 'v9.9.9' }, 404, 'version_not_found'],
    ['no workflow', { workflow: '' }, 400, 'workflow_missing'],
    ['an input that is no object', { input: 'text' }, 400, 'invalid_input'],
  ])('%s', async (_what, body, status, code) => {
    expect(await execute(body)).toEqual({ status, body: { error: { code, message: expect.any(String) } } });
  });

  test('a version that is deployed later is found then', async () => {
    expect(await execute({ version: 'v3.0.0' })).toMatchObject({ status: 404 });
    await deploy(gateway.pool, 'v3.0.0', { letters: threeNodes() });
    expect(await execute({ version: 'v3.0.0' })).toMatchObject({ status: 200 });
  });

  test('a plan that cannot be run', async () => {
    await deploy(gateway.pool, 'v4.0.0', { letters: plan(node(0, [1]), node(1, [0])) });
    expect(await execute({ version: 'v4.0.0' })).toMatchObject({
      status: 422,
      body: { error: { code: 'plan_not_valid' } },
    });
  });

  test.each([
    ['/x-publish/v1/schemas/nowhere/invalidate', 404, 'schema_not_found'],
    ['/x-publish/v1/schemas/Bad%22Name/invalidate', 400, 'invalid_schema_name'],
  ])('a schema that is not there: %s', async (path, status, code) => {
    expect(await gateway.post(path, {})).toMatchObject({ status, body: { error: { code } } });
  });

  test('an execution that is not there, or is another schema’s', async () => {
    const { body } = await execute({});
    const id = String(at(body, 'dag_id'));
    for (const path of [
      `${base}/executions/${taskId(9)}`,
      `${base}/executions/x`,
      `/x-publish/v1/schemas/staging/executions/${id}`,
    ]) {
      expect(await gateway.get(path)).toMatchObject({ status: 404, body: { error: { code: 'execution_not_found' } } });
    }
  });

  test('a token that is missing or unknown', async () => {
    expect(await gateway.get(`${base}/metrics`, 'mas_other')).toMatchObject({ status: 401 });
    const missing = await fetch(`${gateway.gateway.url}${base}/metrics`);
    expect(missing.status).toBe(403);
  });
});
