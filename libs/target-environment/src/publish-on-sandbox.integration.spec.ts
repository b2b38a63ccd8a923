import type { Bundle } from '@m3/artifacts';
import { startSandboxGateway, type SandboxGateway } from '@m3/sandbox';
import { createTestDatabase, type TestDatabase } from '@m3/testing';
import { release } from './fixtures/releases.fixture.spec.js';
import { DatabaseSessions } from './database/database-sessions.js';
import { TargetDatabase } from './database/target-database.js';
import { GatewayClient } from './gateway/gateway-client.js';
import { runByInvoke } from './gateway/run-by-invoke.js';
import { createAddressPolicy } from './http/address-policy.js';
import { createGuardedHttp, snapshotDigest, TargetEnvironments, type TargetEnvironment } from './index.js';

let database: TestDatabase;
let gateway: SandboxGateway;
let environments: TargetEnvironments;
let target: TargetEnvironment;
let schemas = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await startSandboxGateway({ databaseUrl: database.url, token: 'mas_canary', marieVersion: '3.0.20' });
  environments = new TargetEnvironments({ allow: ['127.0.0.0/8'] });
});
beforeEach(async () => {
  gateway.faults.clear();
  target = await open('mas_canary');
});
afterAll(async () => {
  await environments.close();
  await gateway.close();
  await database.drop();
});

async function open(gatewayToken: string): Promise<TargetEnvironment> {
  const connection = {
    gatewayUrl: gateway.url,
    gatewayToken,
    databaseUrl: database.url,
    schema: `target_${++schemas}`,
  };
  await environments.initialise(connection);
  return environments.open(connection);
}

/** Versions unique to the test: the registry of planners is one for the whole gateway. */
const versionOf = (minor: number) => `v${schemas}.${minor}.0`;

function bundle(layout: string): Bundle {
  const ids = ['01930d8c-0000-7000-8000-000000000000', '01930d8c-0001-7000-8000-000000000000'] as const;
  const node = (id: string, dependencies: string[], definition: object) => ({
    task_id: id,
    query_str: 'step',
    dependencies,
    node_type: 'COMPUTE',
    definition,
  });
  const plan = {
    nodes: [
      node(ids[0], [], { method: 'NOOP', endpoint: 'noop', params: {} }),
      node(ids[1], [ids[0]], { method: 'EXECUTOR_ENDPOINT', endpoint: '/extract', params: { layout } }),
    ],
  };
  return { workflows: [{ name: 'invoice-extraction', plan }], agents: [], processors: [], tests: [] };
}

async function publish(version: string, expectedVersion: string | null, fence: number): Promise<void> {
  const made = release(version, fence, bundle(version));
  expect(await target.deploy(made)).toMatchObject({ outcome: 'deployed' });
  expect(await target.registerPlanners(made)).toEqual({ outcome: 'registered', added: 1, already_there: 0 });
  expect(await target.activate({ version, expectedVersion, fence })).toMatchObject({ outcome: 'activated' });
  expect(await target.invalidateCaches()).toMatchObject({ outcome: 'invalidated', active_version: version });
}

const run = { workflow: 'invoice-extraction', input: { page: 1 }, deadlineMs: 5_000 };

it('checks what a publish needs', async () => {
  expect(await target.checkGateway()).toMatchObject({
    version: '3.0.20',
    extension: { execute: true },
    dry_run: { ok: true },
  });
  expect(await target.checkCapacity()).toMatchObject({ outcome: 'known', used: 0 });
  expect(await target.checkDatabase()).toMatchObject({ initialised: true });
  gateway.faults.set({ dry_run_failure: true, capacity_exhausted: true });
  expect(await target.checkGateway()).toMatchObject({ dry_run: { ok: false } });
  expect(await target.checkCapacity()).toMatchObject({ available: 0 });
});

it('takes a version live, another after it, and the first back, with runs on each', async () => {
  const [first, second] = [versionOf(0), versionOf(1)];
  await publish(first, null, 1);
  expect(await target.runWorkflow(run)).toMatchObject({ state: 'completed', ran: true, error: null, version: first });
  const backup = await target.snapshot();

  const candidate = release(second, 2, bundle(second));
  await target.deploy(candidate);
  expect(await target.runWorkflow({ ...run, version: second })).toMatchObject({ state: 'completed', version: second });
  expect(await target.runWorkflow(run)).toMatchObject({ version: first });
  await target.registerPlanners(candidate);
  await target.activate({ version: second, expectedVersion: first, fence: 2 });
  await target.invalidateCaches();
  expect(await target.runWorkflow(run)).toMatchObject({ version: second });

  expect(await target.restore({ snapshot: backup, fence: 3 })).toEqual({ outcome: 'restored' });
  expect(await target.invalidateCaches()).toMatchObject({ active_version: first });
  expect(await target.runWorkflow(run)).toMatchObject({ version: first, error: null });
  expect(snapshotDigest(await target.snapshot())).toBe(snapshotDigest(backup));
  expect(await target.metrics()).toMatchObject({
    outcome: 'known',
    versions: expect.arrayContaining([expect.objectContaining({ version: first, executions: 3, failures: 0 })]),
  });
  expect(await target.draining()).toMatchObject({ outcome: 'known' });
});

it('registers a plan again after the registry was lost, and knows one that is there', async () => {
  const made = release(versionOf(0), 1, bundle('x'));
  expect(await target.registerPlanners(made)).toMatchObject({ added: 1 });
  expect(await target.registerPlanners(made)).toMatchObject({ added: 0, already_there: 1 });
  expect(await target.registerPlanners({ ...made, bundle: bundle('y') })).toMatchObject({ outcome: 'conflict' });
  gateway.faults.set({ lost_registry: true });
  expect(await target.registerPlanners(made)).toMatchObject({ added: 1 });
});

it('runs from the database where plans cannot be registered', async () => {
  gateway.faults.set({ planners_422: true });
  const made = release(versionOf(0), 1, bundle('x'));
  await target.deploy(made);
  expect(await target.registerPlanners(made)).toMatchObject({ outcome: 'registration_refused', status: 422 });
  expect(await target.runWorkflow({ ...run, version: versionOf(0) })).toMatchObject({
    state: 'completed',
    error: null,
  });
});

it('tells failures of runs, of the token, and of the gateway apart', async () => {
  await publish(versionOf(0), null, 1);
  gateway.faults.set({ failing_executor: '/extract' });
  expect(await target.runWorkflow(run)).toMatchObject({
    state: 'failed',
    ran: true,
    error: { code: expect.any(String) },
  });
  gateway.faults.clear();
  expect(await target.runWorkflow({ ...run, workflow: 'nothing' })).toMatchObject({
    error: { code: 'workflow_not_found' },
  });
  expect(await target.runWorkflow({ ...run, version: 'v99.0.0' })).toMatchObject({
    error: { code: 'version_not_found' },
  });
  gateway.faults.set({ executor_latency_ms: 400 });
  expect(await target.runWorkflow({ ...run, deadlineMs: 50 })).toMatchObject({ state: 'timed_out' });
  gateway.faults.set({ down: true });
  await expect(target.runWorkflow(run)).rejects.toMatchObject({ what: 'gateway', code: 'connection_lost' });
  gateway.faults.clear();
  const stranger = environments.open({
    gatewayUrl: `${gateway.url}/`,
    gatewayToken: 'mas_other',
    databaseUrl: database.url,
    schema: 'x',
  });
  await expect(stranger.checkGateway()).rejects.toMatchObject({ code: 'unauthorized' });
});

it('runs by planner name, as on a gateway without the extension', async () => {
  const made = release(versionOf(0), 1, bundle('x'));
  const allow = ['127.0.0.0/8'];
  const http = createGuardedHttp({ allow });
  const policy = createAddressPolicy(allow);
  const sessions = new DatabaseSessions({ maxOpen: 1, perDatabase: 1, idleMs: 1_000, policy });
  const plain = {
    gateway: new GatewayClient(http, { gatewayUrl: gateway.url, gatewayToken: 'mas_canary' }, 5_000),
    database: new TargetDatabase(sessions, { databaseUrl: database.url, schema: `target_${schemas}` }, 5_000),
  };
  const request = { ...run, version: versionOf(0) };
  try {
    const unplanned = await runByInvoke(plain, request, {});
    expect(unplanned).toMatchObject({ state: 'failed', ran: false, error: { code: 'planner_not_registered' } });
    await target.registerPlanners(made);
    expect(await runByInvoke(plain, request, {})).toMatchObject({ state: 'completed', ran: true, error: null });
    const wrong = new GatewayClient(http, { gatewayUrl: gateway.url, gatewayToken: 'mas_other' }, 5_000);
    expect(await runByInvoke({ ...plain, gateway: wrong }, request, {})).toMatchObject({
      error: { code: 'unauthorized' },
    });
    const none = new GatewayClient(http, { gatewayUrl: gateway.url }, 5_000);
    expect(await runByInvoke({ ...plain, gateway: none }, request, {})).toMatchObject({ error: { code: 'forbidden' } });
  } finally {
    await Promise.all([http.close(), sessions.close()]);
  }
});
