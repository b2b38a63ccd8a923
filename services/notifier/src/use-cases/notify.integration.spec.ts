import { declared, EventRegistry, eventCatalogue, newId, type RecordedEventOf } from '@m3/contracts';
import { MemoryEventStore } from '@m3/event-store';
import { EffectLease, MemorySessionLocks } from '@m3/messaging';
import { createGuardedHttp } from '@m3/target-environment';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { openChannels } from '../channels/registry.js';
import { Notify } from './notify.js';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const http = createGuardedHttp({ allow: ['127.0.0.0/8'] });
let server: Server;
let url: string;
let answers: number[];
let received: { readonly id: string; readonly payload: unknown }[];

beforeAll(async () => {
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const id = String(request.headers['webhook-id']);
      const signed = {
        'webhook-id': id,
        'webhook-timestamp': String(request.headers['webhook-timestamp']),
        'webhook-signature': String(request.headers['webhook-signature']),
      };
      received.push({ id, payload: new Webhook(secret).verify(body, signed) });
      response.writeHead(answers.shift() ?? 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
beforeEach(() => {
  answers = [];
  received = [];
});
afterAll(async () => {
  await http.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function notifying(channels: readonly object[] = [{ kind: 'webhook', name: 'releases', url, secret }]) {
  const store = new MemoryEventStore(new EventRegistry(eventCatalogue));
  // Receivers refuse signatures of another time than theirs.
  let now = Date.now();
  const clock = () => new Date(now);
  const lease = new EffectLease(new MemorySessionLocks());
  const opened = openChannels(channels, { http });
  const notify = new Notify({ store, channels: opened, publicUrl: null, lease, clock });
  const notificationId = newId('notification');
  const told = async () =>
    (await store.readStream(`notification-${notificationId}`)).map(({ type, data }) => ({ type, data }));
  return {
    announce: () => notify.announce(notificationId, failed()),
    retry: () => notify.retry(notificationId),
    advance: (seconds: number) => void (now += seconds * 1000),
    ...{ notificationId, told, store, notify },
  };
}

function failed(): RecordedEventOf<'PublishFailed'> {
  return {
    type: 'PublishFailed',
    data: {
      publish_id: newId('publish'),
      target_id: newId('target'),
      ...{ step: 'gating', code: 'plan.cycle', reason: 'the plan has a cycle', timed_out: false, unknown: null },
    },
    metadata: {
      actor: { kind: 'service', id: 'deployer' },
      ...{ correlationId: 'test', causationId: null, occurredAt: '2026-03-19T14:23:45.000Z' },
    },
    ...{ position: 1, seq: 1, stream: 'publish-1', streamVersion: 1, category: 'publish', schemaVersion: 1 },
    ...{ eventId: 'e1', recordedAt: '2026-03-19T14:23:45.000Z' },
  };
}

describe('a webhook', () => {
  it('is signed, and told once however often the event comes', async () => {
    const { announce, notificationId, told } = notifying();
    await announce();
    await announce();

    expect(received).toEqual([
      {
        id: notificationId,
        payload: expect.objectContaining({
          type: 'publish.failed',
          data: expect.objectContaining({ message: 'failed while gating: the plan has a cycle' }),
        }),
      },
    ]);
    expect(await told()).toMatchObject([
      { type: 'NotificationAttempted', data: { deliveries: [{ channel: 'releases', outcome: 'delivered' }] } },
    ]);
  });

  it('that was not taken comes again when it is due, under the same id, until it is taken', async () => {
    const { announce, retry, advance, notificationId, told } = notifying();
    answers = [503, 429];
    await announce();
    await retry();
    expect(received).toHaveLength(1);
    advance(5);
    await retry();
    advance(30);
    await retry();
    await retry();

    expect(received.map(({ id }) => id)).toEqual([notificationId, notificationId, notificationId]);
    expect(await told()).toMatchObject([
      {
        type: 'NotificationAttempted',
        data: { deliveries: [{ attempt: 1, outcome: 'deferred', reason: 'HTTP 503' }] },
      },
      { type: 'NotificationRetried', data: { delivery: { attempt: 2, outcome: 'deferred', reason: 'HTTP 429' } } },
      { type: 'NotificationRetried', data: { delivery: { attempt: 3, outcome: 'delivered' }, next_due_at: null } },
    ]);
  });

  it('that is refused is not sent again', async () => {
    const { announce, retry, advance, told } = notifying();
    answers = [410];
    await announce();
    advance(3_600);
    await retry();
    expect(received).toHaveLength(1);
    expect(await told()).toMatchObject([{ data: { deliveries: [{ outcome: 'abandoned', reason: 'HTTP 410' }] } }]);
  });

  it('of one channel does not wait for another that is away', async () => {
    const away = { kind: 'webhook', name: 'away', url: 'http://127.0.0.1:9/', secret };
    const { announce, told } = notifying([away, { kind: 'webhook', name: 'releases', url, secret }]);
    await announce();
    expect(received).toHaveLength(1);
    expect(await told()).toMatchObject([
      {
        data: {
          deliveries: [
            { channel: 'away', outcome: 'deferred' },
            { channel: 'releases', outcome: 'delivered' },
          ],
        },
      },
    ]);
  });
});

describe('a publish that waits for a time', () => {
  const at = '2026-03-20T02:00:00.000Z';
  const delayed = (resume_at: string | null) => {
    const { subject } = catalogued.example;
    const block = { kind: 'window', since: null, until: resume_at, unblocked_by: ['admin'] } as const;
    const blocks = [{ ...block, unblocked_by: ['admin'] }];
    return { subject, blocks, resume_at, judged_by: { target_revision: 1, calendar_revision: 0 } };
  };
  const catalogued = declared('StartDelayed');

  it('is announced ahead, once for each time that is planned', async () => {
    const { store, notify } = notifying();
    const stream = 'publish-waiting';
    const { metadata } = failed();
    for (const [index, resume_at] of [at, null, at, '2026-03-21T02:00:00.000Z'].entries()) {
      const event = { type: 'StartDelayed', data: delayed(resume_at) };
      await store.append([{ stream, expectedVersion: index, events: [event] }], metadata);
    }
    for (const event of await store.readStream(stream)) {
      if (event.type !== 'StartDelayed') continue;
      await notify.announcePlan({ ...event, type: 'StartDelayed', data: delayed(resumeOf(event.data)) });
    }

    expect(received.map(({ payload }) => payload)).toMatchObject([
      {
        type: 'publish.planned',
        data: {
          planned_at: at,
          message: `invoice-pipeline v1.3.0 to Production US East is planned for ${at}; until then: window`,
        },
      },
      { data: { planned_at: '2026-03-21T02:00:00.000Z' } },
    ]);
  });
});

function resumeOf(data: object): string | null {
  return 'resume_at' in data && typeof data.resume_at === 'string' ? data.resume_at : null;
}
