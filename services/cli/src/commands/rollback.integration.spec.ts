import { newId, RollbackAccepted, RollbackPlan } from '@m3/contracts';
import { at, FakeGateway, ok, problem } from '../fake-gateway.spec.js';
import { m3Publish, type World } from '../terminal.spec.js';

const digest = `sha256:${'a'.repeat(64)}`;
const backup_id = newId('backup');
const stopped = newId('publish');
const planned: RollbackPlan = {
  ...{ target_id: newId('target'), target_name: 'Production', environment: 'production' },
  from: { project: 'invoices', version: 'v1.2.0' },
  to: { project: 'invoices', version: 'v1.1.0', bundle_digest: digest },
  backup: { backup_id, name: 'backup-production', digest, taken_at: at, bytes: 2_048 },
  ...{ undoes: newId('publish'), smoke_tests: true },
  takes_over: [{ publish_id: stopped, project: 'invoices', version: 'v1.3.0', status: 'backing_up' }],
  vetoed: [{ project: 'invoices', version: 'v1.2.0' }],
  comparison: {
    ...{ condition: 'ok', reason: null, equal: false },
    changes: {
      counts: { new: 0, updated: 0, deleted: 1, unchanged: 2 },
      changes: [{ kind: 'workflow', name: 'receipts', change: 'deleted', before: digest }],
      omitted: 0,
    },
  },
};

describe('m3-publish rollback', () => {
  let gateway: FakeGateway;
  beforeEach(async () => {
    gateway = await new FakeGateway().start();
  });
  afterEach(() => gateway.stop());

  const accepted = { publish_id: newId('publish'), project: 'invoices', version: 'v1.1.0', backup_id };
  const wish = ['--target', 'Production', '--reason', 'no totals'];
  const run = (args: readonly string[], world: World = {}) =>
    m3Publish(['rollback', ...args], { url: gateway.url, ...world });
  const plans = (plan: RollbackPlan = planned, path = 'targets/Production') =>
    gateway.on('POST', `${path}/rollback/plan`, () => ok(RollbackPlan, plan));
  const accepts = (path = 'targets/Production', body: RollbackAccepted = accepted) =>
    gateway.on('POST', `${path}/rollback`, () => ok(RollbackAccepted, body, 202));
  const requests = (path = 'targets/Production') => gateway.received('POST', `${path}/rollback`);

  it('shows what would come back and whom it would stop, and asks for the backup that it showed', async () => {
    plans();
    accepts();
    const { exitCode, stdout, stderr } = await run(wish);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: `  → m3-publish watch ${accepted.publish_id}\n` });
    expect(stdout.trimEnd().split('\n')).toEqual([
      'Rollback of Production: invoices v1.2.0 → invoices v1.1.0',
      `  backup backup-production (${backup_id}), taken ${at}`,
      `  ! stops ${stopped} (v1.3.0, backing up)`,
      '  changes: 0 new, 0 updated, 1 deleted',
      '    - workflow receipts: deleted',
      '    = 2 unchanged',
      '  holds the target: automatic publishes wait until it is released',
      '  vetoes invoices v1.2.0',
      `rollback to v1.1.0: requested as ${accepted.publish_id}`,
    ]);
    expect(requests().map(({ body }) => body)).toEqual([{ reason: 'no totals', expected_backup_id: backup_id }]);
  });

  it.each([
    ['', [], 1, 0],
    ['n', [], 1, 0],
    ['y', [], 0, 1],
    ['nobody is asked', ['--yes'], 0, 1],
  ])('asks on a terminal: the answer "%s" with %p ends with %i', async (answer, options, code, asked) => {
    plans();
    accepts();
    const { exitCode, stderr } = await run([...wish, ...options], { terminal: true, answer });
    expect({ exitCode, asked: requests().length }).toEqual({ exitCode: code, asked });
    expect(stderr.includes('Roll Production back? [y/N]')).toBe(options.length === 0);
  });

  it('names the version that should come back, in the plan and in the request', async () => {
    plans();
    accepts();
    expect(await run([...wish, '--to', 'v1.0.0', '--yes'])).toMatchObject({ exitCode: 0 });
    expect(gateway.requests.map(({ body }) => body)).toEqual([
      { to: 'v1.0.0' },
      { to: 'v1.0.0', reason: 'no totals', expected_backup_id: backup_id },
    ]);
  });

  it('undoes one publish', async () => {
    plans(planned, `publishes/${stopped}`);
    accepts(`publishes/${stopped}`);
    expect(await run([stopped, '--reason', 'wrong version', '--yes'])).toMatchObject({ exitCode: 0 });
    expect(requests(`publishes/${stopped}`)[0]?.body).toEqual({
      ...{ reason: 'wrong version', expected_backup_id: backup_id },
    });
  });

  it('only shows the plan with --plan, which needs no reason; with --json as it is', async () => {
    plans();
    const shown = await run(['--target', 'Production', '--plan'], { terminal: true });
    expect(shown).toMatchObject({ exitCode: 0, stderr: '' });
    expect(shown.stdout).toContain('Rollback of Production');
    const { stdout } = await run(['--target', 'Production', '--plan', '--json']);
    expect(JSON.parse(stdout)).toEqual(planned);
    expect(requests()).toEqual([]);
  });

  it('says what it does not know about the backup', async () => {
    const comparison = { condition: 'altered', reason: 'another digest', changes: null, equal: null } as const;
    plans({ ...planned, comparison });
    const { stdout } = await run(['--target', 'Production', '--plan']);
    expect(stdout).toContain('  ✗ the backup is altered: another digest\n  what would change is not known\n');
    for (const condition of ['ok', 'unknown'] as const) {
      plans({ ...planned, comparison: { ...comparison, condition, reason: 'no answer' } });
      const told = (await run(['--target', 'Production', '--plan'])).stdout;
      expect(told).toContain('  what would change is not known: no answer\n');
      expect(told).not.toContain('the backup is');
    }
    plans({ ...planned, comparison: { ...planned.comparison, equal: true } });
    expect((await run(['--target', 'Production', '--plan'])).stdout).toContain('the target equals the backup already');
  });

  it('prints one JSON document with --json, and the plan nowhere', async () => {
    plans();
    accepts();
    const { exitCode, stdout, stderr } = await run([...wish, '--json']);
    expect({ exitCode, stderr, reply: JSON.parse(stdout) as unknown }).toEqual({
      ...{ exitCode: 0, stderr: '', reply: accepted },
    });
  });

  it.each([
    ['succeeded', 0],
    ['rollback_failed', 1],
    ['cancelled', 6],
  ] as const)('is followed to its end with --watch: %s ends with %i', async (status, code) => {
    const { id } = gateway.addPublish({ status, trigger: 'rollback', outcome_reason: 'so it is', duration_ms: 10 });
    plans();
    accepts('targets/Production', { ...accepted, publish_id: id });
    expect((await run([...wish, '--watch'])).exitCode).toBe(code);
    const { exitCode, stdout } = await run([...wish, '--watch', '--json']);
    expect(exitCode).toBe(code);
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toEqual({ rollback: { ...accepted, publish_id: id } });
  });

  it.each([
    ['the plan', 409, 'no_previous_version', 1],
    ['the request', 409, 'plan_changed', 1],
    ['the request', 409, 'rollback_running', 1],
    ['the plan', 403, 'not_allowed', 3],
    ['the request', 503, 'owner_unavailable', 4],
  ])('tells when %s is refused: %i %s ends with %i', async (what, status, code, exit) => {
    const refused = () => problem(status, code, { field: '/to' });
    plans();
    gateway.on('POST', `targets/Production/rollback${what === 'the plan' ? '/plan' : ''}`, refused);
    const told = await run(wish);
    expect(told.exitCode).toBe(exit);
    expect(told.stderr).toContain(`m3-publish: refused: ${code} (field to)`);
    const { stdout, stderr } = await run([...wish, '--json']);
    expect(stdout).toBe('');
    expect(JSON.parse(stderr)).toMatchObject({ error: { code, status } });
  });

  it.each([
    [['--target', 'Production'], 'reason_missing'],
    [['--reason', 'no totals'], 'target_missing'],
    [[stopped, ...wish], 'target_missing'],
    [[stopped, '--to', 'v1.0.0', '--reason', 'no totals'], 'to_not_allowed'],
  ])('asks nobody when it is not said well: %p is %s', async (args, code) => {
    const { exitCode, stderr } = await run([...args, '--json']);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code, remedy: expect.any(String) } });
    expect(gateway.requests).toEqual([]);
  });
});
