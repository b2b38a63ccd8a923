import { prepareDatabase } from '@m3/database';
import type { CommandName, ProblemDetails, Role } from '@m3/contracts';
import { OutcomeUnknownError, OwnerUnavailableError } from '@m3/service-kit';
import { useGateway } from '../testing/gateway-under-test.js';
import { idOf, publishUpTo, told } from '../testing/stories.js';

const use = useGateway({
  name: 'gateway',
  prepare: async (url) => {
    await prepareDatabase(url, () => 'secret');
  },
});
const [target, other] = [idOf('target', 1), idOf('target', 2)];
const [publish, approval, backup] = [idOf('publish', 1), idOf('approval', 1), idOf('backup', 2)];
const verification = { verification_id: idOf('verification', 1), total: 3 };
const [letter, freeze] = [idOf('deadLetter', 1), idOf('freeze', 1)];
const quarter = { from: '2026-03-30T00:00:00Z', to: '2026-04-02T00:00:00Z' };
const document = {
  name: 'Production US East',
  environment: 'production',
  type: 'auto_deploy',
  gateway_id: 'gateway-us-east-1-prod',
  gateway_url: 'https://prod-gateway-us-east.example.com',
  schema: 'production',
  database_url: 'postgresql://user:canary-secret@prod-db.example.com:5432/m3studio',
};
const tag = {
  project: 'invoice-pipeline',
  version: 'v1.3.0',
  ...{ branch: 'main', commit: '4f2a9c1', tagged_by: 'ann' },
  tagged_at: '2026-03-19T14:23:45Z',
  bundle: { inline: { workflows: [], agents: [], processors: [], tests: [] } },
};

beforeAll(async () => {
  const second = { ...document, name: 'Staging EU', database_url: undefined };
  await use().append(
    told(1, 'TargetCreated'),
    told(2, 'TargetCreated', { document: JSON.parse(JSON.stringify(second)) }),
    ...publishUpTo(1, 'approvalAsked'),
    told(1, 'DeadLetterRecorded'),
    told(1, 'FreezeDeclared'),
    told(2, 'BackupRequested'),
    told(2, 'BackupTaken'),
  );
  await use().projected();
});

const applied = { targets: [{ target_id: target, name: document.name, outcome: 'unchanged', changes: [] }] } as const;
const conflict: ProblemDetails = {
  type: 'urn:m3-publish:problem:target_held',
  title: 'target held',
  status: 409,
  code: 'target_held',
  detail: 'The target is held: release it first.',
};

interface Passing {
  readonly route: string;
  readonly command: CommandName;
  readonly body?: unknown;
  readonly roles: readonly Role[];
  readonly result: object;
  readonly payload: object;
  readonly status?: number;
}

const passing: readonly Passing[] = [
  {
    route: 'POST /targets?dry_run=true',
    command: 'targets.apply',
    body: document,
    roles: ['admin', 'maintainer'],
    result: applied,
    payload: { targets: [document], dry_run: true },
  },
  {
    route: 'POST /targets',
    command: 'targets.apply',
    body: { targets: [document, { ...document, name: 'Other' }] },
    roles: ['admin', 'maintainer'],
    result: applied,
    payload: { targets: [document, { ...document, name: 'Other' }], dry_run: false },
  },
  {
    route: `PUT /targets/${target}`,
    command: 'targets.apply',
    body: document,
    roles: ['admin', 'maintainer'],
    result: applied,
    payload: { targets: [document], dry_run: false },
  },
  {
    route: `POST /targets/${target}/check`,
    command: 'targets.check',
    roles: ['admin', 'maintainer'],
    result: {
      ...{ at: '2026-03-19T14:23:45.000Z', healthy: true, faults: [] },
      ...{ gateway_latency_ms: 1, database_latency_ms: 2 },
    },
    payload: { target_id: target },
  },
  {
    route: `GET /targets/${target}/health`,
    command: 'targets.health',
    roles: ['admin', 'maintainer', 'approver', 'viewer', 'auditor', 'service'],
    result: { target_id: target, status: 'unknown', interval_seconds: 60, next_probe_at: null, probes: [] },
    payload: { target_id: target },
  },
  {
    route: 'POST /secrets/rotate',
    command: 'targets.rotate_secrets',
    roles: ['admin'],
    result: { key_id: 'local-1', rewrapped: [], current: 1, remaining: 0, unopenable: [] },
    payload: {},
  },
  ...(['enable', 'disable'] as const).map((verb) => ({
    route: `POST /targets/Production%20US%20East/${verb}`,
    command: `targets.${verb}` as const,
    roles: ['admin', 'maintainer'] as const,
    result: { target_id: target },
    payload: { target_id: target },
  })),
  ...(['hold', 'release'] as const).map((verb) => ({
    route: `POST /targets/${target}/${verb}`,
    command: `targets.${verb}` as const,
    body: { reason: 'audit' },
    roles: ['admin', 'maintainer'] as const,
    result: { target_id: target },
    payload: { target_id: target, reason: 'audit' },
  })),
  {
    route: `POST /publishes/${publish}/override`,
    command: 'deployer.override',
    body: { reason: 'outage' },
    roles: ['admin', 'maintainer', 'approver', 'viewer', 'auditor', 'service'],
    result: { publish_id: publish, status: 'backing_up' },
    payload: { publish_id: publish, reason: 'outage' },
    status: 202,
  },
  {
    route: 'POST /freezes',
    command: 'freezes.declare',
    body: { scope: { kind: 'target', target: 'Production US East' }, period: quarter, reason: 'end of quarter' },
    roles: ['admin', 'maintainer'],
    result: { freeze_id: freeze },
    payload: {
      scope: { kind: 'target', target_id: target, target_name: 'Production US East' },
      ...{ period: quarter, reason: 'end of quarter' },
    },
  },
  {
    route: `POST /freezes/${freeze}/lift`,
    command: 'freezes.lift',
    body: { reason: 'done' },
    roles: ['admin', 'maintainer'],
    result: { freeze_id: freeze },
    payload: { freeze_id: freeze, reason: 'done' },
  },
  {
    route: 'POST /versions',
    command: 'targets.tag',
    body: tag,
    roles: ['admin', 'maintainer', 'service'],
    result: {
      outcome: 'tagged',
      project: tag.project,
      version: tag.version,
      bundle_digest: 'sha256:…',
      publishes: [publish],
    },
    payload: { tag },
  },
  {
    route: 'POST /publishes',
    command: 'targets.publish',
    body: { project: 'invoice-pipeline', version: 'v1.3.0', targets: ['Production US East'] },
    roles: ['admin', 'maintainer'],
    result: { publish_id: publish },
    payload: {
      project: 'invoice-pipeline',
      version: 'v1.3.0',
      target_id: target,
      reason: null,
      allow_older: false,
      override_reason: null,
    },
    status: 202,
  },
  {
    route: `POST /publishes/${publish}/cancel`,
    command: 'deployer.cancel',
    body: { reason: 'wrong version' },
    roles: ['admin', 'maintainer'],
    result: { publish_id: publish, status: 'cancelling' },
    payload: {
      ...{ publish_id: publish, reason: 'wrong version' },
      version_of: { project: 'invoice-pipeline', version: 'v1.3.0' },
    },
    status: 202,
  },
  {
    route: `POST /publishes/${publish}/gates/external%3Alicences/override`,
    command: 'gates.override',
    body: { reason: 'the key is revoked' },
    roles: ['admin', 'maintainer', 'approver'],
    result: { publish_id: publish, gate: 'external:licences', remaining: [] },
    payload: { publish_id: publish, gate: 'external:licences', reason: 'the key is revoked' },
    status: 202,
  },
  {
    route: `POST /approvals/${approval}/approve`,
    command: 'approvals.approve',
    roles: ['admin', 'maintainer', 'approver'],
    result: { approval_id: approval, status: 'granted' },
    payload: { approval_id: approval, comment: null },
  },
  {
    route: `POST /approvals/${approval}/reject`,
    command: 'approvals.reject',
    body: { comment: 'not before the audit' },
    roles: ['admin', 'maintainer', 'approver'],
    result: { approval_id: approval, status: 'rejected' },
    payload: { approval_id: approval, comment: 'not before the audit' },
  },
  {
    route: `POST /backups/verify`,
    command: 'backups.verify_all',
    roles: ['admin', 'maintainer'],
    status: 202,
    result: verification,
    payload: { target_id: null },
  },
  {
    route: `POST /backups/backup-production-20260319-142345/verify`,
    command: 'backups.verify',
    roles: ['admin', 'maintainer'],
    status: 202,
    result: verification,
    payload: { backup_id: backup },
  },
  {
    route: `POST /backups/${backup}/restored`,
    command: 'backups.restored',
    body: { reason: 'the rollback failed' },
    roles: ['admin', 'maintainer'],
    result: { backup_id: backup, active_version: 'v1.2.0' },
    payload: { backup_id: backup, reason: 'the rollback failed' },
  },
  {
    route: `POST /dead-letters/${letter}/replay`,
    command: 'deadletters.replay',
    roles: ['admin', 'maintainer'],
    result: { dead_letter_id: letter },
    payload: { dead_letter_id: letter },
  },
  {
    route: `GET /dead-letters/${letter}/message`,
    command: 'deadletters.message',
    roles: ['admin', 'maintainer', 'approver', 'viewer', 'auditor', 'service'],
    result: { dead_letter_id: letter, form: 'text', text: 'no', complete: true, bytes: 2, sha256: 'x' },
    payload: { dead_letter_id: letter },
  },
  {
    route: `POST /dead-letters/${letter}/discard`,
    command: 'deadletters.discard',
    body: { reason: 'sent again' },
    roles: ['admin', 'maintainer'],
    result: { dead_letter_id: letter },
    payload: { dead_letter_id: letter, reason: 'sent again' },
  },
];
const everybody: readonly Role[] = ['admin', 'maintainer', 'approver', 'viewer', 'auditor', 'service'];

function send(route: string, call: { body?: unknown; roles?: readonly Role[]; sub?: string; key?: string } = {}) {
  const [method = '', path = ''] = route.split(' ');
  const { key, ...rest } = call;
  const headers = key === undefined ? {} : { 'idempotency-key': key };
  return use().call(`/api/v1${path}`, { method, headers, ...rest });
}

function ownersAnswer(command: CommandName, reply: () => Reply): void {
  use().owners.answer(command, reply);
}
type Reply = { readonly ok: true; readonly result: object } | { readonly ok: false; readonly problem: ProblemDetails };

describe.each(passing)('$route', ({ route, command, body, roles, result, payload, status = 200 }) => {
  const answer = () => ownersAnswer(command, () => ({ ok: true, result }));

  it(`passes ${command} to its owner, in the caller's name, and brings back the answer`, async () => {
    answer();
    const reply = await send(route, { body, sub: 'zoe', roles: [roles[0] ?? 'admin'] });
    expect({ status: reply.status, text: reply.text }).toMatchObject({ status });
    expect(use().owners.sent.at(-1)).toEqual({
      name: command,
      payload: { ...payload, command_id: expect.any(String), caller: { id: 'zoe', roles: [roles[0]] } },
    });
  });

  it('lets in nobody but those whose business it is', async () => {
    answer();
    for (const role of everybody) {
      const reply = await send(route, { body, roles: [role] });
      expect({ role, status: reply.status }).toEqual({ role, status: roles.includes(role) ? status : 403 });
    }
  });

  it('passes a refusal on, code, field and all', async () => {
    ownersAnswer(command, () => ({ ok: false, problem: conflict }));
    const reply = await send(route, { body });
    expect(reply.status).toBe(409);
    expect(reply.json).toEqual({ ...conflict, instance: expect.stringMatching(/^urn:uuid:/) });
  });

  it('says that nothing was done when the owner is away, and that it may be repeated', async () => {
    ownersAnswer(command, () => {
      throw new OwnerUnavailableError('gone');
    });
    const reply = await send(route, { body });
    expect({ status: reply.status, code: reply.json['code'] }).toEqual({ status: 503, code: 'owner_unavailable' });
    expect(reply.json['detail']).toContain('same Idempotency-Key');
  });

  it('says that the outcome is not known when the owner does not answer', async () => {
    ownersAnswer(command, () => {
      throw new OutcomeUnknownError('late');
    });
    const reply = await send(route, { body });
    expect({ status: reply.status, code: reply.json['code'] }).toEqual({ status: 504, code: 'outcome_unknown' });
  });
});

describe('Idempotency-Key', () => {
  const commandId = async (key: string, sub: string, route = `POST /targets/${target}/enable`) => {
    ownersAnswer('targets.enable', () => ({ ok: true, result: { target_id: target } }));
    ownersAnswer('targets.disable', () => ({ ok: true, result: { target_id: target } }));
    await send(route, { key, sub });
    return use().owners.sent.at(-1)?.payload.command_id;
  };

  it('is the same command for the same caller, key and address, and for nobody else', async () => {
    const mine = await commandId('k-1', 'ann');
    expect(await commandId('k-1', 'ann')).toBe(mine);
    expect(await commandId('k-1', 'bob')).not.toBe(mine);
    expect(await commandId('k-2', 'ann')).not.toBe(mine);
    expect(await commandId('k-1', 'ann', `POST /targets/${target}/disable`)).not.toBe(mine);
  });

  it('is refused when it is no key', async () => {
    const reply = await send(`POST /targets/${target}/enable`, { key: 'two words' });
    expect({ status: reply.status, code: reply.json['code'] }).toEqual({
      status: 400,
      code: 'invalid_idempotency_key',
    });
  });
});

describe('publishing to several targets', () => {
  const body = { project: 'invoice-pipeline', version: 'v1.3.0', targets: [target, other] };

  it('asks for each with an id of its own, and answers for each', async () => {
    let calls = 0;
    ownersAnswer('targets.publish', () =>
      calls++ === 0 ? { ok: true, result: { publish_id: publish } } : { ok: false, problem: conflict },
    );
    const reply = await send('POST /publishes', { body, key: 'k-3' });
    expect(reply.status).toBe(202);
    expect(reply.json['publishes']).toEqual([
      { target_id: target, target_name: 'Production US East', outcome: 'requested', publish_id: publish },
      { target_id: other, target_name: 'Staging EU', outcome: 'refused', problem: conflict },
    ]);
    const [first, second] = use().owners.sent.slice(-2);
    expect(first?.payload.command_id).not.toBe(second?.payload.command_id);
  });

  it('takes a target that is named twice, by id and by name, once', async () => {
    ownersAnswer('targets.publish', () => ({ ok: true, result: { publish_id: publish } }));
    const before = use().owners.sent.length;
    await send('POST /publishes', { body: { ...body, targets: [target, 'Production US East'] } });
    expect(use().owners.sent.length - before).toBe(1);
  });

  it('does nothing at all if one of them is not known', async () => {
    const before = use().owners.sent.length;
    const reply = await send('POST /publishes', { body: { ...body, targets: [target, 'Nowhere'] } });
    expect(reply.json).toMatchObject({ status: 422, code: 'unknown_target', field: '/targets/1' });
    expect(use().owners.sent.length).toBe(before);
  });
});

describe('what the gateway refuses by itself', () => {
  it('a document for another target than the address says', async () => {
    const reply = await send(`PUT /targets/${other}`, { body: document });
    expect(reply.json).toMatchObject({ status: 422, code: 'name_mismatch', field: '/name' });
  });

  it('a bundle that is too large to travel along', async () => {
    const bundle = {
      inline: { workflows: [], agents: [], processors: [], tests: [], padding: 'x'.repeat(600 * 1024) },
    };
    const reply = await send('POST /versions', { body: { ...tag, bundle } });
    expect(reply.json).toMatchObject({ status: 413, code: 'body_too_large', field: '/bundle/inline' });
  });

  it('a body that is larger than any bundle that travels along', async () => {
    const reply = await send('POST /versions', { body: { ...tag, branch: 'x'.repeat(5_000_000) } });
    expect(reply.json).toMatchObject({ status: 413, code: 'body_too_large' });
  });

  it('never shows what is secret in a document that it refuses', async () => {
    const fault = { code: 'unknown_field', field: '/targets/0/planted', message: 'planted is not a field of a target' };
    const problem = { ...conflict, status: 422, code: fault.code, field: fault.field, findings: [fault] };
    ownersAnswer('targets.apply', () => ({ ok: false, problem }));
    const reply = await send('POST /targets', { body: { ...document, planted: 1 } });
    // One document is no list: pointers lead into the body as it was sent.
    expect(reply.json).toMatchObject({ status: 422, field: '/planted', findings: [{ field: '/planted' }] });
    const several = await send('POST /targets', { body: { targets: [document] } });
    expect(several.json).toMatchObject({ field: '/targets/0/planted', findings: [fault] });
    expect(reply.text + JSON.stringify(use().faults)).not.toContain('canary-secret');
  });
});
