import {
  FreezeAccepted,
  FreezeList,
  newId,
  PublishesAccepted,
  PublishOverrideAccepted,
  type FreezeView,
  type StartDelay,
} from '@m3/contracts';
import { at, FakeGateway, ok } from '../fake-gateway.spec.js';
import { m3Publish } from '../terminal.spec.js';

describe('what publishes wait for, with m3-publish', () => {
  let gateway: FakeGateway;
  beforeEach(async () => {
    gateway = await new FakeGateway().start();
  });
  afterEach(() => gateway.stop());
  const run = (args: readonly string[]) => m3Publish(args, { url: gateway.url });

  const freeze: FreezeView = {
    ...{ freeze_id: newId('freeze'), status: 'in_force', reason: 'end of quarter', override_roles: ['admin'] },
    ...{ scope: { kind: 'environment', environment: 'production' }, period: { from: at, to: null } },
    ...{ declared_by: 'ann', declared_at: at, in_force: { since: at, until: null }, next_at: null, lifted: null },
  };

  it('lists freezes with what they concern and until when', async () => {
    gateway.on('GET', 'freezes', () => ok(FreezeList, { items: [freeze] }));
    const { stdout } = await run(['freeze', 'list', '--status', 'in_force']);
    expect(stdout.trimEnd().split('\t')).toEqual([
      ...['in force', 'environment production', 'until it is lifted', 'end of quarter', 'ann', freeze.freeze_id],
    ]);
    expect(gateway.received('GET', 'freezes')[0]?.query).toEqual({ status: 'in_force' });
  });

  it('declares and lifts freezes', async () => {
    const accepted = () => ok(FreezeAccepted, { freeze_id: freeze.freeze_id });
    gateway.on('POST', 'freezes', accepted);
    gateway.on('POST', `freezes/${freeze.freeze_id}/lift`, accepted);
    const weekly = ['--cron', '0 18 * * fri', '--minutes', '3600', '--timezone', 'Europe/Berlin'];
    expect(await run(['freeze', 'declare', '--reason', 'weekend', ...weekly])).toMatchObject({ exitCode: 0 });
    expect(await run(['freeze', 'lift', freeze.freeze_id, '--reason', 'done'])).toMatchObject({ exitCode: 0 });

    expect(gateway.received('POST', 'freezes')[0]?.body).toEqual({
      scope: { kind: 'global' },
      period: { cron: '0 18 * * fri', duration_minutes: 3600, timezone: 'Europe/Berlin' },
      reason: 'weekend',
    });
  });

  it('lets a publish start all the same, as it is asked for or while it waits', async () => {
    const publish_id = newId('publish');
    gateway.on('POST', `publishes/${publish_id}/override`, () =>
      ok(PublishOverrideAccepted, { publish_id, status: 'backing_up' }, 202),
    );
    const asked = { target_id: newId('target'), target_name: 'staging', outcome: 'requested', publish_id };
    gateway.on('POST', 'publishes', () => ok(PublishesAccepted, { publishes: [asked] }, 202));
    const { stdout } = await run(['override', publish_id, '--reason', 'outage']);
    expect(stdout).toContain('it may start (backing up)');
    await run(['publish', 'invoice-pipeline', 'v1.3.0', '--target', 'staging', '--override-reason', 'outage']);
    expect(gateway.received('POST', 'publishes')[0]?.body).toMatchObject({ override_reason: 'outage' });
  });

  it('shows what holds a start up', async () => {
    const block = { kind: 'hold', reason: 'audit', since: at, until: null, unblocked_by: ['admin'] } as const;
    const start_delay: StartDelay = { since: at, resume_at: null, blocks: [{ ...block, unblocked_by: ['admin'] }] };
    const { id } = gateway.addPublish({ status: 'waiting_for_release', start_delay });
    expect((await run(['show', id])).stdout).toContain('Waits to start: the target is held: audit');
  });
});
