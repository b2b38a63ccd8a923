import { prepareDatabase } from '@m3/database';
import { OwnerUnavailableError } from '@m3/service-kit';
import { useGateway } from '../testing/gateway-under-test.js';
import { idOf } from '../testing/stories.js';

const use = useGateway({
  name: 'gate_callbacks',
  prepare: async (url) => {
    await prepareDatabase(url, () => 'secret');
  },
});

describe('POST /gates/{run}/callbacks/{token}', () => {
  const run = idOf('gateRun', 1);
  const callBack = (body: unknown, path = `/api/v1/gates/${run}/callbacks/one-time`) =>
    use().call(path, { method: 'POST', body, headers: { authorization: '' } });

  it('needs no sign-in: the token in the address goes to the gates with the verdict', async () => {
    use().owners.answer('gates.callback', () => ({
      ok: true,
      result: { gate_run_id: run, gate: 'external:licences' },
    }));
    const verdict = { outcome: 'fail', message: 'a licence is missing' };
    const reply = await callBack(verdict);
    expect({ status: reply.status, json: reply.json }).toEqual({
      ...{ status: 202, json: { gate_run_id: run, gate: 'external:licences' } },
    });
    expect(use().owners.sent.at(-1)).toMatchObject({
      ...{ name: 'gates.callback', payload: { gate_run_id: run, token: 'one-time', verdict, caller: { roles: [] } } },
    });
  });

  it.each([
    ['another outcome', { outcome: 'maybe' }],
    ['one that is pending again', { outcome: 'pending' }],
    ['more than a verdict', { outcome: 'pass', by: 'me' }],
    ['nothing', undefined],
  ])('refuses %s', async (_, body) => {
    const before = use().owners.sent.length;
    expect((await callBack(body)).status).toBe(400);
    expect(use().owners.sent).toHaveLength(before);
  });

  it('knows no run whose id is none', async () => {
    expect((await callBack({ outcome: 'pass' }, '/api/v1/gates/gtr_1/callbacks/x')).json['code']).toBe('not_found');
  });

  it('keeps the token out of its log', async () => {
    use().owners.answer('gates.callback', () => {
      throw new OwnerUnavailableError('gone');
    });
    expect((await callBack({ outcome: 'pass' })).status).toBe(503);
    expect(JSON.stringify(use().faults)).not.toContain('one-time');
  });
});
