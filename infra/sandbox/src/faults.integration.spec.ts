import { eventually } from '@m3/testing';
import { activate, at, deploy, SCHEMA, threeNodes, useTestGateway } from './gateway-fixtures.spec.js';

const gateway = useTestGateway();
const execute = () =>
  gateway.post(`/x-publish/v1/schemas/${SCHEMA}/executions`, { workflow: 'letters', wait_ms: 10_000 });
const faults = (settings: object) => gateway.post('/sandbox/faults', settings);

beforeAll(async () => {
  await deploy(gateway.pool, 'v1.0.0', { letters: threeNodes('extract_executor://document/extract') });
  await activate(gateway.pool, 'v1.0.0');
});

test('switches add up until they are cleared', async () => {
  expect(await faults({ planners_422: true })).toEqual({ status: 200, body: { planners_422: true } });
  expect(await faults({ error_rate: 0.5 })).toEqual({ status: 200, body: { planners_422: true, error_rate: 0.5 } });
  expect(await gateway.get('/sandbox/faults')).toEqual({ status: 200, body: { planners_422: true, error_rate: 0.5 } });
  expect(await gateway.remove('/sandbox/faults')).toEqual({ status: 200, body: {} });
});

test.each([[{ unheard_of: true }], [{ error_rate: 2 }], [{ down: 'yes' }], [{ latency_ms: -1 }], [[]]])(
  'a switch that does not exist or cannot have the value is refused: %j',
  async (settings) => {
    expect(await faults(settings)).toMatchObject({ status: 400, body: { error: { code: 'invalid_faults' } } });
  },
);

test('slow: every answer comes later, except those about faults', async () => {
  await faults({ latency_ms: 120 });
  const started = performance.now();
  await gateway.get('/');
  expect(performance.now() - started).toBeGreaterThanOrEqual(115);
  await gateway.remove('/sandbox/faults');
});

test('slow executors: executions take longer', async () => {
  await faults({ executor_latency_ms: 120 });
  const { body } = await execute();
  const took = Date.parse(String(at(body, 'completed_on'))) - Date.parse(String(at(body, 'started_on')));
  expect(took).toBeGreaterThanOrEqual(115);
});

test('slow executors: executions that are held up go on when it is switched off', async () => {
  await faults({ executor_latency_ms: 600_000 });
  const execution = execute();
  await eventually('it is held up', async () => {
    const { body } = await gateway.get(`/x-publish/v1/schemas/${SCHEMA}/draining`);
    expect(body).toEqual({ executions: [{ version: 'v1.0.0', running: 1 }] });
    return true;
  });
  await gateway.remove('/sandbox/faults');
  expect((await execution).body).toMatchObject({ state: 'completed' });
});

test('down: connections are reset until it is switched off', async () => {
  await faults({ down: true });
  await expect(gateway.get('/')).rejects.toThrow();
  await expect(execute()).rejects.toThrow();
  await gateway.remove('/sandbox/faults');
  expect(await gateway.get('/')).toMatchObject({ status: 200 });
});

test('a failing executor fails the executions that call it', async () => {
  await faults({ failing_executor: 'extract_executor://' });
  const { body } = await execute();
  expect(body).toMatchObject({
    state: 'failed',
    output: null,
    error: { code: 'executor_failed', message: expect.stringContaining('extract_executor://') },
    jobs: [{ state: 'completed' }, { state: 'failed', error: { code: 'executor_failed' } }, { state: 'cancelled' }],
  });
  expect(await gateway.get(`/x-publish/v1/schemas/${SCHEMA}/executions/${String(at(body, 'dag_id'))}`)).toEqual({
    status: 200,
    body,
  });

  await faults({ failing_executor: 'other_executor://' });
  expect(await execute()).toMatchObject({ body: { state: 'completed' } });
});

test('an error rate fails just that share of the executions', async () => {
  await faults({ error_rate: 0.3 });
  const states: unknown[] = [];
  for (let count = 0; count < 10; count += 1) states.push(at((await execute()).body, 'state'));
  expect(states.filter((state) => state === 'failed')).toHaveLength(3);
});

test('a lost registry has no planners, and takes new ones', async () => {
  await gateway.post('/api/planners', { name: 'letters--v1.0.0', plan: threeNodes() });
  await faults({ lost_registry: true });
  expect(await gateway.get('/api/planners')).toMatchObject({ body: { total: 0 } });

  expect(await gateway.post('/api/planners', { name: 'letters--v1.0.0', plan: threeNodes() })).toMatchObject({
    status: 201,
  });
  expect(await execute()).toMatchObject({ body: { state: 'completed' } });
});

test('422: no planner can be registered', async () => {
  await faults({ planners_422: true });
  expect(await gateway.post('/api/planners', { name: 'new', plan: threeNodes() })).toMatchObject({
    status: 422,
    body: { detail: [{ msg: 'Field required' }] },
  });
});

test('a dry run that fails is still HTTP 200', async () => {
  await faults({ dry_run_failure: true });
  expect(await gateway.get('/dry_run')).toMatchObject({
    status: 200,
    body: { code: 1, exception: { name: expect.any(String) } },
  });
});

test('exhausted capacity shows no free slot', async () => {
  await faults({ capacity_exhausted: true });
  expect(await gateway.get('/api/capacity')).toMatchObject({ body: { result: { totals: { available: 0 } } } });
});
