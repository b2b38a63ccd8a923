import {
  canonicalDigest,
  type PlanBlock,
  type PlannedApproval,
  type PlanRefusal,
  type PublishPlan,
} from '@m3/contracts';
import {
  alsoOverridden,
  isAutomatic,
  judgeStart,
  notOverridable,
  nothingOverridden,
  snapshotOf,
  targetManagers,
  type Judgement,
} from '@m3/policies';
import { approvalBlock, plannedApproval } from './plan.approval.js';
import { blockOfRule, withRole } from './plan.blocks.js';
import type { PlanFacts } from './plan.facts.js';
import { planRefusals } from './plan.refusals.js';
import { overtakeOlder } from './overtaking.js';
import { needsBackup, sharesIn } from './publish.traffic.js';
import { evolveSlot, fenceOf, queueOf, requestSlot } from './slot.js';

/** Says what a request for a publish would come to, by the functions that decide about the real one. */
export function planPublish(facts: PlanFacts): PublishPlan {
  const { target, tagged, basis, changes, validation, gates, now } = facts;
  const snapshot = snapshotOf(target);
  const trigger = triggerOf(facts);
  const refusals = planRefusals(facts);
  const approval = plannedApproval(snapshot.approval, facts);
  const start = startOf(facts);
  const slot = slotOf(facts);
  const blocks = [...approvalBlocks(approval), ...start.blocks, ...slot.blocks];
  return {
    ...{ target_id: target.target_id, target_name: snapshot.name },
    ...{ environment: snapshot.environment, type: snapshot.type, trigger },
    outcome: outcomeOf(refusals, blocks),
    bundle_digest: tagged?.bundle_digest ?? null,
    config_digest: snapshot.config_digest,
    basis,
    changes: changes?.shown ?? null,
    plan_digest: planDigest(facts),
    validation,
    gates: trigger === 'emergency' ? null : gates,
    approval,
    ...{ backup: needsBackup(snapshot), smoke_tests: snapshot.run_smoke_tests },
    traffic: plannedTraffic(facts),
    hold: plannedHold(facts),
    refusals: [...refusals],
    blocks,
    overridden: start.overridden,
    supersedes: slot.supersedes,
    earliest_start: refusals.length > 0 ? null : start.earliest,
    planned_at: now,
  };
}

/** Null where there is nothing to split. Where it is not known what is active, something may be. */
function plannedTraffic({ target, asked, basis }: PlanFacts): PublishPlan['traffic'] {
  const { traffic } = snapshotOf(target);
  if (traffic === undefined) return null;
  const active = basis.source === 'unknown' ? 'unknown' : (basis.active?.version ?? null);
  const steps = sharesIn(traffic, asked.version, active);
  return steps.length === 0 ? null : { ...traffic, steps: [...steps] };
}

function plannedHold({ hold }: PlanFacts): PublishPlan['hold'] {
  if (hold === null) return null;
  const unblocked_by = targetManagers.map((role) => ({ who: withRole(role), how: 'm3-publish target release' }));
  return { ...hold, unblocked_by };
}

function triggerOf({ target }: PlanFacts): PublishPlan['trigger'] {
  return target.document.type === 'emergency' ? 'emergency' : 'manual';
}

/** Of exactly what would be put where, in place of what, under which configuration (spec section 8). */
function planDigest({ asked, tagged, target, basis, changes }: PlanFacts): string | null {
  if (changes === null || tagged === null) return null;
  const { project, version } = asked;
  return canonicalDigest({
    ...{ project, version, bundle_digest: tagged.bundle_digest },
    ...{ target_id: target.target_id, config_digest: target.config_digest },
    active: basis.active,
    changes: changes.all.map(({ kind, name, change }) => ({ kind, name, change })),
  });
}

function outcomeOf(refusals: readonly PlanRefusal[], blocks: readonly PlanBlock[]): PublishPlan['outcome'] {
  if (refusals.some(({ at }) => at === 'request')) return 'refused';
  if (refusals.length > 0) return 'fails';
  return blocks.length > 0 ? 'waits' : 'starts';
}

interface PlannedStart {
  readonly blocks: readonly PlanBlock[];
  /** What the reason to override lifts. */
  readonly overridden: PlanBlock[];
  readonly earliest: string | null;
}

/** What the rules about starts say now. A reason to override lifts all that blocks, or nothing. */
function startOf(facts: PlanFacts): PlannedStart {
  const { override_reason, caller } = facts.asked;
  const judged = judgement(facts);
  if (override_reason === null || notOverridable(judged.blocks, caller.roles).length > 0) {
    return { blocks: judged.blocks.map(blockOfRule), overridden: [], earliest: judged.earliestStart };
  }
  const { earliestStart } = judgement(facts, alsoOverridden(nothingOverridden, judged.blocks));
  return { blocks: [], overridden: judged.blocks.map(blockOfRule), earliest: earliestStart };
}

function judgement(facts: PlanFacts, overridden = nothingOverridden): Judgement {
  const { project, version } = facts.asked;
  const publish = { project, version, trigger: triggerOf(facts) };
  return judgeStart({ ...facts.rules, publish, overridden }, facts.now);
}

function approvalBlocks(approval: PlannedApproval | null): PlanBlock[] {
  return approval ? [approvalBlock(approval)] : [];
}

/** What the slots of the target say to one more publish. */
interface PlannedSlot {
  /** None: a slot is free, and nobody waits for one. */
  readonly blocks: PlanBlock[];
  /** Publishes that wait, and would not go on. */
  readonly supersedes: string[];
}

function slotOf(facts: PlanFacts): PlannedSlot {
  const { target, slots, asked, publish_id } = facts;
  const { target_id, name, max_concurrent_deployments } = snapshotOf(target);
  const { project, version } = asked;
  const automatic = isAutomatic(triggerOf(facts));
  const request = { target_id, publish_id, project, version, automatic, slots: max_concurrent_deployments };
  const overtaking = overtakeOlder(slots, request);
  const left = overtaking.reduce(evolveSlot, slots);
  const supersedes = overtaking.map(({ data }) => data.publish_id);
  if (fenceOf(requestSlot(left, request).reduce(evolveSlot, left), publish_id) !== null) {
    return { blocks: [], supersedes };
  }
  const ahead = [...left.holders.map((holder) => holder.publish_id), ...queueOf(left)];
  return { blocks: [slotTaken(name, max_concurrent_deployments, ahead)], supersedes };
}

function slotTaken(name: string, slots: number, ahead: readonly string[]): PlanBlock {
  return {
    code: 'slot_taken',
    detail: `${name} takes ${slots} at a time, and ${ahead.length} publish(es) are ahead`,
    until: null,
    unblocked_by: ahead.slice(0, 20).map((id) => ({ who: `the end of publish ${id}`, how: `m3-publish why ${id}` })),
  };
}
