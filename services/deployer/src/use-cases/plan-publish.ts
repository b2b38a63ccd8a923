import {
  newId,
  versionEvents,
  type CommandPayload,
  type EventData,
  type LastActive,
  type PlanGates,
  type PlanValidation,
  type VersionEvent,
  slotEvents,
  type SlotEvent,
} from '@m3/contracts';
import { BundleMissingError } from '@m3/bundles';
import type { EventStore } from '@m3/event-store';
import { snapshotOf } from '@m3/policies';
import { eventsIn, StreamStates, type Clock } from '@m3/process';
import type { CommandOutcome } from '@m3/service-kit';
import type { PlanFacts } from '../domain/plan.facts.js';
import { planPublish } from '../domain/plan.js';
import { evolveSlot, initialSlot, type SlotState } from '../domain/slot.js';
import { readTarget } from './read-target.js';
import { ReadStartRules } from './read-start-rules.js';
import { LookAtTarget, type LookParts } from './look-at-target.js';

type Tagged = EventData<'VersionTagged'>;
type Command = CommandPayload<'deployer.plan'>;
type Destination = Pick<PlanFacts, 'target' | 'hold'>;
/** A version that is known, and where it would go. */
type Bringing = Pick<PlanFacts, 'target'> & { readonly tagged: Tagged };

/** Those who know what a publish would have to pass before it is approved. */
export interface GatesToAsk {
  planned(question: CommandPayload<'gates.planned'>): Promise<PlanGates>;
  preflight(question: CommandPayload<'gates.preflight'>): Promise<PlanValidation>;
}

export interface PlanParts extends Pick<LookParts, 'targets' | 'bundles'> {
  readonly store: EventStore;
  readonly gates: GatesToAsk;
  readonly clock: Clock;
}

/** Says what a publish would do and what would hold it up. Changes nothing. */
export class PlanPublish {
  private readonly versions: StreamStates<Tagged | null, VersionEvent>;
  private readonly slots: StreamStates<SlotState, SlotEvent>;
  private readonly rules: ReadStartRules;
  private readonly looking: LookAtTarget;

  constructor(private readonly parts: PlanParts) {
    const { store, targets, bundles } = parts;
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
    const known = await readTarget(this.parts.store, command.target_id);
    if (known === null) return { outcome: 'rejected', rejection: targetNotFound };
    try {
      return { outcome: 'accepted', result: planPublish(await this.facts(command, known)) };
    } catch (error) {
      if (!(error instanceof BundleMissingError)) throw error;
      return { outcome: 'rejected', rejection: { code: error.code, detail: error.message } };
    }
  }

  private async facts(command: Command, { target, hold }: Destination): Promise<PlanFacts> {
    const { target_id, project, version, last_active: lastActive } = command;
    const tagged = await this.tagOf(command);
    const [checked, found, slots, { rules }] = await Promise.all([
      tagged === null ? notChecked : this.check(command, { target, tagged }),
      this.looking.look({ target, tagged, version, lastActive }),
      this.slots.reload(`slot-${target_id}`),
      this.rules.read({ project, version, target: snapshotOf(target) }, true),
    ]);
    const now = this.parts.clock().toISOString();
    const known = { asked: command, target, hold, tagged, ...found, ...checked, slots: slots.state, rules };
    return { ...known, publish_id: newId('publish'), now };
  }

  /** The gates are asked with what a publish would ask them. */
  private async check(command: Command, { target, tagged }: Bringing): Promise<Checked> {
    const { command_id, caller, version, allow_older } = command;
    const { bundle_digest, requires_marie } = tagged;
    const { target_id, address, thresholds, gates: settings, traffic } = snapshotOf(target);
    const [validation, gates] = await Promise.all([
      this.parts.gates.preflight({
        ...{ command_id, caller, version, target_id, address, allow_older },
        ...(requires_marie === undefined ? {} : { requires_marie }),
        ...(traffic === undefined ? {} : { strategy: traffic.strategy }),
      }),
      this.parts.gates.planned({
        ...{ command_id, caller, bundle_digest, thresholds },
        ...(settings === undefined ? {} : { settings }),
      }),
    ]);
    return { validation, gates };
  }

  private async tagOf({ project, version }: LastActive): Promise<Tagged | null> {
    return (await this.versions.reload(`version-${project}:${version}`)).state;
  }
}

type Checked = Pick<PlanFacts, 'validation' | 'gates'>;

const notChecked: Checked = {
  validation: { source: 'unknown', note: 'what the checks would find depends on a version that is not known' },
  gates: { source: 'unknown', note: 'which gates would run depends on a version that is not known' },
};
const targetNotFound = { code: 'target_not_found', detail: 'there is no such target', field: 'target_id' };
