import { PublishDetail, PublishList, TargetsApplied, type TargetDocument } from '@m3/contracts';
import { createDatabase, temporaryFolder } from '@m3/local-servers';
import type { NatsServer, PostgresServer } from '@m3/local-servers';
import { createTestBucket, startTestNats, startTestPostgres } from '@m3/testing';
import { ApiClient } from './api-client.js';
import { publishTag, sampleTag } from './sample.js';
import { newSecrets } from './secrets.js';
import type { GivenServers, Stack } from './stack.js';
import { startStack } from './stack-start.js';
import { startWebhookReceiver } from './webhook-receiver.js';

describe('the whole product on servers that run already', () => {
  let postgres: PostgresServer;
  let nats: NatsServer;
  let servers: Required<GivenServers>;

  beforeAll(async () => {
    [postgres, nats] = await Promise.all([startTestPostgres(), startTestNats()]);
    const adminUrl = await createDatabase(postgres.url, 'product');
    servers = { postgres: { adminUrl }, nats: { url: nats.url }, s3: await createTestBucket() };
  }, 240_000);
  afterAll(() => Promise.all([postgres.stop(), nats.stop()]));

  it('takes a tagged version live through all eight steps, announces it, and leaves the servers alone', async () => {
    const secrets = newSecrets();
    const receiver = await startWebhookReceiver({ name: 'test', secret: secrets.webhookSecret });
    const stack = await startStack({
      ...{ home: await temporaryFolder('m3-stack'), servers, secrets, webhooks: [receiver.channel] },
      sandboxes: [{ name: 'sandbox', schemas: ['one', 'two'] }],
    });
    try {
      const api = new ApiClient(stack.services.gateway.url, await stack.issuer.token({ sub: 'ann', roles: ['admin'] }));
      await api.post('targets', { targets: [target(stack, 'one', {})] }, TargetsApplied);
      await api.post('targets', target(stack, 'two', { triggers: { branch: 'release' } }), TargetsApplied);
      await publishTag(nats.url, await sampleTag());
      const publish = await onlyPublish(api);

      expect(publish.target_name).toBe('one');
      expect(publish.steps.map(({ step, status }) => `${step} ${status}`)).toEqual([
        'validating passed',
        'gating passed',
        'awaiting_approval skipped',
        'backing_up passed',
        'deploying passed',
        'activating passed',
        'verifying passed',
        'notifying passed',
      ]);
      expect(receiver.received).toMatchObject([{ payload: { type: 'publish.succeeded' } }]);
    } finally {
      await stack.stop();
      await receiver.close();
    }
    expect(Object.values(stack.services).map(({ pid }) => pid)).toEqual(Array(7).fill(undefined));
    await expect(createDatabase(postgres.url, 'still_there')).resolves.toContain('still_there');
  }, 240_000);

  it('that does not start as a whole says why, and leaves nothing running', async () => {
    const addresses: string[] = [];
    const starting = startStack({
      ...{ home: await temporaryFolder('m3-stack'), servers },
      sandboxes: [{ name: 'sandbox' }],
      serviceEnv: { deployer: { SECRET_KEY: 'too short' } },
      listener: { done: (_part, note) => void addresses.push(note) },
    });

    await expect(starting).rejects.toMatchObject({
      code: 'ended_early',
      message: expect.stringMatching(/^deployer ended at start: exit code 1 .*\n.*the secret key must be 32 bytes/s),
    });
    const own = addresses.filter((address) => address.startsWith('http:') && address !== servers.s3.endpoint);
    expect(own).toHaveLength(7);
    for (const url of own) await expect(fetch(url)).rejects.toThrow('fetch failed');
  }, 240_000);

  function target({ sandboxes }: Stack, schema: string, changes: Partial<TargetDocument>): TargetDocument {
    const sandbox = sandboxes.get('sandbox');
    if (sandbox === undefined) throw new Error('the stack has no sandbox');
    return {
      ...{ name: schema, environment: 'test', type: 'auto_deploy', schema, gateway_id: 'sandbox' },
      ...{ gateway_url: sandbox.gateway.url, database_url: sandbox.databaseUrl, ...changes },
    };
  }

  async function onlyPublish(api: ApiClient): Promise<PublishDetail> {
    const { items } = await api.eventually('publishes', PublishList, (list) => list.items.length > 0);
    expect(items).toHaveLength(1);
    const path = `publishes/${items[0]?.publish_id ?? ''}`;
    return api.eventually(path, PublishDetail, ({ ended_at }) => ended_at !== null);
  }
});
