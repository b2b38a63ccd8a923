import { planActions, type Action } from './actions.js';
import { planFaults, type Lane, type PlannedFault } from './faults.js';
import { Random } from './random.js';

export interface ChaosSize {
  readonly seed: number;
  readonly faults: number;
  readonly actions: number;
}

/** What is done and what is broken in one run. */
export interface ChaosPlan extends ChaosSize {
  readonly todo: readonly Action[];
  readonly breakage: Readonly<Record<Lane, readonly PlannedFault[]>>;
}

/** One seed always gives the same plan. */
export function planChaos({ seed, faults, actions }: ChaosSize): ChaosPlan {
  const random = new Random(seed);
  return { seed, faults, actions, todo: planActions(random, actions), breakage: planFaults(random, faults) };
}
