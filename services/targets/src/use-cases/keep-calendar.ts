import {
  freezeCalendar,
  freezeEvents,
  newId,
  type CommandPayload,
  type FreezeEvent,
  type FreezeScope,
} from '@m3/contracts';
import { reject } from '@m3/decider';
import type { AppendContext, EventStore } from '@m3/event-store';
import { decideAndAppend, eventsIn, StreamStates } from '@m3/process';
import type { CommandOutcome } from '@m3/service-kit';
import {
  declareFreeze,
  emptyCalendar,
  evolveCalendar,
  liftFreeze,
  type FreezeCalendar,
} from '../domain/freeze-calendar.js';
import type { TargetRegistry } from './target-registry.js';

/** Declares and lifts freezes. What was answered is in force for every later start: starts are checked against this stream. */
export class KeepCalendar {
  private readonly states: StreamStates<FreezeCalendar, FreezeEvent>;

  constructor(
    private readonly store: EventStore,
    private readonly registry: TargetRegistry,
  ) {
    this.states = new StreamStates(store, {
      initial: emptyCalendar,
      evolve: evolveCalendar,
      accepts: eventsIn<FreezeEvent>(freezeEvents),
    });
  }

  async declare(
    { command_id, scope, period, reason, override_roles }: CommandPayload<'freezes.declare'>,
    context: AppendContext,
  ): Promise<CommandOutcome<'freezes.declare'>> {
    const named = await this.withName(scope);
    if (named === null) return reject('target_not_found', 'there is no such target', 'scope.target_id');
    const environments = new Set((await this.registry.all()).map(({ document }) => document.environment));
    const freeze = { freeze_id: newId('freeze'), command_id, scope: named, period, reason, override_roles };
    const decided = await this.decide(context, (state) => declareFreeze({ ...freeze, environments }, state));
    if (decided.outcome === 'rejected') return decided;
    const found = decided.state.declared.find((each) => each.command_id === command_id);
    return { outcome: 'accepted', result: { freeze_id: found?.freeze_id ?? freeze.freeze_id } };
  }

  async lift(
    { freeze_id, reason }: CommandPayload<'freezes.lift'>,
    context: AppendContext,
  ): Promise<CommandOutcome<'freezes.lift'>> {
    const decided = await this.decide(context, (state) => liftFreeze(freeze_id, reason, state));
    return decided.outcome === 'rejected' ? decided : { outcome: 'accepted', result: { freeze_id } };
  }

  private decide(context: AppendContext, decide: (state: FreezeCalendar) => ReturnType<typeof liftFreeze>) {
    return decideAndAppend({ store: this.store, states: this.states, stream: freezeCalendar, decide, context });
  }

  /** The scope with the name that the target really has; null: there is no such target. */
  private async withName(scope: FreezeScope): Promise<FreezeScope | null> {
    if (scope.kind !== 'target') return scope;
    const target = await this.registry.get(scope.target_id);
    return target && { ...scope, target_name: target.document.name };
  }
}
