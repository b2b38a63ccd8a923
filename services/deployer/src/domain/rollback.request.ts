import type { PublishEvent, RollbackChoice, SlotEvent, TargetSnapshot } from '@m3/contracts';
import { reject, type Refusal } from '@m3/decider';
import { superseded } from './publish.checks.js';
import { evolvePublish } from './publish.evolve.js';
import type { Moment } from './publish.inputs.js';
import { reviewOf } from './publish.review.js';
import { hasStatus, type PublishState } from './publish.state.js';
import type { Chosen, Grant } from './rollback.choice.js';
import { startRollback } from './rollback.react.js';
import type { Rollback } from './rollback.state.js';
import { evolveSlot, fenceOf, takeOver, type SlotState } from './slot.js';

/** A rollback as it would be: the plan shows it, and the request does it. */
export interface PlannedRollback {
  readonly target: TargetSnapshot;
  /** What is active on the target. */
  readonly from: Rollback['from'];
  readonly chosen: Chosen;
  /** Publishes that have a slot. */
  readonly holders: readonly Grant[];
}

export interface RollbackWanted {
  readonly publish_id: string;
  readonly command_id: string;
  readonly requested_by: string;
  readonly reason: string;
}

/** Another rollback is never stopped by one. */
export function rollbackRefusal({ holders, target }: PlannedRollback): Refusal | null {
  const other = holders.find(({ is_rollback }) => is_rollback);
  if (!other) return null;
  const detail = `the rollback ${other.publish_id} of ${target.name} is under way (${other.status}); wait for its end`;
  return reject('rollback_running', detail, 'target_id').rejection;
}

/** The versions that automatic publishes must not bring back: what is active, and what was about to be. */
export function vetoedBy({ from, chosen, holders }: PlannedRollback): Rollback['vetoed'] {
  const all = [from, ...holders.map(({ release }) => release)].filter((each) => each !== null);
  const others = all.filter(({ version }) => version !== chosen.release.version);
  const named = others.map(({ project, version }) => [`${project} ${version}`, { project, version }] as const);
  return [...new Map(named).values()];
}

export function describeRollback(planned: PlannedRollback): RollbackChoice {
  const { target, from, chosen, holders } = planned;
  const { project, version, bundle_digest } = chosen.release;
  const { backup_id, name, digest, bytes } = chosen.backup.taken;
  return {
    ...{ target_id: target.target_id, target_name: target.name, environment: target.environment },
    from,
    to: { project, version, bundle_digest },
    backup: { backup_id, name, digest, taken_at: chosen.backup.taken_at, bytes },
    undoes: chosen.undoes,
    takes_over: holders.map(({ publish_id, release, status }) => ({
      ...{ publish_id, project: release.project, version: release.version, status },
    })),
    vetoed: vetoedBy(planned),
    smoke_tests: target.run_smoke_tests,
  };
}

export interface StartedRollback {
  readonly publish: readonly PublishEvent[];
  readonly slot: readonly SlotEvent[];
}

/** Takes the slot over and begins, in one: from then on nobody else changes the target. */
export function requestRollback(
  planned: PlannedRollback,
  wanted: RollbackWanted,
  slots: SlotState,
  moment: Moment,
): StartedRollback {
  const { target, from, chosen, holders } = planned;
  const { publish_id, command_id, requested_by, reason } = wanted;
  const slot = takeOver(slots, target.target_id, publish_id);
  const fence = fenceOf(slot.reduce(evolveSlot, slots), publish_id);
  if (fence === null) throw new Error('whoever takes a slot over has it');
  const rollback: Rollback = {
    ...{ publish_id, ...chosen.release, trigger: 'rollback', trigger_key: command_id, requested_by, reason },
    ...{ allow_older: true, target, from, backup_id: chosen.backup.taken.backup_id, fence },
    takes_over: holders.map((holder) => holder.publish_id),
    vetoed: vetoedBy(planned),
    undoes: chosen.undoes,
  };
  return { publish: startRollback(rollback, moment), slot };
}

/** How a publish ends that a rollback has taken the slot from. What it still does is refused by the target. */
export function endTakenOver(state: PublishState, by: string): readonly PublishEvent[] {
  if (state.status === 'absent' || state.status === 'ended') return [];
  const reason = `a rollback took over the target while this publish was ${state.status.replaceAll('_', ' ')}`;
  const end = superseded(state.request, by, reason);
  const after = evolvePublish(state, end);
  return hasStatus(after, ['ended']) ? [...reviewOf(state, after), end] : [end];
}
