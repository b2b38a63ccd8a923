import type { GateRunEvent } from '@m3/contracts';
import { accept } from '@m3/decider';
import type { GateRunDecision } from './gate-run.js';
import { evolveGateRun, initialGateRun, type GateRun } from './gate-run.state.js';

/** A run that says nothing for a moment: what is decided is kept, and told together. */

export type DecideRun = (state: GateRun) => GateRunDecision;

/** Several decisions on one run, each on what those before it left. A run that was never heard of is told as {@link told}. */
export function decideTogether(decides: readonly DecideRun[], before: GateRun): GateRunDecision {
  let state = before;
  const events: GateRunEvent[] = [];
  for (const decide of decides) {
    const decision = decide(state);
    if (decision.outcome === 'rejected') return decision;
    events.push(...decision.events);
    state = decision.events.reduce(evolveGateRun, state);
  }
  return accept(...(before.status === 'absent' ? told(events, state) : events));
}

/** The end of a run says all that was found out: of one that nobody outside knows of, it is enough. */
function told(events: readonly GateRunEvent[], after: GateRun): readonly GateRunEvent[] {
  return after.status === 'running' || events.some(isOutside) ? events : events.slice(-1);
}

/** The state that a run has come to, and whether it can be kept back: it is not over, and nobody outside knows of it. */
export function quietRun(decides: readonly DecideRun[]): { readonly state: GateRun; readonly canWait: boolean } {
  const decision = decideTogether(decides, initialGateRun);
  const events = decision.outcome === 'accepted' ? decision.events : [];
  const state = events.reduce(evolveGateRun, initialGateRun);
  return { state, canWait: state.status === 'running' && !events.some(isOutside) };
}

const isOutside = ({ type }: GateRunEvent): boolean => type === 'GateAsked' || type === 'GatePending';
