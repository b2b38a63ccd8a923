import { prepareDatabase } from '@m3/database';
import { useGateway } from '../testing/gateway-under-test.js';
import { idOf, told } from '../testing/stories.js';

const use = useGateway({
  name: 'gateway',
  prepare: async (url) => {
    await prepareDatabase(url, () => 'secret');
  },
});

/** The calendar as an operator finds it: the gateway goes by the real clock, so its times lie far from it. */
const freezes = [
  { from: '2020-01-01T00:00:00.000Z', to: null },
  { from: '2990-01-01T00:00:00.000Z', to: null },
  { from: '2020-01-01T00:00:00.000Z', to: '2020-01-02T00:00:00.000Z' },
  { from: '2020-01-01T00:00:00.000Z', to: null },
  { cron: '0 0 29 2 *', duration_minutes: 1, timezone: 'UTC' },
];

beforeAll(async () => {
  const declared = freezes.map((period, index) => {
    const freeze_id = idOf('freeze', index + 1);
    return told(1, 'FreezeDeclared', { freeze_id, command_id: `cmd_${index}`, period });
  });
  await use().append(...declared, told(1, 'FreezeLifted', { freeze_id: idOf('freeze', 4) }));
  await use().projected();
});

describe('freezes in the API', () => {
  it('say whether they are in force now, to come, over or lifted', async () => {
    const { json } = await use().call('/api/v1/freezes');
    expect(json).toMatchObject({
      items: [
        { status: 'upcoming', in_force: null, next_at: expect.stringMatching('-02-29T00:00:00') as unknown },
        { status: 'lifted', lifted: { by: 'ann', reason: 'the books are closed' }, in_force: null, next_at: null },
        { status: 'past', in_force: null, next_at: null },
        { status: 'upcoming', next_at: '2990-01-01T00:00:00.000Z' },
        { status: 'in_force', in_force: { since: '2020-01-01T00:00:00.000Z', until: null }, declared_by: 'ann' },
      ],
    });
  });

  it('are listed by status, and one by one', async () => {
    expect((await use().call('/api/v1/freezes?status=lifted')).json).toMatchObject({
      items: [{ freeze_id: idOf('freeze', 4) }],
    });
    expect((await use().call(`/api/v1/freezes/${idOf('freeze', 3)}`)).json).toMatchObject({ status: 'past' });
    expect((await use().call(`/api/v1/freezes/${idOf('freeze', 9)}`)).status).toBe(404);
  });

  it('are refused with the field at fault', async () => {
    const body = { scope: { kind: 'target', target: 'Nowhere' }, period: freezes[0], reason: 'x' };
    const answer = await use().call('/api/v1/freezes', { method: 'POST', body });
    expect(answer).toMatchObject({ status: 422, json: { code: 'unknown_target', field: '/scope/target' } });
    const never = { ...body, scope: { kind: 'global' }, period: { from: '2026-02-31T00:00:00Z', to: null } };
    expect((await use().call('/api/v1/freezes', { method: 'POST', body: never })).status).toBe(400);
  });
});
