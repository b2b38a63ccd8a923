import { ChannelList, ChannelTested, newId } from '@m3/contracts';
import { FakeGateway, ok, problem } from '../fake-gateway.spec.js';
import { m3Publish } from '../terminal.spec.js';

let gateway: FakeGateway;
beforeEach(async () => {
  gateway = await new FakeGateway().start();
});
afterEach(() => gateway.stop());

const run = (...args: readonly string[]) => m3Publish(args, { url: gateway.url });
const tested = { channel: 'on-call', notification_id: newId('notification') };

describe('m3-publish channel', () => {
  it('list shows what each channel is told of', async () => {
    const rules = [
      { events: ['publish.failed', 'emergency.*'], environments: ['production'] },
      { targets: ['US East'] },
    ];
    const items = [
      { name: 'on-call', kind: 'pagerduty', rules },
      { name: 'releases', kind: 'slack', rules: [] },
    ];
    gateway.on('GET', 'channels', () => ok(ChannelList, { items }));
    expect((await run('channel', 'list')).stdout.trimEnd().split('\n')).toEqual([
      'on-call\tpagerduty\tpublish.failed, emergency.* of production; * of US East',
      'releases\tslack\teverything',
    ]);
  });

  it('test says that the test has arrived', async () => {
    gateway.on('POST', 'channels/on-call/test', () =>
      ok(ChannelTested, { ...tested, outcome: 'delivered', reason: null }),
    );
    expect(await run('channel', 'test', 'on-call')).toMatchObject({ exitCode: 0, stdout: 'on-call: delivered\n' });
  });

  it('test ends with 1 and the reason when it has not', async () => {
    gateway.on('POST', 'channels/on-call/test', () =>
      ok(ChannelTested, { ...tested, outcome: 'undelivered', reason: 'HTTP 400' }),
    );
    const { exitCode, stdout } = await run('channel', 'test', 'on-call');
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: 'on-call: undelivered: HTTP 400\n' });
  });

  it('test of a channel that is not there says so', async () => {
    gateway.on('POST', 'channels/nobody/test', () => problem(404, 'channel_not_found'));
    const { exitCode, stderr } = await run('channel', 'test', 'nobody');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('channel_not_found');
  });
});
