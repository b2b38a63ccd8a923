import { newId, PublishDraining } from '@m3/contracts';
import { at, FakeGateway, ok, problem } from '../fake-gateway.spec.js';
import { m3Publish } from '../terminal.spec.js';

const publish_id = newId('publish');
const path = `publishes/${publish_id}/draining`;
const drained: PublishDraining = {
  ...{ publish_id, target_id: newId('target'), target_name: 'Production', asked_at: at },
  ...{ outcome: 'known', reason: null, active_version: 'v1.1.0', executions: [], running: 0 },
};
const busy: PublishDraining = {
  ...drained,
  executions: [
    { version: 'v1.2.0', running: 2 },
    { version: 'v1.0.0', running: 0 },
  ],
  running: 2,
};
const unknown: PublishDraining = {
  ...{ ...drained, outcome: 'unknown', reason: 'the gateway cannot say', running: null },
};

describe('m3-publish draining', () => {
  let gateway: FakeGateway;
  beforeEach(async () => {
    gateway = await new FakeGateway().start();
  });
  afterEach(() => gateway.stop());

  /** Answers one after the other; the last one stays. */
  const answers = (...replies: readonly [PublishDraining, ...PublishDraining[]]) => {
    const left = [...replies];
    gateway.on('GET', path, () => ok(PublishDraining, left.length > 1 ? left.shift() : left[0]));
  };
  const run = (...args: readonly string[]) => m3Publish(['draining', publish_id, ...args], { url: gateway.url });

  it.each([
    ['executions that are left', busy, 0, 'Production: 2 still on v1.2.0\n'],
    ['that none are left', drained, 0, 'Production: all runs on v1.1.0\n'],
    [
      'that none are left where nothing is active',
      { ...drained, active_version: null },
      0,
      'Production: all runs on nothing\n',
    ],
    [
      'that none are left of a version that the gateway still names',
      { ...busy, executions: [{ version: 'v1.2.0', running: 0 }], running: 0 },
      0,
      'Production: all runs on v1.1.0\n',
    ],
    ['that it is unknown, and why', unknown, 4, 'Production: unknown: the gateway cannot say\n'],
  ])('shows %s', async (_, reply, code, text) => {
    answers(reply);
    expect(await run()).toEqual({ exitCode: code, stdout: text, stderr: '' });
  });

  it('prints the answer as it is with --json', async () => {
    answers(busy);
    const { exitCode, stdout } = await run('--json');
    expect({ exitCode, reply: JSON.parse(stdout) as unknown }).toEqual({ exitCode: 0, reply: busy });
  });

  it('asks again with --wait until none are left', async () => {
    answers(busy, drained);
    expect(await run('--wait')).toEqual({
      ...{ exitCode: 0, stdout: 'Production: all runs on v1.1.0\n', stderr: '2 still running\n' },
    });
    expect(gateway.received('GET', path)).toHaveLength(2);
  });

  it('stops waiting with 5 when the time is up, and shows what is left', async () => {
    answers(busy);
    const { exitCode, stdout } = await run('--wait', '--timeout', '1s');
    expect({ exitCode, stdout }).toEqual({ exitCode: 5, stdout: 'Production: 2 still on v1.2.0\n' });
  });

  it('waits for nothing that it cannot see', async () => {
    answers(busy, unknown);
    expect(await run('--wait')).toMatchObject({
      exitCode: 4,
      stdout: expect.stringContaining('the gateway cannot say'),
    });
  });

  it('tells when there is no such publish', async () => {
    gateway.on('GET', path, () => problem(404, 'not_found'));
    expect(await run('--wait')).toMatchObject({ exitCode: 1, stderr: 'm3-publish: refused: not_found\n' });
  });
});
