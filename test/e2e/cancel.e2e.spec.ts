import { PublishDetail, type DomainEventType, type ServiceName } from '@m3/contracts';
import { snapshotDigest } from '@m3/target-environment';
import { eventually } from '@m3/testing';
import type { Answer } from './product.fixture.spec.js';
import { useProduct } from './product.fixture.spec.js';
import { release } from './releases.fixture.spec.js';
import { rows } from './rows.fixture.spec.js';

const use = useProduct({ schemas: ['main', 'guarded'] });
const first = 'v1.0.0';
const next = 'v1.1.0';
const neverServed = 'v1.1.1';
const broken = 'v1.2.0';
let before: string;

/** Nothing is published by itself: each test asks for what it cancels. */
const byHand = { triggers: { version_pattern: 'v0.0.0' } };

beforeAll(async () => {
  const product = use();
  const quick = { deployment: { timeout_seconds: 10 } };
  await product.apply(
    product.document('main', { name: 'Main', ...byHand }),
    product.document('guarded', { name: 'Guarded', ...byHand, ...quick, access: { require_approvals: 1 } }),
  );
  await product.tag({ version: first });
  await product.tag({ version: next });
  await product.tag({ version: neverServed });
  await product.tag({ version: broken, bundle: release(broken, { executor: 'broken_executor://' }) });
  await product.log.endsAs(await publish(first), 'PublishSucceeded');
  before = await digest();
});
afterEach(() => use().faults());

async function publish(version: string, target = 'Main'): Promise<string> {
  const body = { project: 'invoice-pipeline', version, targets: [target] };
  const asked = await eventually('the publish is asked for', () => use().call('publishes', { body }), {
    until: ({ status }) => status === 202,
  });
  return /pub_[0-9a-f-]{36}/.exec(asked.text)?.[0] ?? '';
}

const cancel = (id: string, key = `cancel ${id}`.replaceAll(' ', '-')): Promise<Answer> =>
  use().call(`publishes/${id}/cancel`, { body: { reason: 'wrong version' }, headers: { 'idempotency-key': key } });

const digest = async (): Promise<string> => snapshotDigest(await use().environment('main').snapshot());

/** Stops a service while something happens. */
async function without(name: ServiceName, happens: () => Promise<void>): Promise<void> {
  const service = use().stack.services[name];
  await service.kill();
  await happens();
  await service.restart();
}

/** The target is as it was, nobody holds it, and what people are shown is how it ended. */
async function expectAsBefore(id: string, status: 'cancelled' | 'rolled_back'): Promise<void> {
  const { log, shows, targets } = bound();
  expect(await digest()).toBe(before);
  expect((await targets.state('main')).active).toBe(first);
  expect((await log.slots()).holders).toEqual([]);
  const detail = await shows(`publishes/${id}`, PublishDetail, ({ ended_at }) => ended_at !== null);
  expect(detail.status).toBe(status);
  expect(detail.outcome_reason).toContain('cancelled by ann: wrong version');
}

/** Undone, in whatever step the cancellation found it: machines may be slow. What never served is not there any more. */
async function expectUndone(id: string): Promise<void> {
  const { type } = await use().log.ended(id);
  await expectAsBefore(id, type === 'PublishCancelled' ? 'cancelled' : 'rolled_back');
  const served = (await use().log.about(id)).some((event) => event.type === 'VersionActivated');
  expect(served ? 'PublishRolledBack' : 'PublishCancelled').toBe(type);
  if (!served) expect((await use().targets.state('main')).releases).not.toContain(neverServed);
}

describe('a cancellation before the version is active: nothing of it remains', () => {
  it('follows on the request at once, though the deployer has not heard of that yet', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await publish(next, 'Guarded');
      expect((await cancel(id)).status).toBe(202);
      await use().log.endsAs(id, 'PublishCancelled');
    }
    expect((await use().targets.state('guarded')).releases).toEqual([]);
  });

  it.each<[string, ServiceName, DomainEventType]>([
    ['validating', 'gates', 'ValidationRequested'],
    ['backing up', 'backups', 'BackupRequested'],
  ])('while %s', async (_step, service, at) => {
    let id = '';
    await without(service, async () => {
      id = await publish(neverServed);
      await use().log.reaches(id, at);
      expect(await cancel(id)).toMatchObject({ status: 202, json: { status: 'cancelled' } });
      await use().log.endsAs(id, 'PublishCancelled');
    });
    await expectUndone(id);
  });

  it('while gates run', async () => {
    await use().faults({ latency_ms: 1_000 });
    const id = await publish(neverServed);
    await use().log.reaches(id, 'GatesRequested');
    expect((await cancel(id)).status).toBe(202);
    await use().faults();
    await expectUndone(id);
  });

  it('while people are asked', async () => {
    const id = await publish(next, 'Guarded');
    await use().log.reaches(id, 'ApprovalRequested');
    expect(await cancel(id)).toMatchObject({ status: 202, json: { status: 'cancelled' } });
    expect((await use().targets.state('guarded')).releases).toEqual([]);
  });

  it('while artifacts are written', async () => {
    const id = await slowedDown('DeploymentRequested', neverServed);
    expect((await cancel(id)).status).toBe(202);
    await use().faults();
    await expectUndone(id);
  });
});

describe('a cancellation once the version may be active: it is rolled back', () => {
  it.each<DomainEventType>(['ActivationRequested', 'VerificationRequested'])('at %s', async (at) => {
    const id = await slowedDown(at);
    expect((await cancel(id)).status).toBe(202);
    await use().faults();
    expect(await use().log.endsAs(id, 'PublishRolledBack')).toMatchObject({ data: { code: 'cancelled' } });
    await expectAsBefore(id, 'rolled_back');
    expect(await cancel(id)).toMatchObject({ status: 202, json: { status: 'rolled_back' } });
  });

  it('while it is announced', async () => {
    let id = '';
    await without('notifier', async () => {
      id = await publish(next);
      await use().log.reaches(id, 'NotificationRequested');
      expect(await cancel(id)).toMatchObject({ status: 202, json: { status: 'rolling_back' } });
      await use().log.endsAs(id, 'PublishRolledBack');
    });
    await expectAsBefore(id, 'rolled_back');
  });

  it('is refused for what has ended otherwise', async () => {
    const id = await publish(first);
    await use().log.endsAs(id, 'PublishSucceeded');
    expect(await cancel(id)).toMatchObject({ status: 409, json: { code: 'publish_ended' } });
  });
});

describe('a retry', () => {
  const retry = (id: string, key: string): Promise<Answer> =>
    use().call(`publishes/${id}/retry`, { body: {}, headers: { 'idempotency-key': key } });

  it('is a new publish, linked to the one that it does again, once', async () => {
    const { log, shows } = bound();
    const id = await publish(first, 'Guarded');
    await log.reaches(id, 'ApprovalRequested');
    expect(await retry(id, 'too-early')).toMatchObject({ status: 409, json: { code: 'publish_not_ended' } });
    expect((await cancel(id)).status).toBe(202);
    await log.endsAs(id, 'PublishCancelled');

    const again = await retry(id, 'first');
    expect(again).toMatchObject({ status: 202, json: { retry_of: id } });
    expect(await retry(id, 'first')).toMatchObject({ status: 202, json: again.json });
    expect(await retry(id, 'second')).toMatchObject({ status: 409, json: { code: 'already_retried' } });
    const detail = await shows(`publishes/${id}`, PublishDetail, ({ retried_by }) => retried_by !== null);
    await shows(`publishes/${String(detail.retried_by)}`, PublishDetail, ({ retry_of }) => retry_of === id);
    expect((await cancel(String(detail.retried_by))).status).toBe(202);
  });

  it('is refused for what has succeeded', async () => {
    const id = await publish(first);
    await use().log.endsAs(id, 'PublishSucceeded');
    expect(await retry(id, 'succeeded')).toMatchObject({ status: 409, json: { code: 'nothing_to_retry' } });
  });
});

describe('a cancellation that races', () => {
  it.each(
    rows<DomainEventType>(
      ['BackupTaken', 'VersionActivated', 'NotificationRequested'],
      ['GatesCompleted', 'DeploymentRequested', 'VerificationCompleted'],
    ),
  )('with success (from %s on) ends as it was answered', async (at) => {
    const id = await publish(next);
    await use().log.reaches(id, at);
    await expectAsAnswered(id, await cancel(id));
  });

  it('with a failed verification ends as a rollback', async () => {
    await use().faults({ failing_executor: 'broken_executor://' });
    const id = await publish(broken);
    await use().log.reaches(id, 'VerificationRequested');
    const answer = await cancel(id);
    expect([202, 409]).toContain(answer.status);
    await use().log.endsAs(id, 'PublishRolledBack');
    expect((await use().targets.state('main')).active).toBe(first);
  });

  it('with its deadline ends once', async () => {
    await without('gates', async () => {
      const id = await publish(next, 'Guarded');
      const { data } = await use().log.reaches(id, 'ValidationRequested');
      const deadline = Date.parse(String(data['deadline_at']));
      await eventually('the deadline comes near', () => Date.now() > deadline - 100, { timeoutMs: 30_000 });
      const { status } = await cancel(id);
      const end = await use().log.ended(id);
      expect([status, end.type]).toEqual(status === 202 ? [202, 'PublishCancelled'] : [409, 'PublishFailed']);
    });
  });

  it.each(rows<DomainEventType>(['ActivationRequested'], ['DeploymentRequested', 'VerificationRequested']))(
    'with kill -9 of the deployer at %s ends as it was answered, in the end',
    async (at) => {
      const { deployer } = use().stack.services;
      const id = await publish(next);
      await use().log.reaches(id, at);
      await Promise.all([cancel(id), deployer.kill()]);
      await deployer.restart();
      const told = (answer: Answer) => answer.status === 202 || answer.status === 409;
      await expectAsAnswered(id, await eventually('an answer', () => cancel(id), { timeoutMs: 30_000, until: told }));
    },
  );
});

/** A publish that goes slowly from its backup on, at the first event of a type. */
async function slowedDown(at: DomainEventType, version = next): Promise<string> {
  const product = use();
  let id = '';
  await without('backups', async () => {
    id = await publish(version);
    await product.log.reaches(id, 'BackupRequested');
    await product.faults({ latency_ms: 1_500 });
  });
  await product.log.reaches(id, at);
  return id;
}

/** Whoever was told that it is cancelled finds the target as it was; whoever was refused finds the version on it. */
async function expectAsAnswered(id: string, { status, text }: Answer): Promise<void> {
  const { type } = await use().log.ended(id);
  const { active } = await use().targets.state('main');
  const ends = { PublishCancelled: [202, first], PublishRolledBack: [202, first], PublishSucceeded: [409, next] };
  expect({ type, told: [status, active], text }).toEqual({ type, told: Reflect.get(ends, type), text });
  if (active === next) await goBack();
  expect((await use().log.slots()).holders).toEqual([]);
}

async function goBack(): Promise<void> {
  const body = { project: 'invoice-pipeline', version: first, targets: ['Main'], allow_older: true };
  const { text } = await use().call('publishes', { body });
  await use().log.endsAs(/pub_[0-9a-f-]{36}/.exec(text)?.[0] ?? '', 'PublishSucceeded');
}

function bound() {
  const product = use();
  return { log: product.log, targets: product.targets, shows: product.shows.bind(product) };
}
