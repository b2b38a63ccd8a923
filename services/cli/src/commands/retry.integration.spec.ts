import { newId, PublishList, PublishRetryAccepted, type PublishSummary } from '@m3/contracts';
import { at, FakeGateway, ok, problem } from '../fake-gateway.spec.js';
import { m3Publish, type World } from '../terminal.spec.js';

const retried = newId('publish');

describe('publishes that did not go well, with m3-publish', () => {
  let gateway: FakeGateway;
  beforeEach(async () => {
    gateway = await new FakeGateway().start();
  });
  afterEach(() => gateway.stop());
  const run = (args: readonly string[], world: World = {}) => m3Publish(args, { url: gateway.url, ...world });

  describe('retry', () => {
    const path = `publishes/${retried}/retry`;
    const accepts = (publish_id = newId('publish')) => {
      gateway.on('POST', path, () => ok(PublishRetryAccepted, { publish_id, retry_of: retried }, 202));
      return publish_id;
    };

    it('asks for the publish again, and says how to follow the new one', async () => {
      const id = accepts();
      expect(await run(['retry', retried])).toEqual({
        exitCode: 0,
        stdout: `${id}: does ${retried} again\n`,
        stderr: `  → m3-publish watch ${id}\n`,
      });
      expect(gateway.received('POST', path).map(({ body }) => body)).toEqual([{ reason: null }]);
    });

    it('takes a reason and a key of its own, and prints the answer as it is with --json', async () => {
      const id = accepts();
      const { exitCode, stdout } = await run([
        ...['retry', retried, '--reason', 'the disk has room again', '--idempotency-key', 'k-1', '--json'],
      ]);
      expect({ exitCode, reply: JSON.parse(stdout) as unknown }).toEqual({
        exitCode: 0,
        reply: { publish_id: id, retry_of: retried },
      });
      const [request] = gateway.received('POST', path);
      expect(request?.body).toEqual({ reason: 'the disk has room again' });
      expect(request?.headers['idempotency-key']).toBe('k-1');
    });

    it.each([
      ['succeeded', 0],
      ['failed', 1],
      ['superseded', 6],
    ] as const)('is followed to its end with --watch: %s ends with %i', async (status, code) => {
      const { id } = gateway.addPublish({ status, retry_of: retried, duration_ms: 10, outcome_reason: 'so it is' });
      accepts(id);
      const { exitCode, stdout } = await run(['retry', retried, '--watch']);
      expect(exitCode).toBe(code);
      expect(stdout).toContain(id);
    });

    it.each([
      [409, 'publish_running', 1],
      [404, 'not_found', 1],
      [403, 'role_missing', 3],
      [504, 'outcome_unknown', 4],
    ])('tells a refusal: %i %s ends with %i', async (status, code, exit) => {
      gateway.on('POST', path, () => problem(status, code));
      const { exitCode, stdout, stderr } = await run(['retry', retried, '--watch']);
      expect({ exitCode, stdout }).toEqual({ exitCode: exit, stdout: '' });
      expect(stderr).toContain(`m3-publish: refused: ${code}`);
    });
  });

  describe('history --overdue', () => {
    const overdue: PublishSummary = {
      ...{ publish_id: newId('publish'), project: 'invoices', version: 'v1.3.0', trigger: 'manual' },
      ...{ target_id: newId('target'), target_name: 'Production', environment: 'production', status: 'backing_up' },
      ...{ requested_by: 'ann', requested_at: at, ended_at: null, duration_ms: null, outcome_reason: null },
      ...{ start_delay: null, overdue_since: at },
    };
    const lists = (...items: PublishSummary[]) =>
      gateway.on('GET', 'publishes', () => ok(PublishList, { items, next_cursor: null }));

    it('lists those that are past a deadline', async () => {
      lists(overdue);
      const { exitCode, stdout } = await run(['history', '--overdue', '--target', 'Production']);
      expect({ exitCode, cells: stdout.trimEnd().split('\t') }).toEqual({
        exitCode: 0,
        cells: [at, 'invoices', 'v1.3.0', 'Production', 'backing_up', '', 'ann', overdue.publish_id],
      });
      expect(gateway.requests[0]?.query).toMatchObject({ overdue: 'true', target: 'Production' });
    });

    it('shows people since when one is overdue, in every list', async () => {
      lists(overdue);
      expect((await run(['history'], { terminal: true })).stdout).toContain('backing up, overdue since ');
      expect(gateway.requests[0]?.query).not.toHaveProperty('overdue');
    });

    it('prints them with --json, and says on a terminal that there are none', async () => {
      lists(overdue);
      expect(JSON.parse((await run(['history', '--overdue', '--json'])).stdout)).toEqual({ items: [overdue] });
      lists();
      expect(await run(['history', '--overdue'], { terminal: true })).toMatchObject({
        ...{ exitCode: 0, stdout: expect.stringContaining('no publishes') },
      });
    });
  });
});
