import type { PublishDetail } from '@m3/contracts';
import { eventually } from '@m3/testing';
import { at, FakeGateway, type FakePublish, stepsAt } from '../fake-gateway.spec.js';
import { m3Publish } from '../terminal.spec.js';

const succeeded = { status: 'succeeded', steps: stepsAt('end'), duration_ms: 3_240, ended_at: at } as const;

describe('m3-publish watch', () => {
  let gateway: FakeGateway;
  beforeEach(async () => {
    gateway = await new FakeGateway().start();
  });
  afterEach(() => gateway.stop());

  const watching = (count = 1) => eventually('the CLI follows the stream', () => gateway.openStreams === count);
  const lines = (text: string): string[] => text.trimEnd().split('\n');

  async function runThrough(publish: FakePublish): Promise<void> {
    await watching();
    publish.happens('ValidationRequested', { status: 'validating' }, '✓ gateway answers');
    publish.happens('GatesRequested', { status: 'gating', steps: stepsAt('gating') }, '✓ no secret found');
    publish.happens('PublishSucceeded', succeeded, '✓ done');
  }

  it('prints each line of the log once, and ends with 0', async () => {
    const publish = gateway.addPublish();
    const running = m3Publish(['watch', publish.id], { url: gateway.url });
    await runThrough(publish);
    const { exitCode, stdout } = await running;
    expect(exitCode).toBe(0);
    expect(lines(stdout)[0]).toBe(`invoice-pipeline v1.3.0 → staging (${publish.id})`);
    for (const text of ['✓ gateway answers', '✓ no secret found', '✓ done']) {
      expect(lines(stdout).filter((line) => line === `[2026-03-19 14:23:45] ${text}`)).toHaveLength(1);
    }
    expect(lines(stdout).at(-1)).toBe('invoice-pipeline v1.3.0 → staging: succeeded in 3.2 s');
  });

  it('draws the steps over themselves on a terminal, and leaves the last picture', async () => {
    const publish = gateway.addPublish();
    const running = m3Publish(['watch', publish.id, '--no-color'], { url: gateway.url, terminal: true });
    await runThrough(publish);
    const { exitCode, stdout } = await running;
    expect(exitCode).toBe(0);
    const picture = stdout.slice(stdout.lastIndexOf('\x1b[?7l'));
    expect(picture).toContain('✓ Notification');
    expect(picture).toContain('succeeded in 3.2 s');
  });

  it('prints every event once as NDJSON, also those from before, and the publish at the end', async () => {
    const publish = gateway.addPublish();
    publish.happens('PublishRequested', {});
    const running = m3Publish(['watch', publish.id, '--json'], { url: gateway.url });
    await runThrough(publish);
    const documents = lines((await running).stdout).map((line): unknown => JSON.parse(line));
    const events = [1, 2, 3, 4].map((seq) => ({ event: expect.objectContaining({ seq }) }));
    expect(documents).toEqual([...events, { publish: expect.objectContaining({ status: 'succeeded' }) }]);
  });

  it('waits until the lists have caught up with the events', async () => {
    const publish = gateway.addPublish();
    const running = m3Publish(['watch', publish.id], { url: gateway.url });
    await watching();
    publish.lag = 5;
    publish.happens('PublishSucceeded', succeeded);
    expect((await running).exitCode).toBe(0);
  });

  it('outlives a restart of the gateway', async () => {
    const publish = gateway.addPublish();
    const running = m3Publish(['watch', publish.id], { url: gateway.url });
    await watching();
    await gateway.stop();
    publish.happens('PublishSucceeded', succeeded, '✓ done while nobody looked');
    await gateway.start();
    const { exitCode, stdout, stderr } = await running;
    expect(exitCode).toBe(0);
    expect(lines(stdout).filter((line) => line.includes('while nobody looked'))).toHaveLength(1);
    expect(stderr).toContain('connection lost, trying again');
  });

  it('gives up with 4 when the gateway stays away', async () => {
    const publish = gateway.addPublish();
    const running = m3Publish(['watch', publish.id], { url: gateway.url, giveUpAfter: 100 });
    await watching();
    await gateway.stop();
    expect((await running).exitCode).toBe(4);
  });

  it.each([
    ['failed', 1],
    ['rolled_back', 1],
    ['rejected', 6],
    ['cancelled', 6],
  ] as const)('of a publish that is %s ends with %i and the reason', async (status, code) => {
    const publish = gateway.addPublish({ status, outcome_reason: 'smoke test failed', duration_ms: 10 });
    const { exitCode, stdout } = await m3Publish(['watch', publish.id], { url: gateway.url });
    expect(exitCode).toBe(code);
    expect(stdout).toContain('smoke test failed');
    expect(stdout).toContain(`m3-publish show ${publish.id}`);
  });

  it('shows what to do by hand after a failed rollback', async () => {
    const failure: PublishDetail['failure'] = {
      step: 'rolling_back',
      code: 'restore_failed',
      reason: 'the database does not answer',
      timed_out: true,
      unknown: 'whether the backup was restored',
      manual_steps: ['m3-publish target show staging'],
    };
    const publish = gateway.addPublish({ status: 'rollback_failed', failure });
    const { stdout } = await m3Publish(['watch', publish.id], { url: gateway.url });
    expect(stdout).toContain('not known: whether the backup was restored');
    expect(stdout).toContain('by hand: m3-publish target show staging');
  });

  it('stops with 5 when the time is up, and says how to go on', async () => {
    const publish = gateway.addPublish({ status: 'awaiting_approval', steps: stepsAt('awaiting_approval') });
    const { exitCode, stdout } = await m3Publish(['watch', publish.id, '--timeout', '1s'], { url: gateway.url });
    expect(exitCode).toBe(5);
    expect(stdout).toContain(`m3-publish approve ${publish.id}`);
    expect(stdout).toContain(`it goes on: m3-publish watch ${publish.id}`);
  });

  it('follows several at once, each line with its target; the worst one counts', async () => {
    const one = gateway.addPublish({ target_name: 'one' });
    const two = gateway.addPublish({ target_name: 'two' });
    const running = m3Publish(['watch', one.id, two.id], { url: gateway.url });
    await watching();
    one.happens('PublishSucceeded', succeeded, '✓ first');
    two.happens('PublishCancelled', { status: 'cancelled', outcome_reason: 'wrong version' });
    const { exitCode, stdout } = await running;
    expect(exitCode).toBe(6);
    expect(lines(stdout)).toContain('one: [2026-03-19 14:23:45] ✓ first');
    expect(gateway.received('GET', 'stream')).toHaveLength(1);
  });

  it('shows of many publishes just how their steps end', async () => {
    const many = Array.from({ length: 6 }, (_, index) => gateway.addPublish({ target_name: `target ${index}` }));
    const running = m3Publish(['watch', ...many.map(({ id }) => id)], { url: gateway.url });
    await watching();
    for (const publish of many) publish.happens('PublishSucceeded', succeeded, '✓ in the log');
    const { exitCode, stdout } = await running;
    expect(exitCode).toBe(0);
    expect(lines(stdout)).toContain('target 3: [2026-03-19 14:23:45] ✓ Quality gates passed (412 ms): all well');
    expect(stdout).not.toContain('in the log');
  });

  it('says that there is no such publish', async () => {
    const { exitCode, stderr } = await m3Publish(['watch', 'pub_unknown'], { url: gateway.url });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('refused: unknown_publish');
  });
});
