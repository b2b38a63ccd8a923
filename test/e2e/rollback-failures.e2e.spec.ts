import {
  PublishDetail,
  RollbackAccepted,
  TargetDetail,
  type DomainEventType,
  type EventData,
  type ServiceName,
} from '@m3/contracts';
import { snapshotDigest } from '@m3/target-environment';
import { eventually } from '@m3/testing';
import { Value } from '@sinclair/typebox/value';
import { runCommand } from './command.fixture.spec.js';
import { operatorsShell } from './operators-shell.fixture.spec.js';
import { usePager } from './pager.fixture.spec.js';
import { useProduct } from './product.fixture.spec.js';
import { project } from './releases.fixture.spec.js';
import { rows } from './rows.fixture.spec.js';

/** A rollback that fails, on a target of its own. */
interface Story {
  readonly schema: string;
  /** Of the target: what is in it must not matter to whoever copies a command. */
  readonly name: string;
  readonly asked: 'by itself' | 'by hand';
  /** The target's database refuses the restore, or what is back does not work. */
  readonly restore: 'refused' | 'useless';
  /** Where the publish went wrong. */
  readonly step: string;
}

const stories: readonly Story[] = [
  { schema: 'itself_refused', name: `It's "$HOME"`, asked: 'by itself', restore: 'refused', step: 'verifying' },
  { schema: 'hand_refused', name: 'Plain name', asked: 'by hand', restore: 'refused', step: 'restoring_backup' },
  { schema: 'hand_useless', name: 'Süd & `id`', asked: 'by hand', restore: 'useless', step: 'verifying' },
];
const codes = { refused: 'database_permission_denied', useless: 'restored_version_unhealthy' } as const;

/** Who dies, and at which event: the one that it has something to do about, or to tell of. */
const kills = rows<readonly [ServiceName, DomainEventType]>(
  [
    ['backups', 'RollbackRestoreRequested'],
    ['deployer', 'ReactivationRequested'],
  ],
  [
    ['targets', 'RollbackRequested'],
    ['gateway', 'RollbackRequested'],
    ['backups', 'BackupCheckRequested'],
    ['deployer', 'RoutingStopRequested'],
    ['notifier', 'NotificationRequested'],
  ],
);
const all: readonly ServiceName[] = ['targets', 'gates', 'approvals', 'backups', 'deployer', 'notifier', 'gateway'];
const mortal = [...kills.map(([service, at]) => `${service}_${at}`.toLowerCase()), 'all', 'asking'];

const pager = usePager();
const use = useProduct({
  schemas: [...stories.map(({ schema }) => schema), ...mortal],
  serviceEnv: () => {
    const onCall = { kind: 'pagerduty', name: 'on-call', routing_key: 'R0123456789abcdefR0123456789abcd' };
    return { notifier: { CHANNELS: JSON.stringify([{ ...onCall, url: pager().url }]) } };
  },
});

/** Every target has gone from the first to the second by itself; the third is published by hand. */
const [first, second, third] = ['v1.0.0', 'v1.1.0', 'v2.0.0'] as const;
/** What a rollback may take on a machine that does much else. */
const patienceMs = 120_000;
const expectedBack = { 'by hand': first, 'by itself': second } as const;

beforeAll(async () => {
  const product = use();
  const triggers = { version_pattern: 'v1.*.*' };
  const named = [...stories, ...mortal.map((schema) => ({ schema, name: schema }))];
  await product.apply(...named.map(({ schema, name }) => product.document(schema, { name, triggers })));
  await product.tag({ version: third });
  for (const version of [first, second]) {
    await product.tag({ version });
    for (const id of await product.log.triggered(version, named.length))
      await product.log.endsAs(id, 'PublishSucceeded');
  }
}, 480_000);
afterEach(() => use().faults());

const pathOf = (target: string): string => `targets/${encodeURIComponent(target)}`;
const digestOf = async (schema: string): Promise<string> => snapshotDigest(await use().environment(schema).snapshot());

async function publish(target: string): Promise<string> {
  const { text } = await use().call('publishes', { body: { project, version: third, targets: [target] } });
  return /pub_[0-9a-f-]{36}/.exec(text)?.[0] ?? text;
}

const askRollback = (target: string, key: string) =>
  use().call(`${pathOf(target)}/rollback`, { body: { reason: 'wrong totals' }, headers: { 'idempotency-key': key } });

async function rollBack(target: string): Promise<RollbackAccepted> {
  const { json, text } = await askRollback(target, `roll-back-${target.length}-${Date.now()}`);
  if (!Value.Check(RollbackAccepted, json)) throw new Error(`the rollback was refused: ${text}`);
  return json;
}

async function backupOf(backupId: string): Promise<EventData<'BackupTaken'>> {
  const taken = (await use().log.ofType('BackupTaken')).find(({ data }) => data.backup_id === backupId);
  if (!taken) throw new Error(`${backupId} was never taken`);
  return taken.data;
}

/** The commands that the detail of a publish tells to run, as they are printed. */
async function printedSteps(id: string): Promise<readonly string[]> {
  const { out } = await runCommand(use(), ['show', id]);
  return out.split('\n').flatMap((line) => /^By hand\s+(.*)$/.exec(line)?.[1] ?? []);
}

/** People are told once, and whoever is on call is woken up once. */
async function expectAlarm(id: string): Promise<void> {
  const { webhook } = use();
  const failures = () => webhook.received.filter(({ payload }) => JSON.stringify(payload).includes(id));
  const ids = () => new Set(failures().map((each) => each.id)).size;
  const pages = () => pager().paged.filter(({ action, key }) => action === 'trigger' && key.startsWith(id));
  await eventually('people are told, and on call is paged', () => ids() > 0 && pages().length > 0);
  expect(ids()).toBe(1);
  expect(failures()[0]?.payload).toMatchObject({ type: 'publish.rollback_failed' });
  expect(new Set(pages().map(({ key }) => key))).toEqual(new Set([`${id}/rollback_failed`]));
}

/** What the steps bring back, by the backup that they name. */
const backupIn = (steps: readonly string[]) => backupOf(/bkp_[0-9a-f-]{36}/.exec(steps.join('\n'))?.[0] ?? '');

describe('a rollback that fails', () => {
  it.each(stories)(
    '$asked, where the restore is $restore: holds, pages once, and says what to do, which works word for word',
    async (story) => {
      const { schema, name, restore } = story;
      const { id, steps } = await failed(story);
      const { digest, active_version: back } = await backupIn(steps);
      expect(back).toBe(expectedBack[story.asked]);
      expect((await digestOf(schema)) === digest).toBe(restore === 'useless');
      for (const step of steps) expect(await operatorsShell(use().stack, step)).toMatchObject({ code: 0 });

      expect(await digestOf(schema)).toBe(digest);
      const isBack = ({ status, active }: TargetDetail) => status === 'active' && active?.version === back;
      await use().shows(pathOf(name), TargetDetail, isBack);
      await expectAlarm(id);
    },
    240_000,
  );

  /** A rollback that has failed, and what is told to do; the target is well again. */
  async function failed({ schema, name, asked, restore, step }: Story) {
    const product = use();
    const back = expectedBack[asked];
    const mend = restore === 'refused' ? await product.targets.whenActivated(schema, back, 'refusal') : null;
    await product.faults({ error_rate: 1 });
    const id = asked === 'by hand' ? (await rollBack(name)).publish_id : await publish(name);
    const end = await product.log.ended(id, patienceMs);
    expect(end).toMatchObject({ type: 'PublishRollbackFailed', data: { code: codes[restore] } });
    const path = `publishes/${id}`;
    const { failure } = await product.shows(path, PublishDetail, ({ status }) => status === 'rollback_failed');
    const steps = await printedSteps(id);
    expect(failure).toMatchObject({ step, manual_steps: steps });
    await product.shows(pathOf(name), TargetDetail, ({ status }) => status === 'held');
    await expectAlarm(id);
    expect(await product.log.slots()).toEqual({ holders: [], waiting: [] });
    await product.faults();
    await mend?.();
    return { id, steps };
  }
});

describe('kill -9 while a target is rolled back', () => {
  it.each(kills)(
    'of %s at %s costs nothing: the rollback ends once, and the target equals the backup',
    async (service, at) => {
      const schema = `${service}_${at}`.toLowerCase();
      await slowly(schema);
      const { publish_id } = await rollBack(schema);
      await use().log.reaches(publish_id, at);
      await crash(service);
      await expectRolledBack(schema, publish_id);
    },
    240_000,
  );

  it('of all seven at once costs nothing either', async () => {
    await slowly('all');
    const { publish_id } = await rollBack('all');
    await use().log.reaches(publish_id, 'RollbackRestoreRequested');
    await crash(...all);
    await expectRolledBack('all', publish_id);
  }, 240_000);

  it('of whoever is asked for it: asked again under the same key, it is one rollback', async () => {
    const { log } = use();
    const ask = () => askRollback('asking', 'asked-again');
    await Promise.all([ask().catch(() => null), crash('deployer', 'gateway')]);
    const { json } = await eventually('an answer', ask, { timeoutMs: 60_000, until: ({ status }) => status === 202 });
    const id = Value.Check(RollbackAccepted, json) ? json.publish_id : '';
    await expectRolledBack('asking', id);
    const requested = (await log.ofType('RollbackRequested')).filter(({ data }) => data.target.name === 'asking');
    expect(requested.map(({ data }) => data.publish_id)).toEqual([id]);
  }, 240_000);

  /** Nobody has done its part before it is killed. */
  async function slowly(schema: string): Promise<void> {
    await use().targets.whenActivated(schema, first, 'delay');
    await use().faults({ latency_ms: 150 });
  }

  async function crash(...names: readonly ServiceName[]): Promise<void> {
    const { services } = use().stack;
    await Promise.all(names.map((name) => services[name].kill()));
    await Promise.all(names.map((name) => services[name].restart()));
  }

  async function expectRolledBack(schema: string, id: string): Promise<void> {
    const { log, shows } = bound();
    expect(await log.ended(id, patienceMs)).toMatchObject({ type: 'PublishSucceeded' });
    const types = (await log.about(id)).map(({ type }) => type);
    expect(types.length).toBe(new Set(types).size);
    const [restored] = (await log.ofType('BackupRestored')).filter(({ data }) => data.publish_id === id);
    const { digest, active_version } = await backupOf(restored?.data.backup_id ?? '');
    expect(active_version).toBe(first);
    expect(await digestOf(schema)).toBe(digest);
    expect(await log.slots()).toEqual({ holders: [], waiting: [] });
    await shows(pathOf(schema), TargetDetail, ({ status, active }) => status === 'held' && active?.version === first);
    await shows(`publishes/${id}`, PublishDetail, ({ status }) => status === 'succeeded');
  }

  function bound() {
    const product = use();
    return { log: product.log, shows: product.shows.bind(product) };
  }
});
