import { prepareDatabase } from '@m3/database';
import type { Role } from '@m3/contracts';
import { useGateway } from '../testing/gateway-under-test.js';
import { idOf } from '../testing/stories.js';

const use = useGateway({
  name: 'channels',
  prepare: async (url) => {
    await prepareDatabase(url, () => 'secret');
  },
});

const sent = () => use().owners.sent.at(-1);

describe('channels', () => {
  it('are listed as the notifier has them, for everybody who may read', async () => {
    const items = [{ name: 'on-call', kind: 'pagerduty', rules: [{ events: ['emergency.*'] }] }];
    use().owners.answer('notifier.channels', () => ({ ok: true, result: { items } }));
    const reply = await use().call('/api/v1/channels', { roles: ['viewer'] });
    expect({ status: reply.status, json: reply.json }).toEqual({ status: 200, json: { items } });
    expect(sent()).toMatchObject({ name: 'notifier.channels', payload: { caller: { id: 'ann' } } });
  });

  const tested = {
    channel: 'on-call',
    notification_id: idOf('notification', 1),
    outcome: 'undelivered',
    reason: 'HTTP 400',
  };
  const test = (roles: readonly Role[], key?: string) =>
    use().call('/api/v1/channels/on-call/test', {
      ...{ method: 'POST', roles, headers: key === undefined ? {} : { 'idempotency-key': key } },
    });

  it('are tested by those who manage targets, once under a key', async () => {
    use().owners.answer('notifier.test_channel', () => ({ ok: true, result: tested }));
    const reply = await test(['maintainer'], 'once');
    expect({ status: reply.status, json: reply.json }).toEqual({ status: 200, json: tested });
    const first = sent();
    await test(['maintainer'], 'once');
    expect(first).toMatchObject({ name: 'notifier.test_channel', payload: { channel: 'on-call' } });
    expect(sent()?.payload).toEqual(first?.payload);
  });

  it('are not tested by others', async () => {
    for (const role of ['approver', 'viewer', 'auditor', 'service'] as const) {
      expect((await test([role])).json['code']).toBe('role_missing');
    }
  });
});
