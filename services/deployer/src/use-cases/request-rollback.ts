import { newId, type CommandPayload } from '@m3/contracts';
import { reject } from '@m3/decider';
import type { AppendContext, EventStore, StreamWrite } from '@m3/event-store';
import { snapshotOf } from '@m3/policies';
import type { CommandOutcome } from '@m3/service-kit';
import {
  describeRollback,
  endTakenOver,
  requestRollback,
  rollbackRefusal,
  type PlannedRollback,
} from '../domain/rollback.request.js';
import { momentAt } from './moment.js';
import type { FoundRollback, LookAtRollback } from './look-at-rollback.js';
import { unchanged } from './read-promotion.js';

/** More conflicts in a row than a target's publishes could cause. */
const maxAttempts = 50;

/** Plans rollbacks, and begins them: what is asked for is decided by the same functions as what is shown. */
export class RequestRollback {
  constructor(
    private readonly store: EventStore,
    private readonly looking: Pick<LookAtRollback, 'look' | 'begun'>,
  ) {}

  async plan(command: CommandPayload<'deployer.plan_rollback'>): Promise<CommandOutcome<'deployer.plan_rollback'>> {
    const found = await this.looking.look(command);
    if (found.outcome === 'rejected') return found;
    const planned = plannedOf(found);
    const rejection = rollbackRefusal(planned);
    return rejection ? { outcome: 'rejected', rejection } : { outcome: 'accepted', result: describeRollback(planned) };
  }

  /** The same command again is answered with the same rollback. */
  async request(
    command: CommandPayload<'deployer.rollback'>,
    context: AppendContext,
  ): Promise<CommandOutcome<'deployer.rollback'>> {
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const begun = await this.attempt(command, context);
      if (begun) return begun;
    }
    throw new Error(`slot-${command.target_id}: ${maxAttempts} version conflicts in a row`);
  }

  /** Null: another writer came first. */
  private async attempt(
    command: CommandPayload<'deployer.rollback'>,
    context: AppendContext,
  ): Promise<CommandOutcome<'deployer.rollback'> | null> {
    const known = await this.looking.begun(command);
    if (known) return { outcome: 'accepted', result: known };
    const found = await this.looking.look(command);
    if (found.outcome === 'rejected') return found;
    const planned = plannedOf(found);
    const rejection = rollbackRefusal(planned);
    if (rejection) return { outcome: 'rejected', rejection };
    const { backup_id, name } = found.chosen.backup.taken;
    if (command.expected_backup_id !== null && command.expected_backup_id !== backup_id)
      return reject('plan_changed', `the rollback would restore ${name} by now; look at its plan again`);
    const publish_id = newId('publish');
    if (!(await this.append(found, planned, { publish_id, command }, context))) return null;
    const { project, version } = found.chosen.release;
    return { outcome: 'accepted', result: { publish_id, project, version, backup_id } };
  }

  /** Everything that was decided on is checked by the append: the slot, who has it, the backup, the target. */
  private async append(
    { slot, holders, chosen, targetVersion, target }: FoundRollback,
    planned: PlannedRollback,
    { publish_id, command }: { readonly publish_id: string; readonly command: CommandPayload<'deployer.rollback'> },
    context: AppendContext,
  ): Promise<boolean> {
    const { command_id, caller, reason } = command;
    const wanted = { publish_id, command_id, requested_by: caller.id, reason };
    const begun = requestRollback(planned, wanted, slot.state, momentAt(context.occurredAt));
    const writes: StreamWrite[] = [
      { stream: `publish-${publish_id}`, expectedVersion: 0, events: begun.publish },
      { stream: slot.stream, expectedVersion: slot.version, events: begun.slot },
      ...holders.map(({ grant, state, version }) => ({
        stream: `publish-${grant.publish_id}`,
        expectedVersion: version,
        events: endTakenOver(state, publish_id),
      })),
      unchanged(`target-${target.target_id}`, targetVersion),
      unchanged(`backup-${chosen.backup.taken.backup_id}`, chosen.backup.version),
    ];
    return (await this.store.append(writes, context)).outcome === 'appended';
  }
}

function plannedOf({ target, active, chosen, holders }: FoundRollback): PlannedRollback {
  return {
    target: snapshotOf(target),
    from: active && { project: active.manifest.project, version: active.version },
    chosen,
    holders: holders.map(({ grant }) => grant),
  };
}
