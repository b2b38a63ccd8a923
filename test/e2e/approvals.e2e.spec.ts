import { ApprovalSummary, EmergencyList, PublishDetail, PublishesAccepted, type Role } from '@m3/contracts';
import { eventually } from '@m3/testing';
import { Value } from '@sinclair/typebox/value';
import { runCommand } from './command.fixture.spec.js';
import { usePager } from './pager.fixture.spec.js';
import { useProduct } from './product.fixture.spec.js';
import { project } from './releases.fixture.spec.js';

const publicUrl = 'https://publish.example.com';
const pager = usePager();
const use = useProduct({
  schemas: ['asking', 'patient', 'hasty', 'burning'],
  serviceEnv: () => {
    const onCall = { kind: 'pagerduty', name: 'on-call', routing_key: 'R0123456789abcdefR0123456789abcd' };
    const rules = [{ environments: ['production'] }];
    return { notifier: { CHANNELS: JSON.stringify([{ ...onCall, url: pager().url, rules }]), PUBLIC_URL: publicUrl } };
  },
});

/** Waits that go by the clock of the product. */
const patiently = { timeoutMs: 90_000 };
const cli = (args: readonly string[], as = 'ann', roles: readonly Role[] = ['admin']) =>
  runCommand(use(), args, { as, roles });

interface Ask {
  readonly reason?: string;
  readonly as?: string;
  readonly roles?: readonly Role[];
}

/** Asks for a publish: its id, or how it was refused. */
async function ask(target: string, version: string, { as = 'ann', roles = ['admin'], ...more }: Ask = {}) {
  const body = { project, version, targets: [target], ...more };
  const { status, json } = await use().call('publishes', { body, as, roles });
  const [asked] = Value.Check(PublishesAccepted, json) ? json.publishes : [];
  return { status, json, id: asked?.outcome === 'requested' ? asked.publish_id : '' };
}

/** The approval that a publish waits for, when the API shows it. */
async function approvalOf(id: string): Promise<string> {
  const product = use();
  await product.log.reaches(id, 'ApprovalOpened');
  const { approval } = await product.shows(`publishes/${id}`, PublishDetail, (detail) => detail.approval !== null);
  const approvalId = approval?.approval_id ?? '';
  await product.shows(`approvals/${approvalId}`, ApprovalSummary);
  return approvalId;
}

const newsOf = (id: string, type: string) => () =>
  use().webhook.received.filter(({ payload }) => {
    const text = JSON.stringify(payload);
    return text.includes(id) && text.includes(`"type":"${type}"`);
  });
const told = (id: string, type: string) =>
  eventually(`${type} of ${id} is told`, newsOf(id, type), { ...patiently, until: (news) => news.length > 0 });

const named = ['alice', 'bob', 'carol', 'ann', 'tess'];
let [patient, hasty] = ['', ''];

beforeAll(async () => {
  const product = use();
  const by = (schema: string, name: string, approvals: object) =>
    product.document(schema, { name, environment: 'staging', type: 'manual_approval', approvals });
  const emergency = {
    require_justification: true,
    allowed_roles: ['admin' as const],
    audit_trail: true,
    post_deploy_review: true,
  };
  await product.apply(
    by('asking', 'Asking', { min_approvals: 2, allowed_approvers: named, timeout_hours: 24 }),
    by('patient', 'Patient', { min_approvals: 1, timeout_hours: 0.006, auto_reject_on_timeout: false }),
    by('hasty', 'Hasty', { min_approvals: 1, timeout_hours: 0.001, auto_reject_on_timeout: true }),
    product.document('burning', { name: 'Burning', environment: 'production', type: 'emergency', emergency }),
  );
  for (const version of ['v1.0.0', 'v1.1.0']) await product.tag({ version, by: 'tess' });
  await eventually('both versions are tagged', () => product.log.ofType('VersionTagged'), {
    until: (all) => all.length === 2,
  });
  // They wait while the other stories are told.
  patient = (await ask('Patient', 'v1.0.0')).id;
  hasty = (await ask('Hasty', 'v1.0.0')).id;
}, 120_000);

describe('votes', () => {
  let id = '';
  let approval = '';
  const vote = (verb: string, body: object, as: string, roles: readonly Role[] = ['approver']) =>
    use().call(`approvals/${approval}/${verb}`, { body, as, roles });
  const history = async () => (await use().log.ofStream(`approval-${approval}`)).map(({ type }) => type);

  beforeAll(async () => {
    ({ id } = await ask('Asking', 'v1.0.0'));
    approval = await approvalOf(id);
  }, 60_000);

  it.each<[string, string, string, readonly Role[], object, number, string]>([
    ['of somebody who is not named', 'approve', 'mallory', ['approver'], {}, 403, 'not_an_approver'],
    ['of whoever asked', 'approve', 'ann', ['admin'], {}, 403, 'self_approval_forbidden'],
    ['of whoever tagged', 'approve', 'tess', ['approver'], {}, 403, 'self_approval_forbidden'],
    ['of somebody who is named, without a role', 'approve', 'alice', ['viewer'], {}, 403, 'role_missing'],
    ['of a maintainer who is not named', 'approve', 'mike', ['maintainer'], {}, 403, 'not_an_approver'],
    ['with a blank comment', 'approve', 'bob', ['approver'], { comment: ' ' }, 400, 'blank_reason'],
    ['against it, without a reason', 'reject', 'bob', ['approver'], {}, 400, 'invalid_body'],
    ['against it, with a blank reason', 'reject', 'bob', ['approver'], { comment: '\t' }, 400, 'blank_reason'],
    ['that is taken back and was never given', 'withdraw', 'bob', ['approver'], {}, 409, 'not_voted'],
    ['that is none, but a blank comment', 'comments', 'bob', ['approver'], { comment: ' ' }, 400, 'blank_reason'],
  ])('%s: refused, and nothing changes', async (_what, verb, as, ...[roles, body, status, code]) => {
    const before = await history();
    expect(await vote(verb, body, as, roles)).toMatchObject({ status, json: { code } });
    expect(await history()).toEqual(before);
  });

  it('on an approval that is none are refused', async () => {
    expect(await use().call('approvals/apr_none/approve', { body: {}, as: 'bob', roles: ['approver'] })).toMatchObject({
      ...{ status: 404, json: { code: 'not_found' } },
    });
  });

  it('are taken back, commented and cast again; whoever was seen without the role does not count', async () => {
    expect((await cli(['approve', id], 'alice', ['approver'])).out).toContain('still open');
    await eventually('the vote is listed', () => cli(['approvals']), {
      ...patiently,
      until: ({ out }) => new RegExp(`Asking\\t1/2\\t${named.join(', ')}\\tann\\t.*\\t${id}\\n`).test(out),
    });
    expect(await vote('reject', { comment: 'on second thoughts' }, 'alice')).toMatchObject({
      json: { code: 'already_voted' },
    });
    expect((await cli(['withdraw', id], 'alice', ['approver'])).code).toBe(0);
    expect((await cli(['comment', id, '--comment', 'it mends the totals'], 'ann', ['admin'])).code).toBe(0);
    expect((await cli(['approve', id, '--comment', 'looks right'], 'alice', ['approver'])).code).toBe(0);
    await use().call('me', { as: 'alice', roles: ['viewer'] });
    await eventually('alice is known without the role', () => use().log.ofStream('person-alice'), {
      until: (seen) => seen.length > 1,
    });

    expect(await vote('approve', {}, 'carol', ['maintainer'])).toMatchObject({ status: 200, json: { status: 'open' } });
    expect(await vote('approve', {}, 'bob')).toMatchObject({ status: 200, json: { status: 'granted' } });
    expect((await use().log.ofType('ApprovalGranted')).at(-1)?.data.approved_by).toEqual(['carol', 'bob']);
  });

  it('stand in the detail with their time relative to the deployment, beside the proof that it is what was approved', async () => {
    await use().log.endsAs(id, 'PublishSucceeded');
    const { approval_proof, approval: decided } = await use().shows(
      `publishes/${id}`,
      PublishDetail,
      ({ status }) => status === 'succeeded',
    );
    expect(approval_proof).toMatchObject({ equal: true, deployed_digest: approval_proof?.approved_digest });
    expect(decided?.votes.every(({ relative }) => relative?.endsWith('before activation'))).toBe(true);
    const { out } = await cli(['show', id]);
    expect(out).toMatch(/Vote\s+approve by bob at .* \(.* before activation\)/);
    expect(out).toMatch(/Vote\s+approve by alice at .*withdrawn at/);
    expect(out).toMatch(/Comment\s+ann at .*: it mends the totals/);
    expect(out).toContain('deployed as approved (sha256:');
  });

  it('after the end are refused', async () => {
    const before = await history();
    for (const verb of ['approve', 'withdraw']) {
      expect(await vote(verb, {}, 'tim', ['admin'])).toMatchObject({ status: 409, json: { code: 'approval_ended' } });
    }
    expect(await history()).toEqual(before);
  });
});

describe('an emergency', () => {
  const reason = 'orders are lost since noon';
  let id = '';

  it.each<[string, Ask, number, string]>([
    ['without a justification', {}, 409, 'justification_required'],
    ['with one that says too little', { reason: 'urgent' }, 409, 'justification_required'],
    ['with a blank one', { reason: '            ' }, 400, 'blank_reason'],
    ['by somebody without the role', { reason, as: 'mike', roles: ['maintainer'] }, 403, 'not_allowed'],
  ])('%s is refused, and nothing changes', async (_what, more, status, code) => {
    expect(await ask('Burning', 'v1.0.0', more)).toMatchObject({ status, json: { code } });
    expect(await use().log.ofType('EmergencyDeclared')).toEqual([]);
  });

  it('pages whoever is on call at once, once, until it has ended', async () => {
    ({ id } = await ask('Burning', 'v1.0.0', { reason }));
    const key = `${id}/emergency`;
    const page = await eventually('on call is paged', () => pager().paged.find((each) => each.key === key), patiently);
    expect(page).toMatchObject({
      path: '/v2/enqueue',
      action: 'trigger',
      summary: expect.stringContaining(reason) as unknown,
    });
    await use().log.endsAs(id, 'PublishSucceeded');
    await eventually(
      'the alert is resolved',
      () => pager().paged.some((each) => each.key === key && each.action === 'resolve'),
      patiently,
    );
    const alerts = pager().paged.filter(({ action, key: about }) => action === 'trigger' && about.startsWith(id));
    expect(new Set(alerts.map((alert) => alert.key))).toEqual(new Set([key]));
  });

  it('is marked everywhere, and shows what was skipped and what was not', async () => {
    const detail = await use().shows(`publishes/${id}`, PublishDetail, ({ status }) => status === 'succeeded');
    const outcomes = Object.fromEntries(detail.steps.map(({ step, status }) => [step, status]));
    expect(outcomes).toMatchObject({
      ...{ validating: 'passed', gating: 'skipped', awaiting_approval: 'skipped', backing_up: 'passed' },
      ...{ deploying: 'passed', activating: 'passed', verifying: 'passed' },
    });
    expect(detail).toMatchObject({ trigger: 'emergency', reason });
    expect((await cli(['show', id])).out).toContain(`EMERGENCY ${project} v1.0.0`);
    expect((await cli(['history'])).out).toContain('ann (EMERGENCY)');
    const [started] = await told(id, 'emergency.started');
    expect(started?.payload).toMatchObject({
      data: {
        emergency: true,
        links: { publish: `${publicUrl}/api/v1/publishes/${id}` },
        subject: { environment: 'production' },
      },
    });
    for (const { payload } of [...(await told(id, 'publish.succeeded')), ...(await told(id, 'review.opened'))])
      expect(payload).toMatchObject({ data: { emergency: true } });
    const paged = ({ notifications }: PublishDetail) =>
      notifications.find(({ kind }) => kind === 'emergency.started')?.deliveries ?? [];
    const { notifications } = await use().shows(`publishes/${id}`, PublishDetail, (seen) =>
      paged(seen).some(({ channel, outcome }) => channel === 'on-call' && outcome === 'delivered'),
    );
    expect(notifications.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['emergency.started', 'publish.succeeded', 'review.opened']),
    );
  });

  it('is reviewed by somebody else, with findings, before there is a next one', async () => {
    expect(await ask('Burning', 'v1.1.0', { reason })).toMatchObject({ status: 409, json: { code: 'review_open' } });
    const review = id.replace('pub_', 'rev_');
    await eventually(
      'the review is listed',
      async () => (await cli(['review', 'list', '--status', 'open'])).out.includes(review),
      patiently,
    );
    const shown = async (of = review) => cli(['review', 'show', of], 'vic', ['viewer']);
    expect((await shown()).out).toMatch(
      new RegExp(
        `^EMERGENCY ${project} v1.0.0 → Burning\\n(.*\\n)*Status\\s+open\\nAsked by\\s+ann\\nWhy\\s+${reason}\\n$`,
      ),
    );
    expect(await shown('rev_none')).toMatchObject({ code: 1, err: 'm3-publish: There is no review "rev_none".\n' });
    const close = (findings: string, as: string, ...more: string[]) =>
      cli(['review', 'close', review, '--findings', findings, '--json', ...more], as, ['maintainer']);
    expect((await close('nothing', 'ann')).err).toContain('self_review_forbidden');
    expect((await close(' ', 'bob')).err).toContain('blank_reason');
    expect((await use().log.ofStream(`review-${review}`)).map(({ type }) => type)).toEqual(['ReviewOpened']);
    expect((await close('the queue was full', 'bob', '--follow-up', 'page on a full queue')).code).toBe(0);
    expect((await close('something else', 'carol')).err).toContain('review_closed');
    await eventually('the review is shown as closed', async () => (await shown()).out, {
      ...patiently,
      until: (out) =>
        /Status\s+closed .* by bob\n/.test(out) &&
        /Findings\s+the queue was full\nFollow-up\s+page on a full queue\n/.test(out),
    });
    const next = await ask('Burning', 'v1.1.0', { reason });
    await use().log.endsAs(next.id, 'PublishSucceeded');
  });

  it('is reported over a span of time, with what was learnt', async () => {
    const { items } = await use().shows('emergencies?from=2020-01-01T00:00:00Z', EmergencyList, (report) =>
      report.items.some(({ publish_id, review }) => publish_id === id && review === 'closed'),
    );
    expect(items.find(({ publish_id }) => publish_id === id)).toMatchObject({
      ...{ declared_by: 'ann', justification: reason, skipped: ['gates', 'approvals'], outcome: 'succeeded' },
      ...{ reviewed_by: 'bob', findings: 'the queue was full' },
    });
    expect((await cli(['emergency', 'report', '--from', '2020-01-01T00:00:00Z'])).out).toContain(id);
    expect((await cli(['emergency', 'report', '--to', '2020-01-01T00:00:00Z'])).out).not.toContain('pub_');
  });
});

describe('an approval that nobody decides on', () => {
  it('is rejected when its time is over, where the target says so', async () => {
    expect(await use().log.ended(hasty, patiently.timeoutMs)).toMatchObject({
      type: 'PublishRejected',
      data: { by: null },
    });
    await told(hasty, 'publish.rejected');
  }, 120_000);

  it('is reminded of, and else escalated and left waiting: a late vote still lets it go on', async () => {
    const approval = await approvalOf(patient);
    const stream = `approval-${approval}`;
    const types = async () => (await use().log.ofStream(stream)).map(({ type }) => type);
    await eventually('it is escalated', types, { ...patiently, until: (all) => all.includes('ApprovalEscalated') });
    expect(await types()).toContain('ApprovalReminded');
    const [reminder] = await told(patient, 'approval.reminder');
    expect(reminder?.payload).toMatchObject({
      data: { links: { approval: `${publicUrl}/api/v1/approvals/${approval}` } },
    });
    await told(patient, 'approval.escalated');
    expect(await use().log.slots()).toEqual({ holders: [], waiting: [] });
    expect(
      await use().call(`approvals/${approval}/approve`, { body: {}, as: 'bob', roles: ['approver'] }),
    ).toMatchObject({
      json: { status: 'granted' },
    });
    await use().log.endsAs(patient, 'PublishSucceeded');
  }, 120_000);
});

describe('a channel', () => {
  it('is listed, and tried out without waking anybody', async () => {
    expect((await cli(['channel', 'list'])).out).toContain('on-call\tpagerduty\t* of production');
    expect(await cli(['channel', 'test', 'on-call'])).toMatchObject({ code: 0, out: 'on-call: delivered\n' });
    expect(pager().paged.find(({ summary }) => summary.includes('sent by ann'))).toMatchObject({
      path: '/v2/change/enqueue',
    });
    expect((await cli(['channel', 'test', 'nobody', '--json'])).err).toContain('channel_not_found');
  });

  it('has its secrets in no event, reply or log', async () => {
    const secrets = ['R0123456789abcdefR0123456789abcd', use().stack.secrets.webhookSecret];
    const log = await use().log.text();
    for (const secret of secrets) {
      expect(log.includes(secret)).toBe(false);
      expect(use().replies.some((reply) => reply.includes(secret))).toBe(false);
    }
  });
});
