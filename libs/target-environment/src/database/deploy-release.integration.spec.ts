import { eventually } from '@m3/testing';
import { TargetUnreachableError } from '../errors.js';
import { release, sampleBundle, useTargets, type TestTarget } from '../fixtures/releases.fixture.spec.js';

const freshTarget = useTargets();

async function artifactVersions({ sql, schema }: TestTarget): Promise<string[]> {
  const { rows } = await sql.query<{ version: string }>(
    `select version from "${schema}".workflow_definition union all select version from "${schema}".agent_definition
     union all select version from "${schema}".processor_definition order by 1`,
  );
  return rows.map(({ version }) => version);
}

describe('deploying', () => {
  it('puts all artifacts and the manifest on the target, and activates nothing', async () => {
    const made = await freshTarget();
    const result = await made.target.deploy(release('v1.0.0', 1));
    expect(result).toEqual({
      outcome: 'deployed',
      counts: { workflows: 3, agents: 1, processors: 1 },
      checksum: release('v1.0.0', 1).bundleDigest,
    });
    expect(await artifactVersions(made)).toHaveLength(5);
    expect(await made.target.releaseState()).toEqual({ active: null, routes: [], fence: 1 });
    expect(await made.target.manifest('v1.0.0')).toMatchObject({
      project: 'invoices',
      version: 'v1.0.0',
      artifacts: expect.arrayContaining([
        { kind: 'agent', name: 'reviewer', digest: expect.stringMatching(/^sha256:/) },
      ]),
    });
  });

  it('changes nothing the second time', async () => {
    const made = await freshTarget();
    await made.target.deploy(release('v1.0.0', 1));
    expect(await made.target.deploy(release('v1.0.0', 2))).toMatchObject({ outcome: 'already_deployed' });
    expect(await artifactVersions(made)).toHaveLength(5);
  });

  it('happens once when several attempts run at the same time', async () => {
    const made = await freshTarget();
    const results = await Promise.all(Array.from({ length: 6 }, () => made.target.deploy(release('v1.0.0', 1))));
    expect(results.map(({ outcome }) => outcome).sort()).toEqual([...Array(5).fill('already_deployed'), 'deployed']);
  });

  it('refuses other contents under the same version', async () => {
    const { target } = await freshTarget();
    const first = release('v1.0.0', 1);
    await target.deploy(first);
    expect(await target.deploy(release('v1.0.0', 2, sampleBundle('v1.0.1')))).toEqual({
      outcome: 'conflict',
      reason: 'other_checksum',
      checksum: first.bundleDigest,
    });
  });

  it.each([
    ['a NUL', 'not_storable', { ...sampleBundle('v1'), agents: [{ name: 'reviewer', system_message: 'a\0b' }] }],
    [
      'half a surrogate pair',
      'not_storable',
      { ...sampleBundle('v1'), agents: [{ name: 'reviewer', system_message: '\ud800' }] },
    ],
    ['a name twice', 'duplicate_name', { ...sampleBundle('v1'), agents: [{ name: 'reviewer' }, { name: 'reviewer' }] }],
  ])('leaves nothing behind of a bundle with %s', async (_what, reason, bundle) => {
    const made = await freshTarget();
    expect(await made.target.deploy(release('v1.0.0', 1, bundle))).toEqual({ outcome: 'conflict', reason });
    expect(await artifactVersions(made)).toEqual([]);
    expect(await made.target.manifest('v1.0.0')).toBeNull();
  });

  it('fences off an older attempt that wakes up late', async () => {
    const made = await freshTarget();
    const blocker = await made.sql.connect();
    await blocker.query('begin');
    await blocker.query(`select from "${made.schema}".deployment_fence for update`);
    const older = made.target.deploy(release('v1.0.0', 7));
    await eventually('the older attempt waits for the fence', () => waiting(made));
    await blocker.query(`update "${made.schema}".deployment_fence set fence = 8`);
    await blocker.query('commit');
    blocker.release();
    expect(await older).toEqual({ outcome: 'fenced', current: 8 });
    expect(await artifactVersions(made)).toEqual([]);
  });

  it('leaves nothing half-done when its connection is killed in the middle', async () => {
    const made = await freshTarget();
    const blocker = await made.sql.connect();
    await blocker.query('begin');
    await blocker.query(`lock table "${made.schema}".processor_definition in exclusive mode`);
    const attempt = made.target.deploy(release('v1.0.0', 1)).catch((error: unknown) => error);
    await eventually('workflows and agents are written, processors wait', () => waiting(made));
    await made.sql.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    expect(await attempt).toMatchObject({ what: 'database', code: 'connection_lost', retryable: true });
    await blocker.query('rollback');
    blocker.release();
    expect(await artifactVersions(made)).toEqual([]);
    expect(await made.target.releaseState()).toEqual({ active: null, routes: [], fence: 0 });
    expect(await made.target.deploy(release('v1.0.0', 1))).toMatchObject({ outcome: 'deployed' });
  });

  it('gives up at its deadline, or when the caller does, and can be repeated', async () => {
    const made = await freshTarget();
    const blocker = await made.sql.connect();
    await blocker.query('begin');
    await blocker.query(`select from "${made.schema}".deployment_fence for update`);
    const late = made.target.deploy(release('v1.0.0', 1), { timeoutMs: 50 });
    await expect(late).rejects.toMatchObject({ code: 'timeout' });
    const caller = new AbortController();
    const cancelled = made.target.deploy(release('v1.0.0', 1), { signal: caller.signal });
    caller.abort();
    await expect(cancelled).rejects.toThrow(TargetUnreachableError);
    await expect(cancelled).rejects.toMatchObject({ code: 'aborted' });
    await blocker.query('rollback');
    blocker.release();
    expect((await made.target.deploy(release('v1.0.0', 1))).outcome).toMatch(/^(already_)?deployed$/);
  });
});

describe('discarding a release', () => {
  it('removes one that never served, with everything of it', async () => {
    const made = await freshTarget();
    await made.target.deploy(release('v1.0.0', 1));
    expect(await made.target.discardRelease({ version: 'v1.0.0', fence: 1 })).toEqual({ outcome: 'discarded' });
    expect(await artifactVersions(made)).toEqual([]);
    expect(await made.target.discardRelease({ version: 'v1.0.0', fence: 1 })).toEqual({ outcome: 'already_absent' });
  });

  it('keeps what serves or has served', async () => {
    const { target } = await freshTarget();
    await target.deploy(release('v1.0.0', 1));
    await target.activate({ version: 'v1.0.0', expectedVersion: null, fence: 1 });
    expect(await target.discardRelease({ version: 'v1.0.0', fence: 1 })).toEqual({ outcome: 'kept', reason: 'active' });
    await target.deploy(release('v1.1.0', 2));
    await target.activate({ version: 'v1.1.0', expectedVersion: 'v1.0.0', fence: 2 });
    expect(await target.discardRelease({ version: 'v1.0.0', fence: 2 })).toEqual({
      outcome: 'kept',
      reason: 'was_active',
    });
  });

  it('is fenced', async () => {
    const { target } = await freshTarget();
    await target.deploy(release('v1.0.0', 5));
    expect(await target.discardRelease({ version: 'v1.0.0', fence: 4 })).toEqual({ outcome: 'fenced', current: 5 });
  });
});

async function waiting({ sql }: TestTarget): Promise<boolean> {
  const { rowCount } = await sql.query(
    `select from pg_stat_activity where datname = current_database() and application_name = 'm3-publish' and wait_event_type = 'Lock'`,
  );
  return rowCount !== 0;
}
