import { BundleMissingError, type BundleStore } from '@m3/bundles';
import type { GateQuestion, GateSettings } from '@m3/contracts';
import { reject } from '@m3/decider';
import type { CommandOutcome } from '@m3/service-kit';
import { chooseGates } from '../quality-gates/choose-gates.js';
import type { Gate, GateConfiguration } from '../quality-gates/gate.js';

export interface PlanGatesParts {
  /** All gates that there are for these settings. */
  readonly gates: (settings: GateSettings) => readonly Gate[];
  readonly bundles: Pick<BundleStore, 'get'>;
}

/** Says which gates a publish would have to pass, and by what. Runs none of them. */
export class PlanGates {
  constructor(private readonly parts: PlanGatesParts) {}

  async plan({ bundle_digest, thresholds, settings = {} }: GateQuestion): Promise<CommandOutcome<'gates.planned'>> {
    const configuration: GateConfiguration = { ...thresholds, ...settings };
    try {
      const bundle = await this.parts.bundles.get(bundle_digest);
      const { chosen, not_run } = chooseGates(this.parts.gates(settings), { configuration, bundle });
      const gates = chosen.map(({ name, checks, limits }) => ({ name, checks, limits: [...limits(configuration)] }));
      return { outcome: 'accepted', result: { gates, not_run: [...not_run], override: settings.override ?? null } };
    } catch (error) {
      if (!(error instanceof BundleMissingError)) throw error;
      return reject(error.code, error.message);
    }
  }
}
