import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId, OverrideAccepted, PublishDetail, type CheckResult, type GateRound } from '@m3/contracts';
import { at, FakeGateway, ok, problem, publishDetail } from '../fake-gateway.spec.js';
import { m3Publish, type World } from '../terminal.spec.js';

let gateway: FakeGateway;
beforeEach(async () => {
  gateway = await new FakeGateway().start();
});
afterEach(() => gateway.stop());

const run = (args: readonly string[], world: World = {}) => m3Publish(args, { url: gateway.url, ...world });
const id = newId('publish');

const check = (name: string, more: Partial<CheckResult> = {}): CheckResult => ({
  ...{ name, outcome: 'passed', message: 'all well', duration_ms: 12, findings: [], log: [] },
  ...more,
});

function gatesOf(more: Partial<GateRound>): void {
  const none = { outcome: null, checks: [], running: [], not_run: [], overrides: [] };
  const gates: GateRound = { ...none, override_until: null, override_roles: [], ...more };
  const detail = { ...publishDetail({ publish_id: id }), gates };
  gateway.on('GET', `publishes/${id}`, () => ok(PublishDetail, detail));
}

describe('m3-publish gate list', () => {
  it('shows each gate with result and duration, its findings, and those that are not run', async () => {
    const finding = { code: 'secret.api_key', severity: 'error', message: 'a key', remedy: 'Take it out.' } as const;
    gatesOf({
      checks: [check('workflow_validation'), check('security', { outcome: 'failed', findings: [finding] })],
      running: [{ gate: 'external:licences', waits_for: 'callback', message: 'in a queue', deadline_at: at }],
      not_run: [{ gate: 'performance', reason: 'the target does not ask for it' }],
    });
    const { stdout, exitCode } = await run(['gate', 'list', id]);
    expect(exitCode).toBe(0);
    expect(stdout.trimEnd().split('\n')).toEqual([
      'workflow_validation\tpassed\t12 ms\tall well',
      'security\tfailed\t12 ms\tall well',
      'external:licences\twaits for its callback\t\tin a queue',
      'performance\tnot run\t\tthe target does not ask for it',
      'security: bundle error secret.api_key a key — Take it out.',
    ]);
  });

  it('says who has overridden a gate, and why', async () => {
    const overrides = [{ gate: 'security', by: 'alice', reason: 'revoked', at }];
    gatesOf({ outcome: 'passed', checks: [check('security', { outcome: 'failed' })], overrides });
    const { stdout } = await run(['gate', 'list', id]);
    expect(stdout).toContain('security\tfailed, overridden by alice\t12 ms\tall well (revoked)');
  });
});

describe('m3-publish gate override', () => {
  it('sends the reason, and says what still has to be overridden', async () => {
    gateway.on('POST', `publishes/${id}/gates/security/override`, () =>
      ok(OverrideAccepted, { publish_id: id, gate: 'security', remaining: ['performance'] }, 202),
    );
    const { stdout } = await run(['gate', 'override', id, 'security', '--reason', 'revoked']);
    expect(gateway.requests.at(-1)?.body).toEqual({ reason: 'revoked' });
    expect(stdout.trim()).toBe(`${id}: security is overridden; still to override: performance`);
  });

  it('asks for a reason, and passes a refusal on', async () => {
    expect((await run(['gate', 'override', id, 'security'])).exitCode).toBe(2);
    gateway.on('POST', `publishes/${id}/gates/security/override`, () => problem(409, 'gates_ended'));
    const { exitCode, stderr } = await run(['gate', 'override', id, 'security', '--reason', 'x']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('gates_ended');
  });
});

describe('m3-publish gate osv import', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'm3-osv-'));
    await mkdir(join(folder, 'osv'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const record = {
    id: 'OSV-1',
    modified: '2026-03-01T00:00:00Z',
    affected: [{ package: { ecosystem: 'PyPI', name: 'a' } }],
  };
  const importing = (...to: string[]) => run(['gate', 'osv', 'import', join(folder, 'osv'), '--json', ...to]);

  it('takes records in for the security gate', async () => {
    await writeFile(join(folder, 'osv', 'OSV-1.json'), JSON.stringify(record));
    const { stdout, exitCode } = await importing('--to', join(folder, 'list'));
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ records: 1, ecosystems: { PyPI: 1 }, newest_record: record.modified });
  });

  it.each([
    ['a folder that is not said', [], 'vulnerability_folder_missing'],
    ['a folder without records', ['--to', '/nowhere'], 'osv_empty'],
  ])('refuses %s', async (_, to, expected) => {
    const { stderr, exitCode } = await importing(...to);
    expect(exitCode).not.toBe(0);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: expected } });
  });
});
