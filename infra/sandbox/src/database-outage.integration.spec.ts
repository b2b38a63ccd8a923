import { initialiseTarget } from '@m3/target-environment';
import { eventually, startTestPostgres } from '@m3/testing';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { deploy, SCHEMA, threeNodes } from './gateway-fixtures.spec.js';
import { startSandboxGateway } from './index.js';

/** What the test has opened, closed in the end whether it passes or not. */
const opened: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

test('an execution that ends while the database is away is written when it is back', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'm3-sandbox-outage-'));
  const first = await startTestPostgres({ dataDir });
  opened.push(() => first.stop());
  await prepare(first.url);
  const gateway = await startSandboxGateway({ databaseUrl: first.url, graceMs: 0 });
  opened.push(() => gateway.close());
  const execute = async () => {
    const response = await fetch(`${gateway.url}/x-publish/v1/schemas/${SCHEMA}/executions`, {
      method: 'POST',
      body: JSON.stringify({ workflow: 'letters', version: 'v1.0.0' }),
    });
    return { status: response.status, text: await response.text() };
  };

  const started = await execute();
  expect(started.status).toBe(202);
  await first.stop();
  const refused = await execute();
  expect(refused.status).toBe(503);
  expect(refused.text).toContain('database_unavailable');
  expect(refused.text).not.toContain(String(first.port));

  const second = await startTestPostgres({ dataDir, port: first.port });
  opened.push(() => second.stop());
  const id = /"dag_id":"([^"]+)"/.exec(started.text)?.[1] ?? '';
  const written = async () => {
    expect(await readStates(second.url, id)).toEqual([{ state: 'completed' }]);
    return true;
  };
  await eventually('the end is in the database', written, { timeoutMs: 20_000 });
}, 60_000);

async function prepare(connectionString: string): Promise<void> {
  const pool = new pg.Pool({ connectionString, max: 1 });
  await initialiseTarget(pool, SCHEMA);
  await deploy(pool, 'v1.0.0', { letters: threeNodes('/extract', { mock_latency_ms: 500 }) });
  await pool.end();
}

async function readStates(connectionString: string, id: string): Promise<object[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<object>('select state from marie_scheduler.dag where id = $1', [id]);
    return rows;
  } finally {
    await client.end();
  }
}
