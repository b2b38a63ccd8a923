import {
  ApprovalList,
  DeadLetterList,
  DeadLetterMessage,
  DeadLettersReplayed,
  DeadLetterView,
  MeReply,
  newId,
  PublishesAccepted,
  PublishList,
  PublishWhy,
  TargetAccepted,
  TargetList,
  TargetsApplied,
  VoteAccepted,
  type ApprovalSummary,
  type TargetSummary,
} from '@m3/contracts';
import { at, FakeGateway, ok, problem, publishDetail, stepsAt } from '../fake-gateway.spec.js';
import { m3Publish, type World } from '../terminal.spec.js';

const digest = `sha256:${'a'.repeat(64)}`;

describe('operating with m3-publish', () => {
  let gateway: FakeGateway;
  beforeEach(async () => {
    gateway = await new FakeGateway().start();
  });
  afterEach(() => gateway.stop());
  const run = (args: readonly string[], world: World = {}) => m3Publish(args, { url: gateway.url, ...world });
  const target = (changes: Partial<TargetSummary> = {}): TargetSummary => {
    const fresh: TargetSummary = {
      target_id: newId('target'),
      name: 'staging',
      environment: 'staging',
      type: 'auto_deploy',
      region: null,
      gateway_id: 'gateway-1',
      gateway_url: 'https://gateway.example.com',
      status: 'active',
      health: null,
      hold: null,
      active: null,
      latest_publish: null,
    };
    return { ...fresh, ...changes };
  };
  const targets = (...items: TargetSummary[]): void => {
    gateway.on('GET', 'targets', () => ok(TargetList, { items, next_cursor: null }));
  };

  describe('target apply', () => {
    const applied = (dryRun: boolean, outcome: 'created' | 'unchanged') =>
      ok(TargetsApplied, {
        dry_run: dryRun,
        targets: [
          {
            target_id: newId('target'),
            name: 'A',
            outcome,
            revision: dryRun ? null : 1,
            changes: outcome === 'created' ? [{ field: 'region', before: null, after: 'eu' }] : [],
          },
        ],
      });
    const accepts = (outcome: 'created' | 'unchanged'): void => {
      gateway.on('POST', 'targets', ({ query }) => applied(query['dry_run'] === 'true', outcome));
    };
    const document = JSON.stringify({ name: 'A' });
    const dryRuns = (): (string | undefined)[] =>
      gateway.received('POST', 'targets').map(({ query }) => query['dry_run']);

    it('shows the diff, then applies', async () => {
      accepts('created');
      const { exitCode, stdout } = await run(['target', 'apply', '-f', '-'], { stdin: document });
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/^\+ A: new\n {4}region: eu\nA: created \(tgt_[^,]+, revision 1\)/);
      expect(dryRuns()).toEqual(['true', 'false']);
      expect(gateway.requests[1]?.body).toEqual({ targets: [{ name: 'A' }] });
    });

    it('changes nothing with --dry-run', async () => {
      accepts('created');
      expect((await run(['target', 'apply', '-f', '-', '--dry-run'], { stdin: document })).exitCode).toBe(0);
      expect(dryRuns()).toEqual(['true']);
    });

    it('changes nothing when nothing differs', async () => {
      accepts('unchanged');
      const { stdout, stderr } = await run(['target', 'apply', '-f', '-'], { stdin: document });
      expect([stdout, stderr]).toEqual(['= A: unchanged\n', 'nothing to change\n']);
      expect(dryRuns()).toEqual(['true']);
    });

    it.each([
      ['', 1, ['true']],
      ['y', 0, ['true', 'false']],
    ])('asks on a terminal; the answer "%s" ends with %i', async (answer, code, requests) => {
      accepts('created');
      const { exitCode } = await run(['target', 'apply', '-f', '-'], { stdin: document, terminal: true, answer });
      expect(exitCode).toBe(code);
      expect(dryRuns()).toEqual(requests);
    });

    it('names file and target of the document at fault', async () => {
      gateway.on('POST', 'targets', () =>
        problem(422, 'invalid_target', {
          field: '/targets/1/access/require_approvals',
          detail: '/targets/1/access/require_approvals is too large.',
        }),
      );
      const stdin = JSON.stringify([{ name: 'A' }, { name: 'B' }]);
      const { exitCode, stderr } = await run(['target', 'apply', '-f', '-'], { stdin });
      expect(exitCode).toBe(1);
      expect(stderr).toContain('stdin: B: access/require_approvals is too large. (field access.require_approvals)');
    });
  });

  it('target list: tab-separated where nobody looks', async () => {
    targets(target({ name: 'EU West', status: 'held', hold: { reason: 'rolled back', by: 'ann', since: at } }));
    const { stdout } = await run(['target', 'list', '--environment', 'staging']);
    expect(stdout.split('\t').slice(0, 4)).toEqual(['EU West', 'staging', 'auto_deploy', 'held: rolled back']);
    expect(gateway.requests[0]?.query).toMatchObject({ environment: 'staging' });
  });

  it('target hold: by name, with its reason', async () => {
    gateway.on('POST', 'targets/EU West/hold', () => ok(TargetAccepted, { target_id: newId('target') }));
    expect(await run(['target', 'hold', 'EU West', '--reason', 'load test'])).toMatchObject({
      exitCode: 0,
      stdout: 'EU West: held\n',
    });
    expect(gateway.requests.at(-1)?.body).toEqual({ reason: 'load test' });
  });

  describe('publish', () => {
    const staging = target();

    it('names each publish, and ends with 1 when a target refused', async () => {
      const body = {
        publishes: [
          { target_id: staging.target_id, target_name: 'staging', outcome: 'requested', publish_id: newId('publish') },
          {
            target_id: staging.target_id,
            target_name: 'production',
            outcome: 'refused',
            problem: problem(403, 'role_not_allowed', { field: 'targets' }).body,
          },
        ],
      };
      gateway.on('POST', 'publishes', () => ok(PublishesAccepted, body, 202));
      const args = [
        'publish',
        'invoice-pipeline',
        'v1.3.0',
        '--target',
        'staging',
        'production',
        '--reason',
        'release 42',
      ];
      const { exitCode, stdout } = await run(args);
      expect(exitCode).toBe(1);
      expect(stdout).toContain('invoice-pipeline v1.3.0 → staging: requested as pub_');
      expect(stdout).toContain('→ production: refused: refused: role_not_allowed (field targets)');
      expect(gateway.requests[0]?.body).toEqual({
        project: 'invoice-pipeline',
        version: 'v1.3.0',
        targets: ['staging', 'production'],
        reason: 'release 42',
        allow_older: false,
      });
    });

    it('--all leaves out targets that are not active', async () => {
      targets(staging, target({ name: 'held one', status: 'held' }));
      gateway.on('POST', 'publishes', () => ok(PublishesAccepted, { publishes: [] }, 202));
      const { stderr } = await run(['publish', 'p', 'v1.0.0', '--all']);
      expect(stderr).toContain('left out: held one is held');
      expect(gateway.requests.at(-1)?.body).toMatchObject({ targets: [staging.target_id] });
    });

    it('--watch follows what it started, even before the lists know it', async () => {
      const publish = publishDetail({ status: 'succeeded', steps: stepsAt('end'), duration_ms: 1 });
      const entry = {
        target_id: staging.target_id,
        target_name: 'staging',
        outcome: 'requested',
        publish_id: publish.publish_id,
      };
      gateway.on('POST', 'publishes', () => ok(PublishesAccepted, { publishes: [entry] }, 202));
      let questions = 0;
      gateway.on('GET', `publishes/${publish.publish_id}`, () => {
        if (++questions === 2) gateway.addPublish(publish);
        return questions < 3 ? problem(404, 'unknown_publish') : { status: 200, body: publish };
      });
      const { exitCode, stdout } = await run(['publish', 'p', 'v1.0.0', '-t', 'staging', '--watch', '--json']);
      expect(exitCode).toBe(0);
      expect(
        stdout
          .trimEnd()
          .split('\n')
          .map((line) => Object.keys(JSON.parse(line))),
      ).toEqual([['publishes'], ['publish']]);
    });

    it.each([[['publish', 'p', 'v1.0.0']], [['publish', 'p', 'v1.0.0', '--all', '--target', 'x']]])(
      'is wrong usage without targets, and with too many: %j',
      async (args) => {
        expect(await run(args)).toMatchObject({ exitCode: 2, stdout: '' });
        expect(gateway.requests).toEqual([]);
      },
    );
  });

  describe('approve and reject', () => {
    const approval: ApprovalSummary = {
      approval_id: newId('approval'),
      publish_id: newId('publish'),
      project: 'invoice-pipeline',
      version: 'v1.3.0',
      target_id: newId('target'),
      target_name: 'production',
      environment: 'production',
      status: 'open',
      rule: {
        quorum: 2,
        approvers: ['alice', 'bob'],
        allow_self_approval: false,
        timeout_hours: 24,
        auto_reject_on_timeout: true,
      },
      requested_by: 'ann',
      excluded: ['ann'],
      approved_digest: digest,
      opened_at: at,
      expires_at: at,
      escalated_at: null,
      decided_at: null,
      outcome_reason: null,
      votes: [],
      comments: [],
      approvals_given: 0,
      approvals_needed: 2,
    };

    it('take a publish id as well as an approval id', async () => {
      const publish = gateway.addPublish({ status: 'awaiting_approval', approval });
      const path = `approvals/${approval.approval_id}/approve`;
      gateway.on('POST', path, () => ok(VoteAccepted, { approval_id: approval.approval_id, status: 'open' }));
      const byPublish = await run(['approve', publish.id, '--comment', 'looks right']);
      const byApproval = await run(['approve', approval.approval_id]);
      expect([byPublish.exitCode, byApproval.exitCode]).toEqual([0, 0]);
      expect(byPublish.stdout).toContain('approved by you; the approval is still open: more approvals are needed');
      expect(gateway.received('POST', path).map(({ body }) => body)).toEqual([{ comment: 'looks right' }, {}]);
    });

    it('say that a publish asks for no approval', async () => {
      const publish = gateway.addPublish({ status: 'gating' });
      const { exitCode, stderr } = await run(['approve', publish.id]);
      expect(exitCode).toBe(1);
      expect(stderr).toContain('asks for no approval (it is gating)');
    });

    it('reject asks for a comment', async () => {
      expect(await run(['reject', approval.approval_id])).toMatchObject({ exitCode: 2 });
    });

    it('say why a vote was refused', async () => {
      gateway.on('POST', `approvals/${approval.approval_id}/approve`, () =>
        problem(403, 'self_approval_forbidden', { detail: 'You requested this publish; somebody else approves it.' }),
      );
      const { exitCode, stderr } = await run(['approve', approval.approval_id]);
      expect(exitCode).toBe(3);
      expect(stderr).toContain('You requested this publish; somebody else approves it.');
    });

    it('approvals lists the open ones', async () => {
      gateway.on('GET', 'approvals', () => ok(ApprovalList, { items: [approval], next_cursor: null }));
      const { stdout } = await run(['approvals']);
      expect(stdout.split('\t').slice(1, 6)).toEqual(['invoice-pipeline', 'v1.3.0', 'production', '0/2', 'alice, bob']);
      expect(gateway.requests[0]?.query).toMatchObject({ status: 'open' });
    });
  });

  describe('history', () => {
    it('reads page after page, with its filters', async () => {
      const { publish_id: _, ...publish } = publishSummary();
      gateway.on('GET', 'publishes', ({ query }) => {
        const page = Number(query['cursor'] ?? '0');
        const items = [{ ...publish, publish_id: newId('publish') }];
        return ok(PublishList, { items, next_cursor: page < 2 ? String(page + 1) : null });
      });
      const filters = ['--target', 'staging', '--status', 'failed', '--project', 'invoice-pipeline'];
      const { stdout } = await run(['history', '--all', ...filters]);
      expect(stdout.trimEnd().split('\n')).toHaveLength(3);
      expect(gateway.requests.map(({ query }) => query['cursor'])).toEqual([undefined, '1', '2']);
      expect(gateway.requests[2]?.query).toMatchObject({
        target: 'staging',
        status: 'failed',
        project: 'invoice-pipeline',
      });
    });

    it('knows which statuses there are', async () => {
      const { exitCode, stderr } = await run(['history', '--status', 'sucess']);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('Allowed choices are requested,');
    });
  });

  it('why says what a publish waits for', async () => {
    const publishId = newId('publish');
    const why = {
      publish_id: publishId,
      status: 'awaiting_approval',
      waits_for: 'approval',
      explanation: 'Waits for 2 more approvals.',
      since: at,
      deadline_at: null,
      resume_at: null,
      blocks: [],
      can_be_moved_by: [{ who: 'alice', how: 'm3-publish approve' }],
    };
    gateway.on('GET', `publishes/${publishId}/why`, () => ok(PublishWhy, why));
    const { stdout } = await run(['why', publishId]);
    expect(stdout).toContain('Waits for 2 more approvals.');
    expect(stdout).toContain('Moved by\talice: m3-publish approve');
    expect(JSON.parse((await run(['why', publishId, '--json'])).stdout)).toEqual(why);
  });

  it('dead-letter show and discard', async () => {
    const letter: DeadLetterView = {
      dead_letter_id: newId('deadLetter'),
      status: 'open',
      origin: 'inbox',
      consumer: 'targets',
      subject: 'version.tagged.invoice-pipeline',
      event_id: null,
      code: 'malformed',
      reason: 'not JSON',
      field: null,
      attempts: 1,
      failed_replays: 1,
      failed_replay_id: 'replay-1',
      last_failed_at: at,
      bytes: 12,
      sha256: digest,
      excerpt: '{"project\x1b',
      recorded_at: at,
      settled_by: null,
      settled_at: null,
      settled_reason: null,
    };
    const path = `dead-letters/${letter.dead_letter_id}/discard`;
    gateway.on('GET', `dead-letters/${letter.dead_letter_id}`, () => ok(DeadLetterView, letter));
    gateway.on('POST', path, () => ({ status: 202, body: { dead_letter_id: letter.dead_letter_id } }));
    const message = { dead_letter_id: letter.dead_letter_id, form: 'text', bytes: 12, sha256: digest, complete: true };
    gateway.on('GET', `dead-letters/${letter.dead_letter_id}/message`, () =>
      ok(DeadLetterMessage, { ...message, text: '{"project\\u001b\nsecond line' }),
    );
    const { stdout } = await run(['dead-letter', 'show', letter.dead_letter_id]);
    expect(stdout).toContain('Reason\tnot JSON (malformed)');
    expect(stdout).toContain('Attempts\t1, 1 replay failed too');
    expect(stdout).toMatch(/\n\{"project\\u001b\nsecond line\n$/);
    await run(['dead-letter', 'discard', letter.dead_letter_id, '--reason', 'a test', '--idempotency-key', 'k-1']);
    expect(gateway.received('POST', path)[0]).toMatchObject({
      body: { reason: 'a test' },
      headers: { 'idempotency-key': 'k-1' },
    });
  });

  it('dead-letter list and replay: all of one reason', async () => {
    gateway.on('GET', 'dead-letters', () => ok(DeadLetterList, { items: [], next_cursor: null }));
    await run(['dead-letter', 'list', '--code', 'not_json', '--consumer', 'targets-inbox']);
    expect(gateway.requests[0]?.query).toMatchObject({ status: 'open', code: 'not_json', consumer: 'targets-inbox' });
    const [good, bad] = [newId('deadLetter'), newId('deadLetter')];
    const refused = [{ dead_letter_id: bad, problem: problem(503, 'bus_unavailable').body }];
    gateway.on('POST', 'dead-letters/replay', () => ok(DeadLettersReplayed, { replayed: [good], refused, more: true }));
    const { exitCode, stdout, stderr } = await run(['dead-letter', 'replay', '--code', 'not_json']);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`${good}: handed in again\n${bad}: refused: `);
    expect(stderr).toContain('there are more of them');
    expect(gateway.requests.at(-1)?.body).toEqual({ code: 'not_json' });
  });

  it.each([[[]], [['dlq_1', '--code', 'not_json']]])('dead-letter replay %j is wrong usage', async (args) => {
    expect(await run(['dead-letter', 'replay', ...args])).toMatchObject({ exitCode: 2 });
  });

  it('status shows who you are and what waits', async () => {
    targets(
      target({
        active: { project: 'p', version: 'v1.2.0', previous_version: null, publish_id: newId('publish'), since: at },
      }),
    );
    gateway.on('GET', 'me', () => ok(MeReply, { id: 'ann', roles: ['maintainer'] }));
    for (const list of ['approvals', 'dead-letters'])
      gateway.on('GET', list, () => ({ status: 200, body: { items: [], next_cursor: null } }));
    const { stdout } = await run(['status']);
    expect(stdout).toContain('Signed in\tann (maintainer)');
    expect(stdout).toContain('p v1.2.0');
  });
});

function publishSummary() {
  const { publish_id, project, version, target_id, target_name, environment, ...rest } = publishDetail();
  const { status, trigger, requested_by, requested_at, ended_at, duration_ms, outcome_reason } = rest;
  const { start_delay, overdue_since } = rest;
  return {
    ...{ publish_id, project, version, target_id, target_name, environment, status, trigger },
    ...{ requested_by, requested_at, ended_at, duration_ms, outcome_reason, start_delay, overdue_since },
  };
}
