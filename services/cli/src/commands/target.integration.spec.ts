import {
  newId,
  SecretsRotation,
  TargetAsOf,
  TargetChanges,
  TargetHealth,
  TargetProbe,
  TargetsApplied,
  type TargetChange,
} from '@m3/contracts';
import { at, FakeGateway, ok, problem } from '../fake-gateway.spec.js';
import { m3Publish, type World } from '../terminal.spec.js';

const id = newId('target');

describe('target', () => {
  let gateway: FakeGateway;
  beforeEach(async () => {
    gateway = await new FakeGateway().start();
  });
  afterEach(() => gateway.stop());
  const run = (args: readonly string[], world: World = {}) => m3Publish(args, { url: gateway.url, ...world });

  describe('apply', () => {
    const apply = (...more: string[]) =>
      run(['target', 'apply', '-f', '-', ...more], { stdin: JSON.stringify([{ name: 'A' }, { name: 'B' }]) });
    const faults = [
      { code: 'unknown_field', field: '/targets/0/colour', message: 'colour is not a field of a target' },
      { code: 'invalid_cron', field: '/targets/1/schedule/cron', message: 'use five fields' },
    ];

    it('lists all that is wrong, with file and target', async () => {
      const [first] = faults;
      gateway.on('POST', 'targets', () =>
        problem(422, 'unknown_field', { field: first?.field ?? '', detail: first?.message ?? '', findings: faults }),
      );
      const { exitCode, stderr } = await apply();
      expect(exitCode).toBe(1);
      expect(stderr.split('\n').slice(0, 3)).toEqual([
        'm3-publish: stdin: A: colour is not a field of a target (field colour)',
        '  stdin: A: colour: colour is not a field of a target (unknown_field)',
        '  stdin: B: schedule.cron: use five fields (invalid_cron)',
      ]);
      const json = JSON.parse((await apply('--json')).stderr) as { error: { findings: unknown } };
      expect(json.error).toMatchObject({ code: 'unknown_field', findings: [{ code: 'unknown_field' }, {}] });
    });

    it('sends the revision that was looked at, and tells what was changed since', async () => {
      const change = { field: 'region', before: 'eu', after: 'us' };
      const findings = [{ revision: 8, what: 'changed', at, by: 'bob', reason: null, changes: [change] }];
      gateway.on('POST', 'targets', () =>
        problem(412, 'target_changed', { detail: 'A is at revision 8 now', findings }),
      );
      const { exitCode, stderr } = await run(['target', 'apply', '-f', '-', '--if-match', '7'], {
        stdin: '{"name":"A"}',
      });
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`A is at revision 8 now\n  revision 8: changed by bob at ${at}: region`);
      expect(gateway.requests[0]?.headers['if-match']).toBe('"7"');
    });

    it('asks nothing on a terminal when nothing changes', async () => {
      const targets = [{ target_id: id, name: 'A', outcome: 'unchanged', revision: 7, changes: [] }];
      gateway.on('POST', 'targets', () => ok(TargetsApplied, { dry_run: true, targets }));
      const { exitCode, stderr } = await run(['target', 'apply', '-f', '-'], { stdin: '{"name":"A"}', terminal: true });
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: 'nothing to change\n' });
      expect(gateway.requests).toHaveLength(1);
    });
  });

  it('show --at: as it stood then', async () => {
    const document = {
      ...{ name: 'A', environment: 'staging', type: 'auto_deploy', gateway_id: 'g', schema: 's' },
      gateway_url: 'https://g.example.com',
    };
    gateway.on('GET', 'targets/A', () =>
      ok(TargetAsOf, {
        ...{ at, target_id: id, name: 'A', environment: 'staging', type: 'auto_deploy', document },
        ...{ status: 'held', hold: { reason: 'load test', by: 'ann', since: at }, revision: 3, health: null },
        active: {
          project: 'p',
          version: 'v1.2.0',
          previous_version: 'v1.1.0',
          publish_id: newId('publish'),
          since: at,
        },
        database: { host: 'db', port: 5432, name: 'm3' },
        ...{ config_digest: `sha256:${'a'.repeat(64)}`, created_at: at, changed_at: at },
      }),
    );
    const { stdout } = await run(['target', 'show', 'A', '--at', '2026-03-19T15:23:45+01:00']);
    expect(stdout).toContain(`Held\tby ann since ${at}: load test`);
    expect(stdout).toContain(`Active\tp v1.2.0 since ${at}`);
    expect(stdout).toContain('Revision\t3, changed');
    expect(gateway.requests[0]?.query).toEqual({ at: '2026-03-19T14:23:45.000Z' });
    expect((await run(['target', 'show', 'A', '--at', 'yesterday'])).exitCode).toBe(2);
  });

  it('history: who changed which fields, page after page', async () => {
    const change = (revision: number): TargetChange => ({
      ...{ revision, what: 'changed', at, by: 'bob', reason: null },
      changes: [{ field: 'region', before: null, after: `r${revision}` }],
    });
    gateway.on('GET', 'targets/A/changes', ({ query }) => {
      const items = query['before'] === undefined ? [change(3), change(2)] : [change(1)];
      const next_before = query['before'] === undefined ? 2 : null;
      return ok(TargetChanges, { target_id: id, target_name: 'A', items, next_before });
    });
    const { stdout } = await run(['target', 'history', 'A']);
    expect(stdout.split('\n')).toEqual([
      ...[3, 2, 1].flatMap((n) => [`revision ${n}  ${at}  changed by bob`, `    region: r${n}`]),
      '',
    ]);
  });

  const failed = {
    ...{ at, healthy: false, gateway_latency_ms: null, database_latency_ms: 2.34 },
    faults: [{ what: 'gateway', code: 'timeout', message: 'The gateway did not answer.' }],
  };

  it('check: says what fails, and ends with 1', async () => {
    gateway.on('POST', 'targets/A/check', () => ok(TargetProbe, failed));
    const { exitCode, stdout } = await run(['target', 'check', 'A']);
    expect(exitCode).toBe(1);
    expect(stdout.split('\n')).toEqual([
      'A: not healthy',
      'Gateway\tno answer',
      'Database\t2.3 ms',
      'Fails\tThe gateway did not answer. (timeout)',
      '',
    ]);
  });

  it('health: the probes of the last time', async () => {
    const health = { target_id: id, status: 'unhealthy', interval_seconds: 60, next_probe_at: at, probes: [failed] };
    gateway.on('GET', 'targets/A/health', () => ok(TargetHealth, health));
    const { stdout, stderr } = await run(['target', 'health', 'A']);
    expect(stdout).toBe(`${at}\tfailed\tno answer\t2.3 ms\tThe gateway did not answer.\n`);
    expect(stderr).toContain('A: unhealthy, every 60 s');
  });

  describe('secret rotate', () => {
    const rotation = (rewrapped: number, remaining: number) =>
      ok(SecretsRotation, {
        ...{ key_id: 'local-2', current: 5, remaining, unopenable: [] },
        rewrapped: rewrapped === 0 ? [] : [{ key_id: 'local-1', count: rewrapped }],
      });

    it('goes on until nothing remains', async () => {
      let runs = 0;
      gateway.on('POST', 'secrets/rotate', () => (runs++ === 0 ? rotation(3, 2) : rotation(2, 0)));
      const { exitCode, stdout } = await run(['secret', 'rotate']);
      expect({ exitCode, runs }).toEqual({ exitCode: 0, runs: 2 });
      expect(stdout).toContain('5 secrets are under local-2');
    });

    it('ends with 1 when it gets nowhere', async () => {
      gateway.on('POST', 'secrets/rotate', () => rotation(0, 2));
      expect((await run(['secret', 'rotate'])).exitCode).toBe(1);
      expect(gateway.requests).toHaveLength(1);
    });
  });
});
