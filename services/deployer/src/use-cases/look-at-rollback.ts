import {
  slotEvents,
  targetEvents,
  type CommandPayload,
  type RollbackAccepted,
  type SlotEvent,
  type TargetEvent,
} from '@m3/contracts';
import { reject, type Refusal } from '@m3/decider';
import type { EventStore } from '@m3/event-store';
import { evolveTarget, rollbackAccessRefusal, type Target, type TargetState } from '@m3/policies';
import { eventsIn, StreamStates, type StreamState } from '@m3/process';
import { CannotOpenError } from '@m3/secrets';
import { describeTargetFault } from '@m3/target-access';
import type { ReleaseState } from '@m3/target-environment';
import { chooseRollback, type Chosen } from '../domain/rollback.choice.js';
import { evolveSlot, initialSlot, type SlotState } from '../domain/slot.js';
import type { Targets } from './look-at-target.js';
import { readGrant, type ReadGrant } from './read-grants.js';

type Asked = Pick<CommandPayload<'deployer.plan_rollback'>, 'caller' | 'target_id' | 'publish_id' | 'to'>;

/** What a rollback would be, and all that it was decided on. */
export interface FoundRollback {
  readonly outcome: 'found';
  readonly target: Target;
  /** Of its stream. */
  readonly targetVersion: number;
  readonly slot: StreamState<SlotState>;
  readonly active: ReleaseState['active'];
  readonly chosen: Chosen;
  /** Publishes that have a slot. */
  readonly holders: readonly ReadGrant[];
  /** Newest first: as far as the log was read. */
  readonly grants: readonly ReadGrant[];
}

export type LookedAt = FoundRollback | { readonly outcome: 'rejected'; readonly rejection: Refusal };

/** How long the target may take to say what is active: somebody waits. */
const timeoutMs = 2_500;
/** Publishes that are read at the same time, and at most. */
const page = 20;
const most = 1_000;

/** Finds out what a rollback of a target would restore, from the log and from the target itself. */
export class LookAtRollback {
  private readonly targets: StreamStates<TargetState, TargetEvent>;

  constructor(private readonly parts: { readonly store: EventStore; readonly targets: Targets }) {
    this.targets = new StreamStates(parts.store, {
      initial: null,
      evolve: evolveTarget,
      accepts: eventsIn<TargetEvent>(targetEvents),
    });
  }

  async look(asked: Asked): Promise<LookedAt> {
    const { state: target, version: targetVersion } = await this.targets.reload(`target-${asked.target_id}`);
    if (target === null) return reject('target_not_found', 'there is no such target', 'target_id');
    const refusal = rollbackAccessRefusal(target, asked.caller);
    if (refusal) return { outcome: 'rejected', rejection: refusal };
    const [slot, active] = await Promise.all([this.slotOf(asked.target_id), this.activeOn(target)]);
    if (active.outcome === 'rejected') return active;
    return this.choose(asked, { target, targetVersion, slot, active: active.active });
  }

  /** The rollback that a command has begun already; null: none. It is among the newest, for commands are repeated soon. */
  async begun({ target_id, command_id }: CommandPayload<'deployer.rollback'>): Promise<RollbackAccepted | null> {
    const { granted } = await this.slotOf(target_id);
    const newest = await Promise.all(granted.slice(0, page).map((id) => readGrant(this.parts.store, id, false)));
    const begun = newest.find((each) => each?.grant.is_rollback === true && each.grant.trigger_key === command_id);
    if (!begun?.rollback) return null;
    const { publish_id, project, version, backup_id } = begun.rollback;
    return { publish_id, project, version, backup_id };
  }

  private async choose(
    { publish_id, to }: Asked,
    seen: Pick<FoundRollback, 'target' | 'targetVersion' | 'active'> & { readonly slot: SlotOfTarget },
  ): Promise<LookedAt> {
    const { slot, active } = seen;
    const grants: ReadGrant[] = [];
    const running = new Set(slot.state.holders.map((holder) => holder.publish_id));
    for (let from = 0; ; from += page) {
      const ids = slot.granted.slice(from, from + page);
      const read = await Promise.all(ids.map((id) => readGrant(this.parts.store, id, running.has(id))));
      grants.push(...read.filter((each) => each !== null));
      const complete = from + page >= Math.min(slot.granted.length, most);
      const wish = { publish_id, to };
      const chosen = chooseRollback({ wish, active, grants: grants.map(({ grant }) => grant), complete });
      if (chosen.outcome === 'rejected') return chosen;
      if (chosen.outcome === 'chosen') {
        const holders = grants.filter(({ grant }) => grant.running);
        return { outcome: 'found', ...seen, chosen, holders, grants };
      }
    }
  }

  private async slotOf(targetId: string): Promise<SlotOfTarget> {
    const stream = `slot-${targetId}`;
    const recorded = await this.parts.store.readStream(stream);
    const history = recorded.map(({ type, data }) => ({ type, data })).filter(isSlotEvent);
    const granted = history.flatMap(({ type, data }) => (type === 'SlotGranted' ? [data.publish_id] : []));
    return {
      ...{ stream, version: recorded.length, cached: false },
      state: history.reduce(evolveSlot, initialSlot),
      // A publish that gave its slot back while it waited was granted another one later.
      granted: [...new Set(granted.reverse())],
    };
  }

  private async activeOn(
    target: Target,
  ): Promise<
    | { readonly outcome: 'seen'; readonly active: ReleaseState['active'] }
    | { readonly outcome: 'rejected'; readonly rejection: Refusal }
  > {
    try {
      const { active } = await (await this.parts.targets.open(target)).releaseState({ timeoutMs });
      return { outcome: 'seen', active };
    } catch (error) {
      if (error instanceof CannotOpenError) return reject('target_unreachable', error.message, 'target_id');
      const fault = describeTargetFault(error);
      if (!fault) throw error;
      return reject('target_unreachable', `${fault.reason}; a rollback needs the target's database`, 'target_id');
    }
  }
}

type SlotOfTarget = StreamState<SlotState> & {
  /** Publishes that had a slot, the newest first. */
  readonly granted: readonly string[];
};

const isSlotEvent = eventsIn<SlotEvent>(slotEvents);
