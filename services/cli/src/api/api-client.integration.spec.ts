import { MeReply, TargetAccepted, newId } from '@m3/contracts';
import { FakeGateway, ok, problem } from '../fake-gateway.spec.js';
import { ApiClient } from './api-client.js';

const patience = { retryDelays: [1, 1, 1], requestTimeout: 300 };
const target_id = newId('target');

describe('the client of the API', () => {
  let gateway: FakeGateway;
  let api: ApiClient;
  beforeEach(async () => {
    gateway = await new FakeGateway().start();
    api = new ApiClient({ url: gateway.url, token: 'secret-token' }, patience);
  });
  afterEach(() => gateway.stop());

  it('sends the token, and takes fields that it does not know', async () => {
    gateway.on('GET', 'me', () => ({ status: 200, body: { id: 'ann', roles: ['admin'], since: 'a newer release' } }));
    expect(await api.get('me', MeReply)).toMatchObject({ id: 'ann' });
    expect(gateway.requests[0]?.headers.authorization).toBe('Bearer secret-token');
  });

  it('repeats a POST under the same Idempotency-Key until it is answered', async () => {
    let attempts = 0;
    gateway.on('POST', 'targets/t/enable', () =>
      ++attempts < 3 ? problem(503, 'storage_unavailable') : ok(TargetAccepted, { target_id }),
    );
    expect(await api.post('targets/t/enable', TargetAccepted, {})).toEqual({ target_id });
    const keys = gateway.requests.map((request) => request.headers['idempotency-key']);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
  });

  it('does not repeat a refusal', async () => {
    gateway.on('POST', 'targets/t/enable', () => problem(409, 'already_enabled', { field: 'target_id' }));
    await expect(api.post('targets/t/enable', TargetAccepted, {})).rejects.toMatchObject({
      code: 'already_enabled',
      field: 'target_id',
      exitCode: 1,
    });
    expect(gateway.requests).toHaveLength(1);
  });

  it('calls the outcome of a POST without an answer unknown, and names the key to repeat it with', async () => {
    gateway.on('POST', 'targets/t/enable', () => new Promise(() => undefined));
    const client = new ApiClient({ url: gateway.url, token: null }, { retryDelays: [], requestTimeout: 50 });
    await expect(client.post('targets/t/enable', TargetAccepted, { idempotencyKey: 'key-1' })).rejects.toMatchObject({
      exitCode: 4,
      remedy: expect.stringContaining('--idempotency-key key-1'),
    });
  });

  it('follows no redirect: the token stays here', async () => {
    gateway.on('GET', 'me', () => ({ status: 302, body: '', headers: { location: `${gateway.url}/elsewhere` } }));
    await expect(api.get('me', MeReply)).rejects.toMatchObject({ exitCode: 4 });
    expect(gateway.requests).toHaveLength(1);
  });

  it.each([
    [401, 3],
    [403, 3],
    [404, 1],
    [422, 1],
    [429, 4],
    [500, 4],
    [503, 4],
  ])('HTTP %i is exit code %i', async (status, exitCode) => {
    gateway.on('GET', 'me', () => problem(status, 'a_code'));
    await expect(api.get('me', MeReply)).rejects.toMatchObject({ code: 'a_code', exitCode });
  });

  it.each([
    ['a page of a proxy', '<html>502</html>', 502],
    ['a page of another server', '<html>hello</html>', 200],
    ['another document', { hello: 'world' }, 200],
  ])('says that it does not understand %s', async (_, body, status) => {
    gateway.on('GET', 'me', () => ({ status, body }));
    await expect(api.get('me', MeReply)).rejects.toMatchObject({ exitCode: 4 });
  });

  it('says who is not there', async () => {
    await gateway.stop();
    await expect(api.get('me', MeReply)).rejects.toMatchObject({
      code: 'gateway_unreachable',
      message: `no answer from ${gateway.url}: connection refused`,
      exitCode: 4,
    });
  });
});
