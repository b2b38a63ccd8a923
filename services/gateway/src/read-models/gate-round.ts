import type { DomainEventType, EventData, GateRound } from '@m3/contracts';
import type { LogEntry } from '../projections/log-entry.js';

const noneYet: GateRound = {
  outcome: null,
  checks: [],
  running: [],
  not_run: [],
  overrides: [],
  override_until: null,
  override_roles: [],
};

/** The quality gates of one round of checks, as far as its history tells; null: they have not begun. */
export function gateRound(history: readonly LogEntry[]): GateRound | null {
  return history.reduce<GateRound | null>((round, entry) => afterEvent(round, entry), null);
}

function afterEvent<Type extends DomainEventType>(round: GateRound | null, event: LogEntry<Type>): GateRound | null {
  const change: Change<Type> | undefined = changes[event.type];
  return change === undefined ? round : change(round ?? noneYet, event.data);
}

type Change<Type extends DomainEventType> = (round: GateRound, data: EventData<Type>) => GateRound;

const changes: { readonly [Type in DomainEventType]?: Change<Type> } = {
  GatesRequested: () => noneYet,
  GatesStarted: (round, { gates, not_run }) => {
    const running = gates.map((gate) => ({ gate, waits_for: null, message: null, deadline_at: null }));
    return { ...round, running, not_run };
  },
  GateAsked: (round, { gate, deadline_at }) => changed(round, gate, { deadline_at }),
  GatePending: (round, { gate, message }) => changed(round, gate, { waits_for: 'callback', message }),
  GateCompleted: (round, { result }) => {
    const running = round.running.filter(({ gate }) => gate !== result.name);
    return { ...round, running, checks: [...round.checks, result] };
  },
  OverrideAwaited: (round, { gates: checks, not_run, deadline_at, allowed_roles }) => ({
    ...{ ...round, checks, running: [], not_run },
    ...{ override_until: deadline_at, override_roles: allowed_roles },
  }),
  GateOverridden: (round, { gate, by, reason, at }) => ({
    ...round,
    overrides: [...round.overrides, { gate, by, reason, at }],
  }),
  GatesCompleted: (_, { outcome, gates: checks, not_run = [], overrides = [] }) => ({
    ...{ ...noneYet, outcome, checks, not_run, overrides },
  }),
};

function changed(round: GateRound, gate: string, change: Partial<GateRound['running'][number]>): GateRound {
  return { ...round, running: round.running.map((each) => (each.gate === gate ? { ...each, ...change } : each)) };
}
