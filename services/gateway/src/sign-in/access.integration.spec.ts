import { prepareDatabase } from '@m3/database';
import { createTestDatabase, type TestDatabase } from '@m3/testing';
import { startGateway, type GatewayUnderTest } from '../testing/gateway-under-test.js';

let database: TestDatabase;
let gateway: GatewayUnderTest;

beforeAll(async () => {
  database = await createTestDatabase({
    name: 'gateway',
    prepare: async (url) => {
      await prepareDatabase(url, () => 'secret');
    },
  });
  gateway = await startGateway(database.url, { perSecond: 0.001, burst: 20 });
});
afterAll(async () => {
  await gateway.stop();
  await database.drop();
});

it('asks who has no token to sign in, before it looks at anything else', async () => {
  const response = await fetch(`${gateway.url}/api/v1/publishes?planted=1`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: 'not JSON',
  });
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe('Bearer realm="m3-publish"');
  expect(await response.json()).toMatchObject({ code: 'sign_in_required' });
});

it('lets nobody in without a role', async () => {
  const reply = await gateway.call('/api/v1/me', { sub: 'nobody', roles: [] });
  expect(reply.json).toMatchObject({ status: 403, code: 'role_missing' });
});

it('keeps the log for auditors', async () => {
  expect((await gateway.call('/api/v1/audit/events', { sub: 'vic', roles: ['viewer', 'maintainer'] })).status).toBe(
    403,
  );
  expect((await gateway.call('/api/v1/audit/events', { sub: 'aud', roles: ['auditor'] })).status).toBe(200);
});

it('slows down who asks too much, and says when to come again', async () => {
  const replies = await Promise.all(Array.from({ length: 25 }, () => gateway.call('/api/v1/me', { sub: 'busy' })));
  const refused = replies.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(5);
  expect(refused[0]?.headers.get('retry-after')).toMatch(/^\d+$/);
  expect((await gateway.call('/api/v1/me', { sub: 'calm' })).status).toBe(200);
});

it('sets the headers that keep browsers safe, and tells nothing about itself', async () => {
  const { headers } = await gateway.call('/api/v1/me', { sub: 'headers' });
  expect(headers.get('content-security-policy')).toContain("default-src 'self'");
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-powered-by')).toBeNull();
});
