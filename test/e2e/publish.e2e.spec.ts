import {
  ApprovalSummary,
  BackupList,
  PublishDetail,
  PublishList,
  PublishLogs,
  PublishWhy,
  TargetDetail,
} from '@m3/contracts';
import { snapshotDigest } from '@m3/target-environment';
import { eventually } from '@m3/testing';
import { createHash } from 'node:crypto';
import type { LoggedEvent } from './event-log.fixture.spec.js';
import { useProduct } from './product.fixture.spec.js';
import { release } from './releases.fixture.spec.js';
import { artifactsOf, HalfVersionWatch } from './target-state.fixture.spec.js';

const use = useProduct({ schemas: ['development', 'staging', 'fragile', 'once'] });

/** The eight steps of a publish, as events of its own stream. */
const wholeStory = [
  ...['PublishRequested', 'ValidationRequested', 'GatesRequested', 'ApprovalWaived', 'BackupRequested'],
  ...['DeploymentRequested', 'ArtifactsDeployed', 'ActivationRequested', 'VersionActivated', 'VerificationRequested'],
  ...['VerificationCompleted', 'NotificationRequested', 'PublishSucceeded'],
];
const eightSteps = [
  ...['validating', 'gating', 'awaiting_approval', 'backing_up'],
  ...['deploying', 'activating', 'verifying', 'notifying'],
];
const typesOf = (events: readonly LoggedEvent[]) => events.map(({ type }) => type);
const onVersions = (version_pattern: string) => ({ triggers: { version_pattern, branch: 'main' } });

async function onlyPublish(version: string): Promise<string> {
  const [id] = await use().log.triggered(version);
  if (id === undefined) throw new Error(`nobody publishes ${version}`);
  return id;
}

describe('a tag on the bus', () => {
  it('is published to a development target by itself, through all eight steps', async () => {
    const { apply, document, tag, log, targets, webhook, shows, call } = bound();
    await apply(document('development', onVersions('v1.*.*')));
    await tag({ version: 'v1.0.0' });
    const id = await onlyPublish('v1.0.0');

    expect(await log.ended(id)).toMatchObject({ type: 'PublishSucceeded', data: { notified: true } });
    expect(typesOf(await log.ofStream(`publish-${id}`))).toEqual(wholeStory);
    expect(await targets.state('development')).toEqual({
      active: 'v1.0.0',
      releases: ['v1.0.0'],
      artifacts: artifactsOf('v1.0.0'),
    });

    const detail = await shows(`publishes/${id}`, PublishDetail, ({ status }) => status === 'succeeded');
    expect(detail.steps.map(({ step }) => step)).toEqual(eightSteps);
    expect(detail.steps.filter(({ status }) => status === 'failed' || status === 'pending')).toEqual([]);
    expect(detail.validation?.checks.map(({ name }) => name).sort()).toEqual(
      ['gateway', 'database', 'compatibility', 'capacity', 'backup_storage'].sort(),
    );
    expect(detail).toMatchObject({ gates: { outcome: 'passed' }, verification: { outcome: 'passed' }, failure: null });
    const logs = await shows(`publishes/${id}/logs`, PublishLogs);
    expect(logs.lines.map(({ line }) => line).join('\n')).toMatch(
      /\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] ✓ Backup created: backup-development-\d{8}-\d{6}/,
    );
    expect((await call('targets/Target development')).json).toMatchObject({ active: { version: 'v1.0.0' } });

    const received = webhook.received.filter(({ payload }) => JSON.stringify(payload).includes(id));
    expect(received).toHaveLength(1);
    expect(received[0]?.payload).toMatchObject({ type: 'publish.succeeded', data: { publish_id: id } });
  });

  it('of a second version backs up the first, and leaves the second active', async () => {
    const { tag, log, targets, shows, stack } = bound();
    await tag({ version: 'v1.1.0' });
    const id = await onlyPublish('v1.1.0');
    await log.ended(id);

    expect(await targets.state('development')).toMatchObject({
      active: 'v1.1.0',
      artifacts: artifactsOf('v1.0.0', 'v1.1.0'),
    });
    const taken = (await log.ofType('BackupTaken')).find(({ data }) => data.publish_id === id);
    const { location, digest, active_version } = taken?.data ?? {};
    expect(active_version).toBe('v1.0.0');
    const stored = await fetch(`${stack.servers.s3.endpoint}/${location?.bucket}/${location?.key}`);
    const text = await stored.text();
    expect(`sha256:${createHash('sha256').update(text).digest('hex')}`).toBe(digest);
    expect(JSON.parse(text)).toMatchObject({
      active_release: { version: 'v1.0.0' },
      releases: [{ version: 'v1.0.0' }],
    });
    const ours = (list: BackupList) => list.items.find((each) => each.publish_id === id);
    const list = await shows('backups', BackupList, (shown) => ours(shown)?.status === 'taken');
    expect(ours(list)).toMatchObject({ digest });
  });

  it('that comes a hundred times is published once', async () => {
    const { tag, log, apply, document, stack } = bound();
    await apply(document('once', { name: 'Once', ...onVersions('v1.*.*') }));
    const repeats = Array.from({ length: 100 }, (_, n) =>
      tag({ version: 'v1.2.0', id: `event ${n % 50}` }, `msg-${n}`),
    );
    await Promise.all(repeats);
    const ids = await log.triggered('v1.2.0', 2);
    for (const id of ids) await log.endsAs(id, 'PublishSucceeded');
    await eventually('all hundred messages are handled', async () => {
      const metrics = await (await fetch(`${stack.services.targets.url}/metrics`)).text();
      return Number(/^m3_tags_repeated_total (\d+)/m.exec(metrics)?.[1]) === 99;
    });

    expect(await log.publishesOf('v1.2.0')).toHaveLength(2);
    expect((await log.ofType('VersionTagged')).filter(({ data }) => data.version === 'v1.2.0')).toHaveLength(1);
    expect(await log.ofType('DeadLetterRecorded')).toEqual([]);
  });
});

describe('a target that asks for approvals', () => {
  const rule = { access: { require_approvals: 2, allowed_approvers: ['alice', 'bob', 'carol', 'ann'] } };

  it('waits for two people who are neither requester nor author, and holds no slot meanwhile', async () => {
    const { apply, document, call, log, shows, targets } = bound();
    await apply(document('staging', { name: 'Staging', environment: 'staging', type: 'manual_approval', ...rule }));
    const id = await requested('v1.0.0');
    await log.reaches(id, 'ApprovalOpened');

    const { approval } = await shows(`publishes/${id}`, PublishDetail, (detail) => detail.approval !== null);
    const vote = (by: string, body: object = {}) =>
      call(`approvals/${approval?.approval_id}/approve`, { as: by, roles: ['approver'], body });
    expect(await log.slots()).toEqual({ holders: [], waiting: [] });
    expect(await shows(`publishes/${id}/why`, PublishWhy)).toMatchObject({ waits_for: 'approval' });
    expect(await vote('ann')).toMatchObject({ status: 403, json: { code: 'self_approval_forbidden' } });
    expect(await vote('dave')).toMatchObject({ status: 403, json: { code: 'not_an_approver' } });
    expect(await vote('alice', { comment: 'looks right' })).toMatchObject({ status: 200, json: { status: 'open' } });
    expect((await targets.state('staging')).active).toBeNull();
    expect(await vote('bob')).toMatchObject({ status: 200, json: { status: 'granted' } });

    await log.endsAs(id, 'PublishSucceeded');
    expect(await targets.state('staging')).toMatchObject({ active: 'v1.0.0', artifacts: artifactsOf('v1.0.0') });
    const decided = await shows(
      `approvals/${approval?.approval_id}`,
      ApprovalSummary,
      (view) => view.status === 'granted',
    );
    expect(decided.votes.map(({ by }) => by)).toEqual(['alice', 'bob']);
  });

  it('ends a publish that one of them rejects, with the comment', async () => {
    const { call, log, shows, targets } = bound();
    const id = await requested('v1.1.0');
    const { data } = await log.reaches(id, 'ApprovalOpened');
    const body = { comment: 'not before the audit' };
    const path = `approvals/${String(data['approval_id'])}`;
    await eventually('the API shows the approval', () => call(path), { until: ({ status }) => status === 200 });
    await call(`${path}/reject`, { as: 'carol', roles: ['approver'], body });

    expect(await log.ended(id)).toMatchObject({ type: 'PublishRejected', data: { by: 'carol', ...body } });
    const detail = await shows(`publishes/${id}`, PublishDetail, ({ status }) => status === 'rejected');
    expect(detail.outcome_reason).toContain('not before the audit');
    expect((await targets.state('staging')).active).toBe('v1.0.0');
  });

  it('lets a publish be cancelled while it waits, and closes its approval', async () => {
    const { call, log, shows, targets } = bound();
    const id = await requested('v1.1.0');
    const { data } = await log.reaches(id, 'ApprovalOpened');
    // What the gateway does not know yet it asks to be asked again for.
    const cancel = () => call(`publishes/${id}/cancel`, { body: { reason: 'wrong version' } });
    const cancelled = await eventually('the publish is known', cancel, { until: ({ status }) => status !== 503 });

    expect(cancelled).toMatchObject({ status: 202, json: { status: 'cancelled' } });
    expect(await log.ended(id)).toMatchObject({ type: 'PublishCancelled', data: { by: 'ann' } });
    const approval = `approvals/${String(data['approval_id'])}`;
    await shows(approval, ApprovalSummary, ({ status }) => status === 'closed');
    expect(await call(`${approval}/approve`, { as: 'bob', roles: ['approver'], body: {} })).toMatchObject({
      status: 409,
      json: { code: 'approval_ended' },
    });
    expect((await targets.state('staging')).active).toBe('v1.0.0');
  });

  async function requested(version: string): Promise<string> {
    const { call } = bound();
    const body = { project: 'invoice-pipeline', version, targets: ['Staging'] };
    // The name of a target made a moment ago is found as soon as the read model has it.
    const answer = await eventually('the publish is requested', () => call('publishes', { body }), {
      until: ({ status }) => status !== 404,
    });
    expect(answer.status).toBe(202);
    const id = /pub_[0-9a-f-]{36}/.exec(answer.text)?.[0];
    if (id === undefined) throw new Error(`no publish in ${answer.text}`);
    return id;
  }
});

describe('a version that does not work on its target', () => {
  it('is rolled back by itself: all as before, the target held until somebody releases it', async () => {
    const { apply, document, tag, log, targets, environment, faults, call, shows } = bound();
    const [targetId] = await apply(document('fragile', { name: 'Fragile', ...onVersions('v2.*.*') }));
    await tag({ version: 'v2.0.0' });
    await ended('v2.0.0', targetId);
    const before = snapshotDigest(await environment('fragile').snapshot());
    const watch = new HalfVersionWatch(targets, ['fragile', 'development']);

    await faults({ failing_executor: 'broken_executor://' });
    await tag({ version: 'v2.1.0', bundle: release('v2.1.0', { executor: 'broken_executor://' }) });
    const end = await ended('v2.1.0', targetId);
    await watch.stop();

    expect(end).toMatchObject({ type: 'PublishRolledBack', data: { restored_version: 'v2.0.0' } });
    expect(watch.halves).toEqual([]);
    expect(watch.looks).toBeGreaterThan(5);
    expect((await targets.state('fragile')).active).toBe('v2.0.0');
    expect(snapshotDigest(await environment('fragile').snapshot())).toBe(before);
    await shows(
      'targets/Fragile',
      TargetDetail,
      ({ status, active }) => status === 'held' && active?.version === 'v2.0.0',
    );
    expect(await log.slots()).toEqual({ holders: [], waiting: [] });

    await faults();
    await tag({ version: 'v2.2.0' });
    const next = await eventually('v2.2.0 is asked for', () => publishTo('v2.2.0', targetId));
    await log.reaches(next, 'StartDelayed');
    await shows(`publishes/${next}/why`, PublishWhy, ({ waits_for }) => waits_for === 'release');
    await call('targets/Fragile/release', { body: { reason: 'the executor was repaired' } });
    expect((await ended('v2.2.0', targetId)).type).toBe('PublishSucceeded');
    const { items } = await shows('publishes?target=Fragile', PublishList, (list) => list.items.length === 3);
    expect(items.map(({ version }) => version)).toEqual(['v2.2.0', 'v2.1.0', 'v2.0.0']);
  });

  async function publishTo(version: string, targetId: string | undefined): Promise<string | undefined> {
    const triggered = await use().log.ofType('PublishTriggered');
    return triggered.find(({ data }) => data.version === version && data.target.target_id === targetId)?.data
      .publish_id;
  }

  async function ended(version: string, targetId: string | undefined): Promise<LoggedEvent> {
    const id = await eventually(`${version} is published`, () => publishTo(version, targetId));
    return use().log.ended(id);
  }
});

/** The product with its methods bound, to be taken apart. */
function bound() {
  const product = use();
  return {
    ...{ log: product.log, targets: product.targets, webhook: product.webhook, stack: product.stack },
    apply: product.apply.bind(product),
    document: product.document.bind(product),
    environment: product.environment.bind(product),
    faults: product.faults.bind(product),
    tag: product.tag.bind(product),
    call: product.call.bind(product),
    shows: product.shows.bind(product),
  };
}
