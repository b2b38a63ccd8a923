import { PublishDetail, PublishList, TargetsApplied } from '@m3/contracts';
import { eventually } from '@m3/testing';
import pg from 'pg';
import { publishTag, sampleTag } from './sample.js';
import { startTestStack, type TestStack } from './test-stack.js';

describe('the whole product on this machine', () => {
  let stack: TestStack;

  beforeAll(async () => {
    stack = await startTestStack({ schemas: ['one', 'two'] });
    const api = await stack.api();
    const targets = [stack.target('one'), stack.target('two', { triggers: { on_version_tag: false } })];
    await api.post('targets', { targets }, TargetsApplied);
  }, 120_000);
  afterAll(() => stack.stop(), 60_000);

  async function publishOf(target: string, version: string): Promise<PublishDetail> {
    const api = await stack.api();
    const path = `publishes?target=${target}&version=${version}`;
    const { items } = await api.eventually(path, PublishList, (list) => list.items.length > 0);
    const id = items[0]?.publish_id ?? '';
    return api.eventually(`publishes/${id}`, PublishDetail, ({ ended_at }) => ended_at !== null);
  }

  async function tag(version: string): Promise<void> {
    const sample = await sampleTag();
    await publishTag(stack.servers.nats.url, { ...sample, id: version, data: { ...sample.data, version } });
  }

  it('takes a tagged version live through all eight steps, and announces it', async () => {
    await tag('v1.0.0');
    const publish = await publishOf('one', 'v1.0.0');

    expect(publish.status).toBe('succeeded');
    expect(publish.steps.map(({ step, status }) => [step, status])).toEqual([
      ['validating', 'passed'],
      ['gating', 'passed'],
      ['awaiting_approval', 'skipped'],
      ['backing_up', 'passed'],
      ['deploying', 'passed'],
      ['activating', 'passed'],
      ['verifying', 'passed'],
      ['notifying', 'passed'],
    ]);
    expect(stack.webhooks).toMatchObject([{ payload: { type: 'publish.succeeded' } }]);
    expect(await activeVersion('one')).toBe('v1.0.0');
    expect(await activeVersion('two')).toBeNull();
  }, 60_000);

  it('goes on after all services were killed and started again', async () => {
    const services = Object.values(stack.services);
    await Promise.all(services.map((service) => service.kill()));
    await Promise.all(services.map((service) => service.restart()));
    await tag('v1.1.0');

    expect((await publishOf('one', 'v1.1.0')).status).toBe('succeeded');
  }, 120_000);

  it('goes on after its bus lost everything', async () => {
    await stack.servers.nats.local?.restart({ wipe: true });
    await eventually('the services are on the bus again', async () => {
      const replies = await Promise.all(Object.values(stack.services).map(({ url }) => fetch(`${url}/health/ready`)));
      const health = await Promise.all(replies.map((reply) => reply.text()));
      return health.every((text) => text.includes('"bus":"ok"'));
    });
    await tag('v1.2.0');

    expect((await publishOf('one', 'v1.2.0')).status).toBe('succeeded');
  }, 60_000);

  async function activeVersion(schema: string): Promise<string | null> {
    const client = new pg.Client({ connectionString: stack.sandboxes.get('sandbox')?.databaseUrl });
    await client.connect();
    try {
      const { rows } = await client.query<{ version: string }>(`SELECT version FROM "${schema}".active_release`);
      return rows[0]?.version ?? null;
    } finally {
      await client.end();
    }
  }
});
