import { useScriptedTarget, withExtension } from '../fixtures/scripted-target.fixture.spec.js';

const { gateway, target } = useScriptedTarget();

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

  it('shows what the gateway says in one line that can be kept, whatever it says', async () => {
    const said = (text: string) => `${text}\u0000\n\u001b[2J\ud800 mas_canary ${'x'.repeat(2_000)}`;
    const error = { code: said('E'), message: said('it broke') };
    const failedJob = { ...job, name: said('job'), state: 'failed' };
    for (const answer of [
      { ...execution, state: 'failed', error },
      { ...execution, state: 'failed', jobs: [failedJob] },
    ]) {
      const { error: shown } = await target(withExtension(() => [200, answer])).runWorkflow(request);
      expect(JSON.stringify(shown)).not.toMatch(/canary|\\u|\\n|x{600}/);
      expect(shown?.message).toMatch(/^(it broke|The run ended as failed: job) \[2J +\*\*\* x+/);
    }
  });

  it('is unknown when the gateway fails', async () => {
    const running = target(withExtension(() => [500, { error: { code: 'internal', message: '' } }])).runWorkflow(
      request,
    );
    await expect(running).rejects.toMatchObject({ code: 'http_status', status: 500 });
  });
});
