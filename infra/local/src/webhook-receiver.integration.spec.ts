import { Webhook } from 'standardwebhooks';
import { newSecrets } from './secrets.js';
import { startWebhookReceiver, type WebhookReceiver } from './webhook-receiver.js';

describe('the receiver of webhooks', () => {
  const { webhookSecret: secret } = newSecrets();
  let receiver: WebhookReceiver;
  beforeEach(async () => {
    receiver = await startWebhookReceiver({ name: 'test', secret, answer: ({ id }) => (id === 'busy' ? 503 : 204) });
  });
  afterEach(() => receiver.close());

  async function send(id: string, key: string): Promise<number> {
    const body = JSON.stringify({ type: 'publish.succeeded' });
    const at = new Date();
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(key).sign(id, at, body),
    };
    return (await fetch(receiver.channel.url, { method: 'POST', headers, body })).status;
  }

  it('keeps what was signed with its secret, repeats too, and answers as it is told', async () => {
    expect(await send('one', secret)).toBe(204);
    expect(await send('busy', secret)).toBe(503);
    expect(await send('busy', secret)).toBe(503);

    expect(receiver.received.map(({ id }) => id)).toEqual(['one', 'busy', 'busy']);
    expect(receiver.received[0]?.payload).toEqual({ type: 'publish.succeeded' });
  });

  it('refuses what was signed with another', async () => {
    expect(await send('one', newSecrets().webhookSecret)).toBe(401);
    expect((await fetch(receiver.channel.url)).status).toBe(401);
    expect(receiver.received).toEqual([]);
  });
});
