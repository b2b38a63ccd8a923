import { channel, message, notification_id, payload, publish_id, useHttp } from './messages.fixture.spec.js';
import { useReceiver } from './receiver.fixture.spec.js';

const routing_key = 'R0123456789abcdefR0123456789abcd';
const http = useHttp();
const receiver = useReceiver();
const pagerduty = () => channel(http(), { kind: 'pagerduty', name: 'on-call', routing_key, url: receiver().url });
const bodies = () => receiver().received.map(({ path, body }) => ({ path, body }));

describe('PagerDuty', () => {
  it('alerts to an emergency at once: what, where, why, and the way to it', async () => {
    const declared = message('emergency.started', { emergency: true, message: 'ann publishes: orders are lost' });
    expect(await pagerduty().send(declared)).toEqual({ outcome: 'delivered' });
    const href = `https://publish.example.com/api/v1/publishes/${publish_id}`;
    expect(bodies()).toEqual([
      {
        path: '/v2/enqueue',
        body: {
          ...{ routing_key, event_action: 'trigger', dedup_key: `${publish_id}/emergency` },
          ...{ client: 'M3 Forge Publishing', client_url: href, links: [{ href, text: 'publish' }] },
          payload: {
            summary:
              'EMERGENCY: emergency started: invoice-pipeline v1.3.0 to Production US East (production): ann publishes: orders are lost',
            ...{ source: 'Production US East', severity: 'critical', timestamp: '2026-03-19T14:23:45.000Z' },
            ...{ component: 'invoice-pipeline', class: 'emergency.started' },
            custom_details: {
              ...{ notification_id, publish_id, message: 'ann publishes: orders are lost', version: 'v1.3.0' },
              ...{ project: 'invoice-pipeline', target_name: 'Production US East', environment: 'production' },
            },
          },
        },
      },
    ]);
  });

  it('alerts under one key however often it is told of one incident', async () => {
    for (let time = 0; time < 3; time++) await pagerduty().send(message('publish.rollback_failed'));
    const keys = receiver().received.map(({ body }) => body);
    expect(keys).toHaveLength(3);
    for (const body of keys) {
      expect(body).toMatchObject({ event_action: 'trigger', dedup_key: `${publish_id}/rollback_failed` });
    }
  });

  it('resolves the alert of an emergency that has ended, after it has alerted to its failure', async () => {
    await pagerduty().send(message('publish.failed', { emergency: true }));
    expect(bodies()).toMatchObject([
      { path: '/v2/enqueue', body: { event_action: 'trigger', dedup_key: `${publish_id}/failed` } },
      {
        path: '/v2/enqueue',
        body: { routing_key, event_action: 'resolve', dedup_key: `${publish_id}/emergency` },
      },
    ]);
  });

  it('resolves the alert of a publish that was stuck when it moves on', async () => {
    await pagerduty().send(message('publish.stuck'));
    await pagerduty().send(message('publish.moved_on'));
    expect(bodies()).toMatchObject([
      { body: { event_action: 'trigger', dedup_key: `${publish_id}/stuck`, payload: { severity: 'critical' } } },
      { body: { event_action: 'resolve', dedup_key: `${publish_id}/stuck` } },
    ]);
  });

  it('is told of a publish as of a change, which wakes nobody', async () => {
    await pagerduty().send(message('publish.succeeded'));
    expect(bodies()).toMatchObject([
      {
        path: '/v2/change/enqueue',
        body: { routing_key, payload: { summary: expect.stringContaining('publish succeeded') as unknown } },
      },
    ]);
  });

  it('hears nothing of what is neither', () => {
    const channelOnCall = pagerduty();
    for (const type of ['approval.opened', 'publish.planned', 'review.opened', 'publish.cancelled']) {
      expect(channelOnCall.wants(payload(type))).toBe(false);
    }
    expect(channelOnCall.wants(payload('publish.cancelled', { emergency: true }))).toBe(true);
  });

  it.each([
    [429, 'failed'],
    [500, 'failed'],
    [503, 'failed'],
    [400, 'refused'],
  ])('that answers %d has %s it', async (status, outcome) => {
    receiver().answers.push(status);
    expect(await pagerduty().send(message('publish.failed'))).toEqual({ outcome, reason: `HTTP ${status}` });
  });

  it('cuts a summary to what is taken', async () => {
    await pagerduty().send(message('publish.failed', { message: '𝄞'.repeat(2_000) }));
    const [first] = receiver().received;
    expect(first?.body).toMatchObject({ payload: { summary: expect.stringMatching(/^.{1023}…$/u) as unknown } });
  });
});
