import type { DomainEventType, ServiceName } from '@m3/contracts';
import { snapshotDigest } from '@m3/target-environment';
import { eventually } from '@m3/testing';
import { followStream } from './live-stream.fixture.spec.js';
import { useProduct } from './product.fixture.spec.js';
import { release } from './releases.fixture.spec.js';
import { rows } from './rows.fixture.spec.js';
import { expectOneStory, storyOf } from './stories.fixture.spec.js';
import { artifactsOf, HalfVersionWatch } from './target-state.fixture.spec.js';

/** Each tag goes to three targets, so that three publishes are at different places when a process dies. */
const schemas = ['north', 'east', 'south'];
const use = useProduct({ schemas: [...schemas, 'guarded'] });
const published: string[] = [];
let watch: HalfVersionWatch;

beforeAll(async () => {
  const product = use();
  const only = { triggers: { version_pattern: 'v1.*.*' } };
  await product.apply(...schemas.map((schema) => product.document(schema, only)));
  await product.faults({ latency_ms: 20 });
  watch = new HalfVersionWatch(product.targets, [...schemas, 'guarded']);
});
afterAll(() => watch.stop());

let tags = 0;
const nextVersion = (): string => `v1.${++tags}.0`;

/** Tags a version, lets something happen at the first event of a type, and expects each publish to end well, once. */
async function survives(at: DomainEventType | 'the tag', happen: () => Promise<void>): Promise<void> {
  const product = use();
  const version = nextVersion();
  await product.tag({ version });
  if (at !== 'the tag') await firstEvent(version, at);
  await happen();
  const ids = await product.log.triggered(version, schemas.length);
  for (const id of ids) await product.log.endsAs(id, 'PublishSucceeded');

  published.push(version);
  expect(await product.log.publishesOf(version)).toHaveLength(schemas.length);
  for (const id of ids) await expectOneStory(product, id);
  for (const schema of schemas) {
    expect(await product.targets.state(schema)).toEqual({
      active: version,
      releases: [...published].sort(),
      artifacts: artifactsOf(...published),
    });
  }
  expect(await product.log.slots()).toEqual({ holders: [], waiting: [] });
  expect(await product.log.ofType('DeadLetterRecorded')).toEqual([]);
}

async function firstEvent(version: string, type: DomainEventType): Promise<void> {
  const { log } = use();
  await eventually(
    `${type} of ${version}`,
    async () => {
      const ids = await log.publishesOf(version);
      const stories = await Promise.all(ids.map((id) => log.about(id)));
      return stories.some((story) => story.some((event) => event.type === type));
    },
    { intervalMs: 2, timeoutMs: 60_000 },
  );
}

async function crash(...names: readonly ServiceName[]): Promise<void> {
  const { services } = use().stack;
  await Promise.all(names.map((name) => services[name].kill()));
  await Promise.all(names.map((name) => services[name].restart()));
}

const all: readonly ServiceName[] = ['targets', 'gates', 'approvals', 'backups', 'deployer', 'notifier', 'gateway'];

describe('kill -9 while publishes are under way', () => {
  const always: readonly (readonly [ServiceName, DomainEventType | 'the tag'])[] = [
    ['targets', 'the tag'],
    ['gates', 'GatesRequested'],
    ['backups', 'BackupRequested'],
    ['deployer', 'DeploymentRequested'],
    ['deployer', 'ActivationRequested'],
    ['notifier', 'NotificationRequested'],
  ];
  const others: typeof always = [
    ['targets', 'PublishTriggered'],
    ['deployer', 'PublishTriggered'],
    ['gates', 'ValidationRequested'],
    ['deployer', 'GatesCompleted'],
    ['deployer', 'VerificationRequested'],
    ['approvals', 'ValidationRequested'],
  ];
  it.each(rows(always, others))('of %s at %s costs no publish', async (service, at) => {
    await survives(at, () => crash(service));
  });

  it('of all seven at once costs no publish', async () => {
    await survives('BackupRequested', () => crash(...all));
  });

  it('of the gateway costs a reader of its live stream no event, and repeats none', async () => {
    const product = use();
    const version = nextVersion();
    await product.tag({ version });
    const [id] = await product.log.triggered(version, schemas.length);
    const stream = followStream(product, `publishes/${id}/stream`);
    await stream.has('ValidationRequested');
    await crash('gateway');
    await stream.has('PublishSucceeded');
    stream.stop();
    published.push(version);

    const seen = await product.shows(`publishes/${id}/events`, storyOf, ({ items }) =>
      items.some(({ type }) => type === 'PublishSucceeded'),
    );
    expect(stream.seqs).toEqual([...new Set(stream.seqs)].sort((a, b) => a - b));
    const told = new Set(stream.seqs);
    expect(seen.items.filter(({ seq }) => !told.has(seq)).map(({ type }) => type)).toEqual([]);
  });
});

describe('kill -9 while a publish waits for people', () => {
  it('of approvals, before and between votes, loses no vote and counts none twice', async () => {
    const product = use();
    const rule = { access: { require_approvals: 2 } };
    await product.apply(product.document('guarded', { name: 'Guarded', type: 'manual_approval', ...rule }));
    const body = { project: 'invoice-pipeline', version: 'v1.1.0', targets: ['Guarded'] };
    const asked = await eventually('the publish is requested', () => product.call('publishes', { body }), {
      until: ({ status }) => status === 202,
    });
    const id = /pub_[0-9a-f-]{36}/.exec(asked.text)?.[0] ?? '';
    await product.log.reaches(id, 'ApprovalRequested');
    await crash('approvals');
    const { data } = await product.log.reaches(id, 'ApprovalOpened');
    const path = `approvals/${String(data['approval_id'])}`;
    // Whoever votes has seen the approval: the API shows it a moment after the log holds it.
    await eventually('the API shows the approval', () => product.call(path), { until: ({ status }) => status === 200 });
    const vote = (by: string) => product.call(`${path}/approve`, { as: by, roles: ['approver'], body: {} });
    expect((await vote('bob')).status).toBe(200);
    await crash('approvals');
    expect(await vote('bob')).toMatchObject({ status: 200, json: { status: 'open' } });
    expect(await vote('carol')).toMatchObject({ status: 200, json: { status: 'granted' } });
    await crash('deployer');

    await product.log.endsAs(id, 'PublishSucceeded');
    expect((await product.log.ofType('ApprovalVoted')).map(({ data: cast }) => cast.by)).toEqual(['bob', 'carol']);
  });
});

describe('kill -9 while a target is put back', () => {
  const always: readonly (readonly [ServiceName, DomainEventType])[] = [['backups', 'RestoreRequested']];
  const others: typeof always = [
    ['deployer', 'RestoreRequested'],
    ['deployer', 'BackupRestored'],
  ];
  it.each(rows(always, others))('of %s at %s leaves the target as it was before', async (service, at) => {
    const product = use();
    const before = snapshotDigest(await product.environment('north').snapshot());
    const version = nextVersion();
    await product.faults({ failing_executor: 'broken_executor://' });
    await product.tag({ version, bundle: release(version, { executor: 'broken_executor://' }) });
    await firstEvent(version, at);
    await crash(service);
    const ids = await product.log.triggered(version, schemas.length);
    for (const id of ids) {
      await product.log.endsAs(id, 'PublishRolledBack');
      const types = (await product.log.about(id)).map(({ type }) => type);
      for (const once of ['RestoreRequested', 'BackupRestored', 'PublishRolledBack', 'SlotReleased']) {
        expect(types.filter((type) => type === once)).toEqual([once]);
      }
    }
    expect(snapshotDigest(await product.environment('north').snapshot())).toBe(before);
    expect(await product.log.slots()).toEqual({ holders: [], waiting: [] });
    await releaseAll();
  });

  async function releaseAll(): Promise<void> {
    const product = use();
    for (const schema of schemas) {
      const target = `targets/Target ${schema}`;
      await eventually(`${schema} is held`, async () => (await product.call(target)).text.includes('"status":"held"'));
      expect((await product.call(`${target}/release`, { body: { reason: 'repaired' } })).status).toBe(200);
    }
  }
});

describe('a reader of the targets, through all of this', () => {
  it('never saw an active version without all its artifacts', () => {
    expect(watch.halves).toEqual([]);
    expect(watch.looks).toBeGreaterThan(500);
  });
});
