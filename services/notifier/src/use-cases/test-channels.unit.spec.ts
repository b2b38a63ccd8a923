import { EventRegistry, eventCatalogue } from '@m3/contracts';
import { MemoryEventStore } from '@m3/event-store';
import { startedBy } from '@m3/process';
import type { Channel } from '../channels/channel.js';
import type { Try } from '../domain/delivery.js';
import { TestChannels } from './test-channels.js';

const clock = () => new Date('2026-03-19T14:23:45.000Z');
const by = (commandId: string) => startedBy(commandId, { kind: 'user', id: 'ann' }, clock);

function testing(answer: Try) {
  const store = new MemoryEventStore(new EventRegistry(eventCatalogue));
  const sent: unknown[] = [];
  const channel: Channel = {
    ...{ name: 'on-call', kind: 'pagerduty', rules: [] },
    wants: () => false,
    send: async (message) => {
      sent.push(message);
      return answer;
    },
  };
  return { channels: new TestChannels({ store, clock, channels: [channel] }), store, sent };
}

describe('a test of a channel', () => {
  it('is sent whatever the rules say, and stands in the log with who asked', async () => {
    const { channels, store, sent } = testing({ outcome: 'delivered' });
    const tested = await channels.test('on-call', by('cmd_1'));
    expect(tested).toMatchObject({ outcome: 'accepted', result: { channel: 'on-call', outcome: 'delivered' } });
    const id = tested.outcome === 'accepted' ? tested.result.notification_id : '';
    expect(sent).toMatchObject([
      { id, payload: { type: 'channel.test', data: { message: expect.stringContaining('ann') as unknown } } },
    ]);
    expect(await store.readStream(`notification-${id}`)).toMatchObject([
      {
        type: 'NotificationAttempted',
        data: { kind: 'channel.test', publish_id: null },
        metadata: { actor: { id: 'ann' } },
      },
    ]);
  });

  it('asked for again under the same key is not sent again', async () => {
    const { channels, sent } = testing({ outcome: 'failed', reason: 'HTTP 503' });
    const first = await channels.test('on-call', by('cmd_1'));
    expect(await channels.test('on-call', by('cmd_1'))).toEqual(first);
    expect(sent).toHaveLength(1);
    await channels.test('on-call', by('cmd_2'));
    expect(sent).toHaveLength(2);
  });

  it('that does not get there says why, and is not tried again by itself', async () => {
    const { channels, store } = testing({ outcome: 'failed', reason: 'HTTP 503' });
    const tested = await channels.test('on-call', by('cmd_1'));
    expect(tested).toMatchObject({ result: { outcome: 'undelivered', reason: 'HTTP 503' } });
    const id = tested.outcome === 'accepted' ? tested.result.notification_id : '';
    expect(await store.readStream(`notification-${id}`)).toMatchObject([
      { data: { deliveries: [{ outcome: 'abandoned', next_attempt_at: null }] } },
    ]);
  });

  it('of a channel that is not there is refused, and leaves nothing', async () => {
    const { channels, sent } = testing({ outcome: 'delivered' });
    expect(await channels.test('nobody', by('cmd_1'))).toMatchObject({
      rejection: { code: 'channel_not_found', field: 'channel' },
    });
    expect(sent).toEqual([]);
  });
});
