import {
  newId,
  targetEvents,
  versionEvents,
  type CommandPayload,
  type EventData,
  type LastActive,
  type PlanGates,
  type TargetEvent,
  type VersionEvent,
  slotEvents,
  type SlotEvent,
} from '@m3/contracts';
import { BundleMissingError } from '@m3/bundles';
import type { EventStore } from '@m3/event-store';
import { evolveTarget, snapshotOf, type Target, type TargetState } from '@m3/policies';
import { eventsIn, StreamStates, type Clock } from '@m3/process';
import type { CommandOutcome } from '@m3/service-kit';
import type { PlanFacts } from '../domain/plan.facts.js';
import { planPublish } from '../domain/plan.js';
import { evolveSlot, initialSlot, type SlotState } from '../domain/slot.js';
import { ReadStartRules } from './read-start-rules.js';
import { LookAtTarget, type LookParts } from './look-at-target.js';

type Tagged = EventData<'VersionTagged'>;
type Command = CommandPayload<'deployer.plan'>;
type Destination = Pick<PlanFacts, 'target' | 'tagged'>;

/** Those who know which gates a publish would have to pass. */
export interface GatesToAsk {
  planned(question: CommandPayload<'gates.planned'>): Promise<PlanGates>;
}

export interface PlanParts extends Pick<LookParts, 'targets' | 'bundles'> {
  readonly store: EventStore;
  readonly gates: GatesToAsk;
  readonly clock: Clock;
}

/** Says what a publish would do and what would hold it up. Changes nothing. */
export class PlanPublish {
  private readonly targets: StreamStates<TargetState, TargetEvent>;
  private readonly versions: StreamStates<Tagged | null, VersionEvent>;
  private readonly slots: StreamStates<SlotState, SlotEvent>;
  private readonly rules: ReadStartRules;
  private readonly looking: LookAtTarget;

  constructor(private readonly parts: PlanParts) {
    const { store, targets, bundles } = parts;
    this.targets = new StreamStates(store, {
      initial: null,
      evolve: evolveTarget,
      accepts: eventsIn<TargetEvent>(targetEvents),
    });
    this.versions = new StreamStates<Tagged | null, VersionEvent>(store, {
      initial: null,
      evolve: (tagged, event) => (event.type === 'VersionTagged' ? event.data : tagged),
      accepts: eventsIn<VersionEvent>(versionEvents),
    });
    this.slots = new StreamStates(store, {
      initial: initialSlot,
      evolve: evolveSlot,
      accepts: eventsIn<SlotEvent>(slotEvents),
    });
    this.rules = new ReadStartRules(store);
    this.looking = new LookAtTarget({ targets, bundles, tagOf: (version) => this.tagOf(version) });
  }

  async plan(command: Command): Promise<CommandOutcome<'deployer.plan'>> {
    const { state: target } = await this.targets.reload(`target-${command.target_id}`);
    if (target === null) return { outcome: 'rejected', rejection: targetNotFound };
    try {
      return { outcome: 'accepted', result: planPublish(await this.facts(command, target)) };
    } catch (error) {
      if (!(error instanceof BundleMissingError)) throw error;
      return { outcome: 'rejected', rejection: { code: error.code, detail: error.message } };
    }
  }

  private async facts(command: Command, target: Target): Promise<PlanFacts> {
    const { target_id, project, version, last_active: lastActive } = command;
    const tagged = await this.tagOf(command);
    const [gates, found, slots, { rules }] = await Promise.all([
      this.gates(command, { target, tagged }),
      this.looking.look({ target, tagged, version, lastActive }),
      this.slots.reload(`slot-${target_id}`),
      this.rules.read({ project, version, target: snapshotOf(target) }, true),
    ]);
    const now = this.parts.clock().toISOString();
    const known = { asked: command, target, tagged, ...found, gates, slots: slots.state, rules };
    return { ...known, publish_id: newId('publish'), now };
  }

  /** They are asked with what a publish would ask them to judge. */
  private async gates({ command_id, caller }: Command, { target, tagged }: Destination): Promise<PlanGates> {
    if (tagged === null)
      return { source: 'unknown', note: 'which gates would run depends on a version that is not known' };
    const { bundle_digest } = tagged;
    const { thresholds, gates: settings } = snapshotOf(target);
    const question = { bundle_digest, thresholds, ...(settings === undefined ? {} : { settings }) };
    return this.parts.gates.planned({ command_id, caller, ...question });
  }

  private async tagOf({ project, version }: LastActive): Promise<Tagged | null> {
    return (await this.versions.reload(`version-${project}:${version}`)).state;
  }
}

const targetNotFound = { code: 'target_not_found', detail: 'there is no such target', field: 'target_id' };
