import { randomUUID } from 'node:crypto';
import { release, useTargets, type TestTarget } from '../fixtures/releases.fixture.spec.js';
import { useScriptedGateway, type Script } from '../fixtures/scripted-gateway.fixture.spec.js';

const gateway = useScriptedGateway();
const freshTarget = useTargets({ gatewayUrl: () => gateway.url });

const request = { workflow: 'invoice-extraction', version: 'v1.0.0', input: { page: 1 }, deadlineMs: 3_000 };

const invoke =
  (parameters: () => unknown): Script =>
  ({ path }) =>
    path === '/api/v1/invoke' ? [200, { header: {}, parameters: parameters(), data: null }] : undefined;

/** Marie's tables, as far as they are read. */
async function schedulerTables({ sql }: TestTarget) {
  await sql.query(`
    create schema if not exists marie_scheduler;
    create table if not exists marie_scheduler.dag (id uuid primary key, name text, state text, serialized_dag jsonb, planner text, started_on timestamptz, completed_on timestamptz);
    create table if not exists marie_scheduler.job (id uuid, name text, state text, dag_id uuid, job_level integer, output jsonb);`);
}

async function planned({ sql }: TestTarget, dag: string, state: string, jobs: readonly string[]) {
  for (const [level, job] of jobs.entries()) {
    const values = [randomUUID(), `job-${level}`, job, dag, level];
    await sql.query(`insert into marie_scheduler.job values ($1, $2, $3, $4, $5, '{"level": 1}')`, values);
  }
  await sql.query(
    `insert into marie_scheduler.dag values ($1, 'x', $2, '{}', 'p', '2024-01-01T00:00:00Z', '2024-01-01T00:00:01.5Z')`,
    [dag, state],
  );
}

it('submits by the immutable planner name and follows the run in the tables', async () => {
  const made = await freshTarget();
  await schedulerTables(made);
  const dag = randomUUID();
  gateway.answers(
    invoke(() => {
      // Planning is asynchronous: the rows come later than the answer.
      setTimeout(() => void planned(made, dag, 'completed', ['completed', 'completed']), 40);
      return { status: 'ok', msg: 'job submitted', job_id: dag };
    }),
  );
  expect(await made.target.runWorkflow(request)).toEqual({
    state: 'completed',
    ran: true,
    dag_id: dag,
    version: 'v1.0.0',
    jobs: [
      { id: expect.any(String), name: 'job-0', task_id: null, state: 'completed', job_level: 0 },
      { id: expect.any(String), name: 'job-1', task_id: null, state: 'completed', job_level: 1 },
    ],
    output: { level: 1 },
    error: null,
    duration_ms: 1_500,
  });
  expect(gateway.calls.at(-1)?.body).toMatchObject({
    parameters: {
      invoke_action: {
        action_type: 'command',
        command: 'job',
        action: 'submit',
        api_key: null,
        metadata: {
          planner: 'invoice-extraction--v1.0.0',
          input: { page: 1 },
          project_id: expect.any(String),
          ref_id: expect.any(String),
          policy: 'allow_all',
          schema: made.schema,
        },
      },
    },
  });
});

it('runs the active version when none is named, and says so when none is active', async () => {
  const made = await freshTarget();
  await schedulerTables(made);
  const { version: _version, ...unversioned } = request;
  const script = invoke(() => ({ error: 'not here' }));
  gateway.answers(script);
  expect(await made.target.runWorkflow(unversioned)).toMatchObject({
    state: 'refused',
    error: { code: 'no_active_release' },
  });
  await made.target.deploy(release('v3.0.0', 1));
  await made.target.activate({ version: 'v3.0.0', expectedVersion: null, fence: 1 });
  expect(await made.target.runWorkflow(unversioned)).toMatchObject({
    version: 'v3.0.0',
    error: { code: 'invoke_failed', message: 'not here' },
  });
});

it.each([
  ['completed without job rows', 'completed', [], { state: 'completed', ran: false, error: { code: 'did_not_run' } }],
  [
    'failed',
    'failed',
    ['completed', 'failed'],
    { state: 'failed', ran: true, error: { code: 'failed', message: 'The run ended as failed: job-1.' } },
  ],
  ['expired', 'expired', ['expired'], { state: 'expired', error: { code: 'expired' } }],
])('does not take a run that is %s for a success', async (_what, state, jobs, expected) => {
  const made = await freshTarget();
  await schedulerTables(made);
  const dag = randomUUID();
  await planned(made, dag, state, jobs);
  gateway.answers(invoke(() => ({ status: 'ok', job_id: dag })));
  expect(await made.target.runWorkflow(request)).toMatchObject(expected);
});

it('stops waiting at the deadline, also for a run that is never planned', async () => {
  const made = await freshTarget();
  await schedulerTables(made);
  gateway.answers(invoke(() => ({ status: 'ok', job_id: randomUUID() })));
  expect(await made.target.runWorkflow({ ...request, deadlineMs: 60 })).toMatchObject({
    state: 'timed_out',
    ran: false,
    error: { code: 'timed_out' },
  });
});

it.each([
  ['an error', { error: 'Invalid or expired token' }],
  ['status error', { status: 'error', msg: 'Failed to submit job. unknown planner' }],
  ['no job id', { status: 'ok' }],
])('takes HTTP 200 with %s for a refusal', async (_what, parameters) => {
  const made = await freshTarget();
  gateway.answers(invoke(() => parameters));
  expect(await made.target.runWorkflow(request)).toMatchObject({
    state: 'refused',
    ran: false,
    error: { code: 'invoke_failed' },
  });
});

it.each([
  [401, 'unauthorized'],
  [403, 'forbidden'],
] as const)('tells a token problem (HTTP %d)', async (status, code) => {
  const made = await freshTarget();
  gateway.answers(({ path }) => (path === '/api/v1/invoke' ? [status, { detail: 'x' }] : undefined));
  expect(await made.target.runWorkflow(request)).toMatchObject({ state: 'refused', error: { code } });
});

it('says that runs cannot be followed in a database without the tables of Marie', async () => {
  const made = await freshTarget();
  await made.sql.query('drop schema if exists marie_scheduler cascade');
  gateway.answers(invoke(() => ({ status: 'ok', job_id: randomUUID() })));
  await expect(made.target.runWorkflow(request)).rejects.toMatchObject({ what: 'database', code: 'unexpected_answer' });
});
