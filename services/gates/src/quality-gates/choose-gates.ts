import type { Bundle } from '@m3/artifacts';
import type { NotRun } from '../domain/gate-run.state.js';
import type { Gate, GateConfiguration } from './gate.js';

export interface ChosenGates {
  readonly chosen: readonly Gate[];
  readonly not_run: readonly NotRun[];
}

/** Which gates a bundle has to pass under a configuration: what a plan says and a run does is chosen here. */
export function chooseGates(
  gates: readonly Gate[],
  { configuration, bundle }: { readonly configuration: GateConfiguration; readonly bundle: Bundle },
): ChosenGates {
  const reasons = gates.map((gate) => ({ gate, reason: gate.notRun(configuration, bundle) }));
  return {
    chosen: reasons.filter(({ reason }) => reason === null).map(({ gate }) => gate),
    not_run: reasons.flatMap(({ gate, reason }) => (reason === null ? [] : [{ gate: gate.name, reason }])),
  };
}
