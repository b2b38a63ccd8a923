import type { QueryPlan } from '@m3/artifacts';
import { initialiseTarget } from '@m3/target-environment';
import { useTestDatabase } from '@m3/testing';
import pg from 'pg';
import { ownProperty } from './engine/json.js';
import { merger, node, plan, taskId, work } from './engine/plan-samples.spec.js';
import { startSandboxGateway, type SandboxGateway, type SandboxGatewayOptions } from './index.js';

/** A gateway over a target database of its own, for all tests of a file. */

export const SCHEMA = 'production';
export const TOKEN = 'mas_test_token';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface TestGateway {
  readonly gateway: SandboxGateway;
  readonly pool: pg.Pool;
  get(path: string, token?: string): Promise<Answer>;
  post(path: string, body: unknown, token?: string): Promise<Answer>;
  remove(path: string): Promise<Answer>;
  /** Starts a further gateway on the same database; the test closes it. */
  another(options?: Partial<SandboxGatewayOptions>): Promise<SandboxGateway>;
}

/** A value deep inside an answer, e.g. `at(body, 'parameters', 'job_id')`. */
export function at(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce(ownProperty, value);
}

/** START, one executor, END. */
export function threeNodes(endpoint = '/extract', params: Record<string, unknown> = {}): QueryPlan {
  const extract = work(1, [0], endpoint);
  return plan(node(0, []), { ...extract, definition: { method: 'EXECUTOR_ENDPOINT', endpoint, params } }, node(2, [1]));
}

/** A switch over `$.input.way`, two paths, and a merger. */
export function twoWays(): QueryPlan {
  const cases = { left: [taskId(1)], right: [taskId(2)] };
  return plan(
    node(0, [], { method: 'SWITCH', switch_field: '$.input.way', cases }),
    work(1, [0], '/annotate'),
    work(2, [0], '/classify'),
    merger(3, [1, 2]),
  );
}

const url = (gateway: SandboxGateway, path: string) => `${gateway.url}${path}`;

async function ask(address: string, init: RequestInit, token?: string): Promise<Answer> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(address, { ...init, headers });
  return { status: response.status, body: await response.json() };
}

export function useTestGateway(): TestGateway {
  let gateway: SandboxGateway | undefined;
  let pool: pg.Pool | undefined;
  // Declared before the database's own hook, which runs after it: connections are closed when the database goes.
  afterAll(async () => {
    await gateway?.close();
    await pool?.end();
  });
  const database = useTestDatabase();
  const start = (options?: Partial<SandboxGatewayOptions>) =>
    startSandboxGateway({ databaseUrl: database.url, token: TOKEN, ...options });
  beforeAll(async () => {
    pool = new pg.Pool({ connectionString: database.url, max: 2 });
    await initialiseTarget(pool, SCHEMA);
    gateway = await start();
  });
  afterEach(() => gateway?.faults.clear());
  const opened = () => {
    if (gateway === undefined || pool === undefined) throw new Error('the gateway is there in tests only');
    return { gateway, pool };
  };
  return {
    get gateway() {
      return opened().gateway;
    },
    get pool() {
      return opened().pool;
    },
    get: (path, token = TOKEN) => ask(url(opened().gateway, path), {}, token),
    post: (path, body, token = TOKEN) =>
      ask(url(opened().gateway, path), { method: 'POST', body: JSON.stringify(body) }, token),
    remove: (path) => ask(url(opened().gateway, path), { method: 'DELETE' }, TOKEN),
    another: start,
  };
}

/** Puts a release into the target database, as a deployment does; it does not become active. */
export async function deploy(pool: pg.Pool, version: string, workflows: Record<string, QueryPlan>): Promise<void> {
  await pool.query(
    `insert into ${SCHEMA}.release (version, manifest, checksum) values ($1, '{}', '') on conflict do nothing`,
    [version],
  );
  for (const [name, workflow] of Object.entries(workflows)) {
    await pool.query(`insert into ${SCHEMA}.workflow_definition values ($1, $2, $3, '')`, [name, version, workflow]);
  }
}

/** Moves the pointer of the target. */
export async function activate(pool: pg.Pool, version: string): Promise<void> {
  await pool.query(
    `insert into ${SCHEMA}.active_release (version, fence, activated_at) values ($1, 1, now())
       on conflict (singleton) do update set version = excluded.version`,
    [version],
  );
}

/** Sets the weights of the target; versions that are not named have none. */
export async function routeTraffic(pool: pg.Pool, weights: Record<string, number>): Promise<void> {
  await pool.query(`delete from ${SCHEMA}.traffic_route`);
  for (const [version, weight] of Object.entries(weights)) {
    await pool.query(`insert into ${SCHEMA}.traffic_route values ($1, $2)`, [version, weight]);
  }
}
