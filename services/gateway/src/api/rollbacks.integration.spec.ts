import { prepareDatabase } from '@m3/database';
import {
  PublishDetail,
  PublishDraining,
  PublishList,
  PublishRetryAccepted,
  RollbackAccepted,
  RollbackPlan,
  TrafficLook,
  type CommandName,
  type ProblemDetails,
  type Role,
} from '@m3/contracts';
import { OutcomeUnknownError, OwnerUnavailableError } from '@m3/service-kit';
import { flawOf } from '../http/validation.js';
import { useGateway, type Call } from '../testing/gateway-under-test.js';
import { idOf, publishUpTo, told } from '../testing/stories.js';

const use = useGateway({
  name: 'gateway',
  prepare: async (url) => {
    await prepareDatabase(url, () => 'secret');
  },
});
const [target, publish, rollback] = [idOf('target', 1), idOf('publish', 1), idOf('publish', 2)];
const backup_id = idOf('backup', 1);
const digest = `sha256:${'a'.repeat(64)}`;
const at = '2026-03-19T14:23:45.000Z';
const reason = 'no totals';
const nobody = { publish_id: null, to: null, expected_backup_id: null };

const choice = {
  ...{ target_id: target, target_name: 'Production US East', environment: 'production' },
  ...{ from: { project: 'invoice-pipeline', version: 'v1.3.0' }, undoes: publish, takes_over: [], vetoed: [] },
  to: { project: 'invoice-pipeline', version: 'v1.2.0', bundle_digest: digest },
  backup: { backup_id, name: 'backup-production', digest, taken_at: at, bytes: 2_048 },
  smoke_tests: true,
};
const comparison = { condition: 'ok', reason: null, changes: null, equal: true };
const accepted = { publish_id: rollback, project: 'invoice-pipeline', version: 'v1.2.0', backup_id };
const drained = {
  ...{ publish_id: publish, target_id: target, target_name: 'Production US East', asked_at: at },
  ...{ outcome: 'known', reason: null, active_version: 'v1.3.0', executions: [], running: 0 },
};
const shared = {
  ...{ publish_id: publish, target_id: target, target_name: 'Production US East', asked_at: at },
  ...{ strategy: 'canary', version: 'v1.3.0', from_version: 'v1.2.0', step: 1, steps: 2, weight: 10 },
  ...{ watch_until: at, extended: false, outcome: 'known', reason: null },
  measured: { executions: 12, failures: 1, p95_ms: 340 },
  limits: { max_error_rate: 5, max_p95_ms: null, min_requests: 20, extend_seconds: 300 },
};
const problem: ProblemDetails = {
  ...{ type: 'urn:m3-publish:problem:plan_changed', title: 'plan changed', status: 409 },
  ...{ code: 'plan_changed', detail: 'Another backup would be restored by now.', field: '/expected_backup_id' },
};

beforeAll(async () => {
  await use().append(
    told(1, 'TargetCreated'),
    ...publishUpTo(1, 'succeeded'),
    ...publishUpTo(3, 'validated'),
    ...publishUpTo(4, 'validated'),
    told(2, 'RollbackRequested', { undoes: publish }),
  );
  await use().projected();
  use().owners.answer('deployer.plan_rollback', () => ({ ok: true, result: choice }));
  use().owners.answer('backups.compare', () => ({ ok: true, result: comparison }));
});

const call = (route: string, more: Call = {}) => {
  const [method = '', path = ''] = route.split(' ');
  return use().call(`/api/v1${path}`, { method, ...more });
};
const sent = (command: CommandName) => use().owners.sent.filter(({ name }) => name === command);
const answer = (command: CommandName, reply: () => unknown) => use().owners.answer(command, reply);

const managers: readonly Role[] = ['admin', 'maintainer'];
const everybody: readonly Role[] = ['admin', 'maintainer', 'approver', 'viewer', 'auditor', 'service'];

const passing = [
  {
    route: 'POST /targets/Production%20US%20East/rollback',
    command: 'deployer.rollback',
    ...{ body: { reason }, roles: managers, schema: RollbackAccepted, result: accepted, status: 202 },
    payload: { ...nobody, target_id: target, reason },
  },
  {
    route: `POST /targets/${target}/rollback`,
    command: 'deployer.rollback',
    body: { reason, to: 'v1.1.0', expected_backup_id: backup_id },
    ...{ roles: managers, schema: RollbackAccepted, result: accepted, status: 202 },
    payload: { target_id: target, publish_id: null, to: 'v1.1.0', expected_backup_id: backup_id, reason },
  },
  {
    route: `POST /publishes/${publish}/rollback`,
    command: 'deployer.rollback',
    body: { reason, expected_backup_id: backup_id },
    ...{ roles: managers, schema: RollbackAccepted, result: accepted, status: 202 },
    payload: { target_id: target, publish_id: publish, to: null, expected_backup_id: backup_id, reason },
  },
  {
    route: `GET /publishes/${publish}/draining`,
    command: 'deployer.draining',
    ...{ body: undefined, roles: everybody, schema: PublishDraining, result: drained, status: 200 },
    payload: { publish_id: publish },
  },
  {
    route: `GET /publishes/${publish}/traffic`,
    command: 'deployer.traffic',
    ...{ body: undefined, roles: everybody, schema: TrafficLook, result: shared, status: 200 },
    payload: { publish_id: publish },
  },
  {
    route: `POST /publishes/${publish}/retry`,
    command: 'targets.retry',
    ...{ body: undefined, roles: managers, schema: PublishRetryAccepted, status: 202 },
    result: { publish_id: rollback, retry_of: publish },
    payload: { publish_id: publish, reason: null },
  },
] as const;

describe.each(passing)('$route', ({ route, command, body, roles, schema, result, status, payload }) => {
  it("passes on what is asked, in the caller's name, and brings back the answer", async () => {
    answer(command, () => ({ ok: true, result }));
    const reply = await call(route, { body, sub: 'zoe', roles: ['maintainer'] });
    expect({ status: reply.status, json: reply.json, flaw: flawOf(schema, reply.json) }).toEqual({
      ...{ status, json: result, flaw: null },
    });
    const caller = { id: 'zoe', roles: ['maintainer'] };
    expect(sent(command).at(-1)?.payload).toEqual({ ...payload, command_id: expect.any(String), caller });
  });

  it('lets in nobody but those whose business it is', async () => {
    answer(command, () => ({ ok: true, result }));
    for (const role of everybody) {
      const reply = await call(route, { body, roles: [role] });
      expect({ role, status: reply.status }).toEqual({ role, status: roles.includes(role) ? status : 403 });
    }
  });

  it('is the same command under the same Idempotency-Key', async () => {
    answer(command, () => ({ ok: true, result }));
    for (const key of ['k-1', 'k-1', 'k-2']) await call(route, { body, headers: { 'idempotency-key': key } });
    const [first, again, other] = sent(command).slice(-3);
    expect(again?.payload.command_id).toBe(first?.payload.command_id);
    expect(other?.payload.command_id).not.toBe(first?.payload.command_id);
  });

  it('tells a refusal as it is, and that nothing was done apart from what is not known', async () => {
    answer(command, () => ({ ok: false, problem }));
    expect((await call(route, { body })).json).toEqual({ ...problem, instance: expect.any(String) });
    answer(command, () => {
      throw new OwnerUnavailableError('gone');
    });
    expect((await call(route, { body })).json).toMatchObject({ status: 503, code: 'owner_unavailable' });
    answer(command, () => {
      throw new OutcomeUnknownError('late');
    });
    expect((await call(route, { body })).json).toMatchObject({ status: 504, code: 'outcome_unknown' });
  });
});

describe('what cannot be asked', () => {
  const unknown = idOf('publish', 9);

  it.each([
    ['POST /targets/Nowhere/rollback', { reason }],
    ['POST /targets/Nowhere/rollback/plan', {}],
    [`POST /publishes/${unknown}/rollback`, { reason }],
    [`POST /publishes/${unknown}/rollback/plan`, {}],
    [`POST /publishes/${unknown}/retry`, {}],
    [`GET /publishes/${unknown}/draining`, undefined],
    [`GET /publishes/${unknown}/traffic`, undefined],
  ])('%s, for it is not there', async (route, body) => {
    const before = use().owners.sent.length;
    expect((await call(route, { body })).json).toMatchObject({ status: 404, code: 'not_found' });
    expect(use().owners.sent).toHaveLength(before);
  });

  it.each([
    [`POST /targets/${target}/rollback`, {}, '/reason'],
    [`POST /targets/${target}/rollback`, { reason: 1 }, '/reason'],
    [`POST /targets/${target}/rollback`, { reason, to: 'latest' }, '/to'],
    [`POST /targets/${target}/rollback`, { reason, expected_backup_id: 'b' }, '/expected_backup_id'],
    [`POST /targets/${target}/rollback/plan`, { reason }, '/reason'],
    [`POST /publishes/${publish}/rollback`, { reason, to: 'v1.1.0' }, '/to'],
    [`POST /publishes/${publish}/retry`, { reason: 1 }, '/reason'],
    ['GET /publishes?overdue=false', undefined, '/overdue'],
  ])('%s with %p, for what is wrong at %s', async (route, body, field) => {
    const before = use().owners.sent.length;
    const code = body === undefined ? 'invalid_query' : 'invalid_body';
    expect((await call(route, { body })).json).toMatchObject({ status: 400, code, field });
    expect(use().owners.sent).toHaveLength(before);
  });
});

describe('a reason that says nothing', () => {
  it.each([
    `POST /targets/${target}/rollback`,
    `POST /publishes/${publish}/rollback`,
    `POST /publishes/${publish}/retry`,
  ])('is refused by %s', async (route) => {
    const { json } = await call(route, { body: { reason: ' ' } });
    expect(json).toMatchObject({ status: 400, code: 'blank_reason', field: '/reason' });
  });
});

describe('the plan of a rollback', () => {
  const of = {
    target: `POST /targets/${target}/rollback/plan`,
    publish: `POST /publishes/${publish}/rollback/plan`,
  };

  it.each([
    [of.target, undefined, { target_id: target, publish_id: null, to: null }],
    [of.target, { to: 'v1.1.0' }, { target_id: target, publish_id: null, to: 'v1.1.0' }],
    [of.publish, undefined, { target_id: target, publish_id: publish, to: null }],
  ])('%s with %p is the choice, with what restoring its backup would change', async (route, body, payload) => {
    const { status, json } = await call(route, { body });
    expect({ status, json, flaw: flawOf(RollbackPlan, json) }).toEqual({
      ...{ status: 200, json: { ...choice, comparison }, flaw: null },
    });
    expect(sent('deployer.plan_rollback').at(-1)?.payload).toMatchObject(payload);
    expect(sent('backups.compare').at(-1)?.payload).toMatchObject({ backup_id });
  });

  it('is for those who may roll back', async () => {
    for (const role of everybody) {
      const replies = await Promise.all(Object.values(of).map((route) => call(route, { roles: [role] })));
      const status = managers.includes(role) ? 200 : 403;
      expect({ role, statuses: replies.map((reply) => reply.status) }).toEqual({ role, statuses: [status, status] });
    }
  });

  it('tells why there is none, and compares nothing then', async () => {
    const before = sent('backups.compare').length;
    answer('deployer.plan_rollback', () => ({ ok: false, problem: { ...problem, code: 'no_previous_version' } }));
    const reply = await call(of.target);
    answer('deployer.plan_rollback', () => ({ ok: true, result: choice }));
    expect(reply.json).toMatchObject({ status: 409, code: 'no_previous_version' });
    expect(sent('backups.compare')).toHaveLength(before);
  });

  it('says that it does not know the condition of the backup where nobody answers, and shows the choice', async () => {
    for (const fault of [new OwnerUnavailableError('gone'), new OutcomeUnknownError('late')]) {
      answer('backups.compare', () => {
        throw fault;
      });
      const { status, json } = await call(of.target);
      expect({ status, flaw: flawOf(RollbackPlan, json) }).toEqual({ status: 200, flaw: null });
      expect(json).toMatchObject({
        backup: { backup_id },
        comparison: { condition: 'unknown', reason: expect.any(String), changes: null, equal: null },
      });
    }
    answer('backups.compare', () => ({ ok: true, result: comparison }));
  });
});

describe('publishes that are overdue', () => {
  const [late, alsoLate] = [idOf('publish', 3), idOf('publish', 4)];
  const overdue = async (query = '') => {
    const { json } = await call(`GET /publishes?overdue=true${query}`);
    expect(flawOf(PublishList, json)).toBeNull();
    return json.items?.map(({ publish_id, overdue_since }) => [publish_id, overdue_since]);
  };
  const happened = async (...events: readonly ReturnType<typeof told>[]) => {
    await use().append(...events);
    await use().projected();
  };

  it('are listed until they go on, or end', async () => {
    expect(await overdue()).toEqual([]);
    await happened(told(3, 'DeadlineMissed', { deadline_at: at }), told(4, 'DeadlineMissed', { deadline_at: at }));
    expect(await overdue()).toEqual([
      [alsoLate, at],
      [late, at],
    ]);
    expect(await overdue('&project=another')).toEqual([]);
    expect(await overdue('&status=succeeded')).toEqual([]);

    await happened(told(3, 'DeadlineCaughtUp'));
    expect(await overdue()).toEqual([[alsoLate, at]]);
    await happened(told(4, 'PublishFailed'));
    expect(await overdue()).toEqual([]);
  });

  it('were not, if that is told after their end', async () => {
    await happened(told(1, 'DeadlineMissed'));
    expect(await overdue()).toEqual([]);
  });
});

describe('a rollback that was asked for', () => {
  it('is linked with what it undoes, both ways', async () => {
    const detail = await call(`GET /publishes/${rollback}`);
    expect(flawOf(PublishDetail, detail.json)).toBeNull();
    expect(detail.json).toMatchObject({
      ...{ trigger: 'rollback', rollback: { undoes: publish } },
      links: { undoes: `/api/v1/publishes/${publish}` },
    });
    expect((await call(`GET /publishes/${publish}`)).json).toMatchObject({
      links: { undone_by: `/api/v1/publishes/${rollback}` },
    });
  });
});
