import { bundleDigest, listArtifacts, type ArtifactEntry, type Bundle } from '@m3/artifacts';
import { BundleMissingError } from '@m3/bundles';
import {
  eventCatalogue,
  EventRegistry,
  newId,
  type CommandPayload,
  type EventData,
  type NewEvent,
  type PublishPlan,
} from '@m3/contracts';
import { MemoryEventStore } from '@m3/event-store';
import { evolveTarget, publishRefusals, snapshotOf, type Target } from '@m3/policies';
import { TargetUnreachableError } from '@m3/target-environment';
import { blockOfRule } from '../domain/plan.blocks.js';
import { example } from '../domain/publish.fixtures.js';
import type { PublishInput } from '../domain/publish.inputs.js';
import { hasStatus, type InStatus, type PublishState } from '../domain/publish.state.js';
import { approved, awaited, context, created, deployment, frozen, targetId } from './deployment.fixture.spec.js';
import type { Targets } from './look-at-target.js';
import { PlanPublish } from './plan-publish.js';
import type { Release, Story } from './plan-stories.fixture.spec.js';
import { checksOf, promote } from './plan-surroundings.fixture.spec.js';

/** Plans a publish, then really publishes, and compares: whatever a plan says has to happen. */

/** A target as far as plans look at it and publishes write to it. */
export interface TargetUnderTest {
  readonly environment: Awaited<ReturnType<Targets['open']>>;
  /** Deploys and activates. False: the target has the version with other contents. */
  put(release: Release, fence: number): Promise<boolean>;
}

/** Tells a story on a target. @returns the plan */
export async function planAndPublish(told: Story, under: TargetUnderTest): Promise<PublishPlan> {
  const log = new MemoryEventStore(registry);
  const life = deployment(1, () => log);
  const target = await setUp(told, under, life);
  const { plan, question } = await planOf(told, under, life.store);
  const refused = publishRefusals(target, told).map(({ code }) => code as string);
  if (!told.isTagged && !isActive(told)) refused.push('version_not_found');
  expect(refusalsAt(plan, 'request')).toEqual(refused);
  expect(plan.outcome === 'refused').toBe(refused.length > 0);
  expect(plan.hold).toEqual(told.held ? heldByAnn : null);
  if (refused.length === 0) await publish({ told, under, life, target, plan, question });
  return plan;
}

/** Shared, because it compiles the schemas of all events. */
const registry = new EventRegistry(eventCatalogue);

type Life = ReturnType<typeof deployment>;

async function setUp(told: Story, under: TargetUnderTest, life: Life): Promise<Target> {
  const { ofTarget, ofCalendar, say, finish } = life;
  const creation = created(told.document);
  await ofTarget(creation);
  if (told.held) await ofTarget({ type: 'TargetHeld', data: { target_id: targetId, reason: 'look first' } });
  for (const freeze of told.freezes) await ofCalendar(frozen({ ...freeze, freeze_id: newId('freeze') }));
  if (told.active) {
    await say(streamOf(told.active), tagged(told.active, 'tina'));
    await under.put(told.active, 1);
  }
  if (!isActive(told) && told.isTagged) await say(streamOf(told.release), tagged(told.release, told.taggedBy));
  await promote(told, life);
  await others(told, finish);
  return targetAfter(creation, told.held);
}

/** Publishes that were asked for before. */
async function others({ document, busy, olderWaits }: Story, finish: Life['finish']): Promise<void> {
  const slots = document.deployment?.max_concurrent_deployments ?? 1;
  for (let publish = 0; publish < busy; publish += 1) {
    await finish(newId('publish'), { slots, trigger: 'manual', override: lawless }, 'backing_up');
  }
  if (olderWaits) await finish(newId('publish'), { slots, trigger: 'manual', quorum: 1 });
}

/** So that the rules of the target do not keep those out that are to be ahead. */
const lawless = { reason: 'first', roles: ['admin', 'maintainer'] };

const streamOf = ({ project, version }: Release): string => `version-${project}:${version}`;

const isActive = ({ active, release }: Story): boolean => active === release;

function tagged({ project, version, bundle }: Release, tagged_by: string): NewEvent {
  const data = { ...example('VersionTagged'), project, version, tagged_by, bundle_digest: bundleDigest(bundle) };
  return { type: 'VersionTagged', data };
}

function targetAfter({ data }: NewEvent, held: boolean): Target {
  const settled = data as EventData<'TargetCreated'>;
  const target = evolveTarget(null, { type: 'TargetCreated', data: settled });
  if (target === null) throw new Error('a target that was created is there');
  return { ...target, hold: held ? 'look first' : null };
}

type GateQuestion = CommandPayload<'gates.planned'>;

interface Planned {
  readonly plan: PublishPlan;
  /** What the gates were asked. They themselves are another service, which chooses in one place for plans and for runs. */
  readonly question: GateQuestion | null;
}

async function planOf(told: Story, under: TargetUnderTest, store: Life['store']): Promise<Planned> {
  const { release, active, caller, reason, override_reason, allow_older } = told;
  const bundles = new Map<string, Bundle>();
  for (const each of [active, release]) if (each) bundles.set(bundleDigest(each.bundle), each.bundle);
  let question: GateQuestion | null = null;
  const plans = new PlanPublish({
    store,
    gates: {
      preflight: () => Promise.resolve(preflight(told)),
      planned: (asked) => {
        question = asked;
        return Promise.resolve({ source: 'unknown', note: 'asked' });
      },
    },
    clock: () => new Date(context.occurredAt),
    targets: { open: () => (told.answers ? Promise.resolve(under.environment) : Promise.reject(silent)) },
    bundles: {
      get: (digest) => {
        const found = bundles.get(digest);
        return found ? Promise.resolve(found) : Promise.reject(new BundleMissingError(digest));
      },
    },
  });
  const { project, version } = release;
  const planned = await plans.plan({
    ...{ command_id: 'plan', caller, project, version, target_id: targetId, reason, override_reason, allow_older },
    last_active: active && { project: active.project, version: active.version },
  });
  if (planned.outcome === 'rejected') throw new Error(planned.rejection.detail);
  return { plan: planned.result, question };
}

const heldByAnn = {
  ...{ reason: 'look first', by: context.actor.id, since: context.occurredAt },
  unblocked_by: ['admin', 'maintainer'].map((role) => ({
    who: `an operator with the role ${role}`,
    how: 'm3-publish target release',
  })),
};

const silent = new TargetUnreachableError('database', 'timeout', 'the database does not answer');

interface Run {
  readonly told: Story;
  readonly under: TargetUnderTest;
  readonly life: Life;
  readonly target: Target;
  readonly plan: PublishPlan;
  readonly question: GateQuestion | null;
}

async function publish(run: Run): Promise<void> {
  const { life, plan } = run;
  const id = newId('publish');
  const emergency = run.target.document.type === 'emergency';
  let state = await validated(run, id);
  await compareValidation(run, id, state);
  if (state.status === 'ended') return;
  await compareGates(run, id);
  if (!emergency) state = await goOn(life, id, state);
  expect(state.status === 'awaiting_approval').toBe(plan.approval !== null);
  if (state.status === 'awaiting_approval') {
    const asked = await dataOf(life, id, 'ApprovalRequested');
    expect(asked).toMatchObject({ rule: plan.approval?.rule, excluded: plan.approval?.excluded });
    state = await life.react(id, approved(state));
  }
  await compareStart(run, id, state);
  if (plan.refusals.length === 0) expect(plan.outcome).toBe(outcomeOf(plan, state));
  if (state.status === 'backing_up') await compareDeployment(run, id, state);
}

/** What a publish came to that nothing refused. */
function outcomeOf({ approval }: PublishPlan, { status }: PublishState): PublishPlan['outcome'] {
  return approval !== null || status !== 'backing_up' ? 'waits' : 'starts';
}

/** What the validation of the gates service comes to. */
async function validated({ life, target, told, plan }: Run, id: string): Promise<PublishState> {
  const { release, caller, reason, override_reason, allow_older } = told;
  const data = {
    ...{ ...example('PublishTriggered'), publish_id: id, project: release.project, version: release.version },
    ...{
      bundle_digest: bundleDigest(release.bundle),
      trigger: plan.trigger,
      requested_by: caller.id,
      reason,
      allow_older,
    },
    tagged_by: isActive(told) ? 'tina' : told.taggedBy,
    target: snapshotOf(target),
    ...(override_reason === null ? {} : { override: { reason: override_reason, roles: caller.roles } }),
  };
  const state = await life.react(id, { type: 'PublishTriggered', data });
  const checks = checksOf(told);
  const input = awaited(state);
  if (input?.type !== 'ValidationCompleted') throw new Error('a publish begins with its validation');
  return life.react(id, {
    ...input,
    data: {
      ...{ ...input.data, checks, active_version: told.active?.version ?? null },
      outcome: checks.every(({ outcome }) => outcome === 'passed') ? 'passed' : 'failed',
    },
  });
}

function preflight(told: Story): PublishPlan['validation'] {
  if (!told.checksAnswer) return { source: 'unknown', note: 'there was no answer in time' };
  const checks = checksOf(told);
  return {
    source: 'gates',
    checks,
    outcome: checks.every(({ outcome }) => outcome === 'passed') ? 'passed' : 'failed',
  };
}

/** It fails with the first code that the plan says; a plan without the checks knows less, and nothing wrong. */
async function compareValidation({ life, plan }: Run, id: string, state: PublishState): Promise<void> {
  const [first] = refusalsAt(plan, 'validating');
  const failed = await dataOf(life, id, 'PublishFailed');
  if (plan.validation.source === 'gates') expect(failed?.code).toBe(first);
  else if (first !== undefined) expect(state.status).toBe('ended');
  if (first !== undefined) expect(plan).toMatchObject({ outcome: 'fails', earliest_start: null });
}

/** The gates are asked to judge what they were asked about for the plan; in an emergency they are not asked at all. */
async function compareGates({ life, plan, question }: Run, id: string): Promise<void> {
  const requested = await dataOf(life, id, 'GatesRequested');
  expect(requested === undefined).toBe(plan.gates === null);
  if (requested === undefined) return;
  const { subject, thresholds, settings } = requested;
  expect(question).toMatchObject({ bundle_digest: subject.bundle_digest, thresholds });
  expect(question?.settings).toEqual(settings);
}

async function goOn({ react }: Life, id: string, state: PublishState): Promise<PublishState> {
  const input: PublishInput | null = awaited(state);
  return input === null ? state : react(id, input);
}

async function compareStart({ life, plan }: Run, id: string, state: PublishState): Promise<void> {
  const rules = plan.blocks.filter(({ code }) => !code.startsWith('approval') && code !== 'slot_taken');
  const waitsForSlot = plan.blocks.some(({ code }) => code === 'slot_taken');
  const atOnce = waitsForSlot ? 'awaiting_slot' : 'backing_up';
  expect(state.status).toBe(rules.length > 0 ? 'waiting_to_start' : atOnce);
  const delay = await dataOf(life, id, 'StartDelayed');
  expect(delay?.blocks.map(blockOfRule) ?? []).toEqual(rules);
  if (delay && plan.refusals.length === 0) expect(plan.earliest_start).toBe(delay.resume_at);
  expect(await overtaken(life)).toEqual(plan.supersedes);
  expect(await overridden(life, id)).toEqual(plan.overridden);
}

async function overridden(life: Life, id: string): Promise<PublishPlan['overridden']> {
  const override = await dataOf(life, id, 'StartOverridden');
  return override?.blocks.map(blockOfRule) ?? [];
}

async function overtaken({ store }: Life): Promise<unknown[]> {
  const slots = await store.readStream(`slot-${targetId}`);
  return slots.flatMap(({ type, data }) =>
    type === 'PublishOvertaken' && 'publish_id' in data ? [data.publish_id] : [],
  );
}

async function compareDeployment(run: Run, id: string, state: InStatus<'backing_up'>): Promise<void> {
  const { told, under, plan } = run;
  await compareTarget(told, under, plan, state.fence);
  if (refusalsAt(plan, 'deploying').length === 0) await compareTraffic(run, id, state);
}

async function compareTarget(told: Story, { environment, put }: TargetUnderTest, plan: PublishPlan, fence: number) {
  const before = (await environment.releaseState()).active?.manifest.artifacts ?? [];
  const done = await put(told.release, fence);
  expect(done).toBe(refusalsAt(plan, 'deploying').length === 0);
  if (!done) return;
  const after = (await environment.releaseState()).active?.manifest.artifacts ?? [];
  expect(after).toEqual(listArtifacts(told.release.bundle));
  const changes = (plan.changes?.changes ?? []).map(({ kind, name, change }) => `${kind} ${name} ${change}`);
  expect([...changes].sort()).toEqual(changesBetween(before, after));
}

/** The version gets the planned shares one after the other, each for as long as planned, and only then all executions. */
async function compareTraffic({ told, life, plan }: Run, id: string, before: InStatus<'backing_up'>): Promise<void> {
  expect(before.required).toBe(plan.backup);
  const active_version = told.active?.version ?? null;
  const taken = { ...example('BackupTaken'), publish_id: id, backup_id: before.backup_id, active_version };
  let state = await life.react(id, { type: 'BackupTaken', data: taken });
  const shares: unknown[] = [];
  while (hasStatus(state, ['deploying', 'shifting', 'watching'])) {
    if (state.status === 'watching') {
      const { weight, shifted_at, watch_until } = state;
      shares.push({ weight, pause_seconds: (Date.parse(watch_until) - Date.parse(shifted_at)) / 1000 });
      life.setClock(watch_until);
    }
    state = await goOn(life, id, state);
  }
  expect(state.status).toBe('activating');
  expect(shares).toEqual(plan.traffic?.steps ?? []);
}

/** Found without the code that plans. */
function changesBetween(before: readonly ArtifactEntry[], after: readonly ArtifactEntry[]): string[] {
  const key = ({ kind, name }: ArtifactEntry) => `${kind} ${name}`;
  const [old, now] = [before, after].map((list) => new Map(list.map((entry) => [key(entry), entry.digest])));
  const names = new Set([...before, ...after].map(key));
  return [...names]
    .flatMap((name) => {
      const [was, is] = [old?.get(name), now?.get(name)];
      if (was === is) return [];
      return [`${name} ${was === undefined ? 'new' : is === undefined ? 'deleted' : 'updated'}`];
    })
    .sort();
}

const refusalsAt = ({ refusals }: PublishPlan, step: PublishPlan['refusals'][number]['at']): string[] =>
  refusals.filter(({ at }) => at === step).map(({ code }) => code);

async function dataOf<
  Type extends 'StartDelayed' | 'StartOverridden' | 'ApprovalRequested' | 'GatesRequested' | 'PublishFailed',
>({ store }: Life, id: string, type: Type): Promise<EventData<Type> | undefined> {
  const found = (await store.readStream(`publish-${id}`)).find((event) => event.type === type);
  return found?.data as EventData<Type> | undefined;
}
