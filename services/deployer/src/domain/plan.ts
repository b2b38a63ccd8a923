import { canonicalDigest, type ArtifactChange, type BundleChanges, type EventData } from '@m3/contracts';
import type { PlanBasis, PlanBlock, PlannedApproval, PlanRefusal, PublishPlan, Caller } from '@m3/contracts';
import { publishRefusals, snapshotOf, type Target } from '@m3/policies';
import { approvalBlock, plannedApproval } from './plan.approval.js';
import { isOlder } from './publish.deploy.js';
import { requestSlot, type SlotState } from './slot.js';

/** What a publish is asked with. */
export interface AskedPublish {
  readonly project: string;
  readonly version: string;
  readonly reason: string | null;
  readonly allow_older: boolean;
  readonly caller: Caller;
}

/** What the bundle would change on the target. */
export interface PlannedChanges {
  /** All of it: the digest is made of these. */
  readonly all: readonly ArtifactChange[];
  readonly shown: BundleChanges;
}

/** Everything that a plan depends on. */
export interface PlanFacts {
  readonly asked: AskedPublish;
  readonly target: Target;
  /** Null: there is no such version. */
  readonly tagged: EventData<'VersionTagged'> | null;
  readonly slots: SlotState;
  readonly basis: PlanBasis;
  /** Why the target could not be asked; null: it was. */
  readonly unreachable: { readonly code: string; readonly reason: string } | null;
  /** The digest of what the target has under the same version already. */
  readonly sameVersion: string | null;
  readonly changes: PlannedChanges | null;
  /** ISO 8601, UTC */
  readonly now: string;
}

/** Says what a request for a publish would come to, by the functions that decide about the real one. */
export function planPublish(facts: PlanFacts): PublishPlan {
  const { target, tagged, basis, changes, now } = facts;
  const snapshot = snapshotOf(target);
  const emergency = target.document.type === 'emergency';
  const refusals = refusalsOf(facts);
  const approval = plannedApproval(snapshot.approval, facts);
  const blocks = blocksOf(facts, approval);
  const outcome = outcomeOf(refusals, blocks);
  return {
    target_id: target.target_id,
    target_name: snapshot.name,
    environment: snapshot.environment,
    type: snapshot.type,
    trigger: emergency ? 'emergency' : 'manual',
    outcome,
    bundle_digest: tagged?.bundle_digest ?? null,
    config_digest: snapshot.config_digest,
    basis,
    changes: changes?.shown ?? null,
    plan_digest: changes && tagged ? planDigest(facts, changes.all, tagged.bundle_digest) : null,
    gates: emergency ? null : snapshot.thresholds,
    approval,
    backup: snapshot.require_backup,
    smoke_tests: snapshot.run_smoke_tests,
    hold: target.hold,
    refusals,
    blocks,
    earliest_start: outcome === 'starts' ? now : null,
    planned_at: now,
  };
}

/** Of exactly what would be put where, in place of what, under which configuration (spec section 8). */
function planDigest({ asked, target, basis }: PlanFacts, changes: readonly ArtifactChange[], bundle: string): string {
  const { project, version } = asked;
  return canonicalDigest({
    ...{ project, version, bundle_digest: bundle },
    target_id: target.target_id,
    config_digest: target.config_digest,
    active: basis.active,
    changes: changes.map(({ kind, name, change }) => ({ kind, name, change })),
  });
}

function outcomeOf(refusals: readonly PlanRefusal[], blocks: readonly PlanBlock[]): PublishPlan['outcome'] {
  if (refusals.some(({ at }) => at === 'request')) return 'refused';
  if (refusals.length > 0) return 'fails';
  return blocks.length > 0 ? 'waits' : 'starts';
}

function refusalsOf({ asked, target, tagged, basis, unreachable, sameVersion }: PlanFacts): PlanRefusal[] {
  const { version } = asked;
  const active = basis.active?.version ?? null;
  const refusals = publishRefusals(target, asked).map((refusal): PlanRefusal => ({ at: 'request', ...refusal }));
  if (tagged === null) {
    refusals.push({ at: 'request', code: 'version_not_found', detail: 'no such version was tagged', field: 'version' });
  }
  if (unreachable) refusals.push({ at: 'validating', code: unreachable.code, detail: unreachable.reason });
  if (isOlder(asked, active)) {
    const detail = `${version} is older than ${active}, which is active; ask for it with allow_older`;
    refusals.push({ at: 'validating', code: 'older_than_active', detail, field: 'allow_older' });
  }
  if (tagged !== null && sameVersion !== null && sameVersion !== tagged.bundle_digest) {
    const detail = `${version} is on the target already, with other contents (${sameVersion})`;
    refusals.push({ at: 'deploying', code: 'version_conflict', detail });
  }
  return refusals;
}

function blocksOf(facts: PlanFacts, approval: PlannedApproval | null): PlanBlock[] {
  const slot = slotBlock(facts);
  return [...(approval ? [approvalBlock(approval, facts)] : []), ...(slot ? [slot] : [])];
}

/** Null: a slot is free, and nobody waits for one. */
function slotBlock({ target, slots }: PlanFacts): PlanBlock | null {
  const { target_id, name, max_concurrent_deployments } = snapshotOf(target);
  const [event] = requestSlot(slots, { target_id, publish_id: '', slots: max_concurrent_deployments });
  if (event?.type !== 'SlotQueued') return null;
  const ahead = [...slots.holders, ...slots.queue];
  return {
    code: 'slot_taken',
    detail: `${name} takes ${max_concurrent_deployments} at a time, and ${ahead.length} publish(es) are ahead`,
    until: null,
    unblocked_by: ahead.slice(0, 20).map((id) => ({ who: `the end of publish ${id}`, how: `m3-publish why ${id}` })),
  };
}
