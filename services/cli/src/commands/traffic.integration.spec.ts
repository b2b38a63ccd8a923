import { newId, TrafficLook, type PublishDetail } from '@m3/contracts';
import { eventually } from '@m3/testing';
import { at, FakeGateway, ok, problem, stepsAt, watchedShare } from '../fake-gateway.spec.js';
import { m3Publish } from '../terminal.spec.js';

const publish_id = newId('publish');
const path = `publishes/${publish_id}/traffic`;
const look: TrafficLook = {
  ...{ publish_id, target_id: newId('target'), target_name: 'Production', asked_at: at },
  ...{ strategy: 'canary', version: 'v1.3.0', from_version: 'v1.2.0', step: 1, steps: 2, weight: 10 },
  ...{ watch_until: at, extended: false, outcome: 'known', reason: null },
  measured: { executions: 240, failures: 1, p95_ms: 812 },
  limits: { max_error_rate: 5, max_p95_ms: null, min_requests: 20, extend_seconds: 300 },
};
const shareLine = 'Production: 10 % of new executions go to v1.3.0 (share 1 of 2), the rest to v1.2.0';
const limitsLine = '  goes back where more than 5 % fail; 20 executions are needed (5 min 00 s more for them)';

let gateway: FakeGateway;
beforeEach(async () => {
  gateway = await new FakeGateway().start();
});
afterEach(() => gateway.stop());

describe('m3-publish traffic', () => {
  const run = (...args: readonly string[]) => m3Publish(['traffic', publish_id, ...args], { url: gateway.url });
  const answers = (reply: TrafficLook) => gateway.on('GET', path, () => ok(TrafficLook, reply));

  it.each<[string, TrafficLook, number, readonly string[]]>([
    [
      'what the version did with its share, and by what it is judged',
      look,
      0,
      [
        `${shareLine}; watched until ${at}`,
        '  240 executions have ended, 1 of them failed (0.4 %); 95 % took up to 812 ms',
        limitsLine,
      ],
    ],
    [
      'that nothing has come, although it is watched for longer',
      { ...look, extended: true, measured: { executions: 0, failures: 0, p95_ms: null } },
      0,
      [`${shareLine}; watched for longer than ${at}: too few came`, '  no execution has ended so far', limitsLine],
    ],
    [
      'that it is unknown, and why',
      { ...look, outcome: 'unknown', reason: 'the gateway does not answer', measured: null },
      4,
      [`${shareLine}; watched until ${at}`, '  unknown: the gateway does not answer', limitsLine],
    ],
  ])('shows %s', async (_what, reply, exitCode, lines) => {
    answers(reply);
    expect(await run()).toEqual({ exitCode, stdout: `${lines.join('\n')}\n`, stderr: '' });
  });

  it('prints the answer as it is with --json', async () => {
    answers(look);
    const { exitCode, stdout } = await run('--json');
    expect({ exitCode, reply: JSON.parse(stdout) as unknown }).toEqual({ exitCode: 0, reply: look });
  });

  it('is refused where nothing is shared now', async () => {
    gateway.on('GET', path, () => problem(409, 'no_traffic_split'));
    expect(await run()).toMatchObject({ exitCode: 1, stderr: 'm3-publish: refused: no_traffic_split\n' });
  });
});

describe('a share of the traffic', () => {
  const running: Partial<PublishDetail> = { status: 'activating', steps: stepsAt('activating'), traffic: watchedShare };
  const judged = { step: 1, outcome: 'inconclusive', measured: null, reason: 'the gateway does not tell', at } as const;

  it('is shown with a publish, and what it came to', async () => {
    const { id } = gateway.addPublish({ ...running, traffic: { ...watchedShare, judged } });
    const { stdout } = await m3Publish(['show', id], { url: gateway.url });
    expect(stdout).toContain(
      `Traffic\tcanary: 10 % of new executions go to v1.3.0 (share 1 of 2), the rest to v1.2.0; watching until ${at}\n`,
    );
    expect(stdout).toContain('Judged\tshare 1 inconclusive: the gateway does not tell\n');
    const done = gateway.addPublish({ traffic: { ...watchedShare, state: 'done', weight: 100, watch_until: null } });
    expect((await m3Publish(['show', done.id], { url: gateway.url })).stdout).toContain('Traffic\tcanary: all; done\n');
  });

  it('is said once to who watches many publishes, also that it is watched for longer', async () => {
    const publishes = Array.from({ length: 6 }, () => gateway.addPublish());
    const watched = m3Publish(['watch', ...publishes.map(({ id }) => id)], { url: gateway.url });
    await eventually('the CLI follows the stream', () => gateway.openStreams === 1);
    const [first, ...others] = publishes;
    first?.happens('TrafficShifted', running);
    first?.happens('TrafficJudged', { traffic: { ...watchedShare, judged } });
    await eventually('the CLI has looked', () => gateway.received('GET', `publishes/${first?.id ?? ''}`).length > 1);
    const end = { status: 'succeeded', steps: stepsAt('end'), duration_ms: 1, ended_at: at } as const;
    for (const publish of others) publish.happens('PublishSucceeded', end);
    first?.happens('PublishSucceeded', { ...end, traffic: { ...watchedShare, state: 'done' } });
    const lines = (await watched).stdout.split('\n').filter((line) => line.includes('% of new executions'));
    expect(lines).toEqual([
      `staging: ▸ 10 % of new executions go to v1.3.0 (share 1 of 2), watched for longer: the gateway does not tell: m3-publish why ${first?.id ?? ''}`,
    ]);
  });
});
