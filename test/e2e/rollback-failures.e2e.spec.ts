import { PublishDetail, TargetDetail, type DomainEventType, type ServiceName } from '@m3/contracts';
import { snapshotDigest } from '@m3/target-environment';
import { eventually } from '@m3/testing';
import { operatorsShell } from './operators-shell.fixture.spec.js';
import { useProduct } from './product.fixture.spec.js';

const use = useProduct({ schemas: ['broken'] });
const target = 'targets/Target%20broken';

beforeAll(async () => {
  await use().apply(use().document('broken'));
  for (const version of ['v1.0.0', 'v1.1.0']) await published(version);
}, 240_000);

async function published(version: string): Promise<void> {
  await use().tag({ version });
  const [id = ''] = await use().log.triggered(version);
  await use().log.endsAs(id, 'PublishSucceeded');
}

/** Asks for a rollback, and answers its id. */
async function rolledBack(reason: string): Promise<string> {
  const answer = await use().call(`${target}/rollback`, { body: { reason } });
  if (answer.status !== 202) throw new Error(`the rollback was refused: ${answer.text}`);
  return /pub_[0-9a-f-]{36}/.exec(answer.text)?.[0] ?? '';
}

const digest = async () => snapshotDigest(await use().environment('broken').snapshot());

describe('a rollback that fails', () => {
  it('holds the target, tells it once, and says what to do by hand, which works when it is followed literally', async () => {
    const product = use();
    const { log, webhook, stack } = product;
    await product.faults({ failing_executor: 'extract_executor://' });
    const id = await rolledBack('v1.1.0 loses invoices');
    await log.endsAs(id, 'PublishRollbackFailed');
    await product.faults();

    const path = `publishes/${id}`;
    const { failure } = await product.shows(path, PublishDetail, ({ status }) => status === 'rollback_failed');
    expect(failure).toMatchObject({ code: 'restored_version_unhealthy', step: 'verifying' });
    await product.shows(target, TargetDetail, ({ status }) => status === 'held');
    const told = () => webhook.received.filter(({ payload }) => JSON.stringify(payload).includes(id));
    await eventually('people are told', () => told().length > 0);
    expect(new Set(told().map((each) => each.id)).size).toBe(1);
    expect(told()[0]?.payload).toMatchObject({ type: 'publish.rollback_failed' });

    const steps = failure?.manual_steps ?? [];
    expect(steps).toHaveLength(4);
    for (const step of steps) expect(await operatorsShell(stack, step)).toMatchObject({ code: 0 });
    const [restored] = await log.ofType('TargetRestoredByHand');
    expect(await digest()).toBe(restored?.data.digest);
    await product.shows(
      target,
      TargetDetail,
      ({ status, active }) => status === 'active' && active?.version === 'v1.0.0',
    );
  }, 240_000);
});

describe('kill -9 during a rollback', () => {
  it.each<[ServiceName, DomainEventType, string]>([
    ['backups', 'BackupCheckRequested', 'v1.2.0'],
    ['deployer', 'RoutingStopRequested', 'v1.3.0'],
    ['backups', 'RollbackRestoreRequested', 'v1.4.0'],
    ['deployer', 'ReactivationRequested', 'v1.5.0'],
  ])(
    'of %s at %s costs no rollback: the target equals the backup',
    async (service, at, version) => {
      const product = use();
      const { log, stack } = product;
      await published(version);
      const id = await rolledBack('again');
      await log.reaches(id, at);
      await stack.services[service].kill();
      await stack.services[service].restart();
      await log.ended(id, 60_000);
      await log.endsAs(id, 'PublishSucceeded');

      const types = (await log.about(id)).map(({ type }) => type);
      expect(types.length).toBe(new Set(types).size);
      const [restored] = (await log.ofType('BackupRestored')).filter(({ data }) => data.publish_id === id);
      expect(await digest()).toBe(restored?.data.digest);
      expect(await log.slots()).toEqual({ holders: [], waiting: [] });
      await product.shows(target, TargetDetail, ({ status }) => status === 'held');
      await product.call(`${target}/release`, { body: { reason: 'go on' } });
    },
    240_000,
  );
});
