import type { CheckResult, GateRunEvent } from '@m3/contracts';
import { accept, assertNever, reject } from '@m3/decider';
import { conclude, endOfWait, remainingGates, type GateRunDecision, type RunIds } from './gate-run.js';
import { evolveGateRun, timedOut, type Asked, type GateRun } from './gate-run.state.js';
import { checkResult, inconclusive } from './check.js';

/** What people, external gates and the clock bring to a run of gates. */

export interface OverrideGate {
  readonly gate: string;
  readonly by: string;
  readonly roles: readonly string[];
  readonly reason: string;
  readonly now: string;
}

/** Lets a publish go on although a gate did not pass. Again by anyone it changes nothing. */
export function overrideGate(ids: RunIds, command: OverrideGate, state: GateRun): GateRunDecision {
  const { gate, by, reason, now } = command;
  if ('overrides' in state && state.overrides.some((override) => override.gate === gate)) return accept();
  if (state.status !== 'awaiting_override' || state.deadline_at <= now) return notOverridable(state);
  const refusal = overrideRefusal(command, state);
  if (refusal) return refusal;
  const remaining = remainingGates(state).filter((name) => name !== gate);
  const overridden: GateRunEvent = { type: 'GateOverridden', data: { ...ids, gate, by, reason, at: now, remaining } };
  const after = evolveGateRun(state, overridden);
  return after.status === 'awaiting_override' && remaining.length === 0
    ? accept<GateRunEvent>(overridden, endOfWait(ids, after, now))
    : accept(overridden);
}

type AwaitingOverride = Extract<GateRun, { status: 'awaiting_override' }>;

/** Why this person may not override this gate; null: they may. */
function overrideRefusal({ gate, roles }: OverrideGate, { allowed_roles, results }: AwaitingOverride) {
  if (!roles.some((role) => allowed_roles.includes(role))) {
    return reject('not_allowed', `the target lets only these roles override its gates: ${allowed_roles.join(', ')}`);
  }
  const result = results.find(({ name }) => name === gate);
  if (!result) {
    const names = results.map(({ name }) => name).join(', ');
    return reject('gate_not_found', `this publish has no gate "${gate}"; it has ${names}`, '/gate');
  }
  return result.outcome === 'passed' ? reject('gate_passed', `the gate ${gate} has passed`, '/gate') : null;
}

function notOverridable(state: GateRun): GateRunDecision {
  switch (state.status) {
    case 'absent':
    case 'running':
      return reject('gates_running', 'the gates have no result yet; wait for it');
    case 'awaiting_override':
      return reject('override_expired', `overrides were possible until ${state.deadline_at}`);
    case 'ended':
      return reject(
        'gates_ended',
        'the gates of this publish have ended and wait for no override; publish again, and override while it waits',
      );
    default:
      return assertNever(state);
  }
}

export interface CallBack {
  readonly token_digest: string;
  readonly result: (gate: string) => CheckResult;
  readonly now: string;
}

/** Takes the verdict that an external gate sends later. Only the first counts; any other changes nothing and says why. */
export function callBack(ids: RunIds, { token_digest, result, now }: CallBack, state: GateRun): GateRunDecision {
  const gate = gateOfToken(state, token_digest);
  const asked = gate === null ? null : askedIn(state, gate);
  if (gate === null || asked === null) return reject('callback_forbidden', 'this token is of no gate of this run');
  const late = reject('callback_expired', `the gate ${gate} had to call back by ${asked.deadline_at}`);
  if (asked.expired) return late;
  if (state.status !== 'running' || state.results.some(({ name }) => name === gate)) {
    return reject('callback_used', `the gate ${gate} has its result already; a token counts once`);
  }
  if (asked.deadline_at <= now) return late;
  return conclude(ids, result(gate), state, now);
}

function askedIn(state: GateRun, gate: string): Asked | null {
  return state.status === 'absent' ? null : (state.asked[gate] ?? null);
}

/** The gate that a token was given to; null: none. */
export function gateOfToken(state: GateRun, tokenDigest: string): string | null {
  if (state.status === 'absent') return null;
  const found = Object.entries(state.asked).find(([, { token_digest }]) => token_digest === tokenDigest);
  return found?.[0] ?? null;
}

/** What follows from the time: external gates that did not call back have no result, overrides are over. */
export function expire(ids: RunIds, state: GateRun, now: string): GateRunDecision {
  if (state.status === 'awaiting_override') {
    if (state.deadline_at > now) return accept();
    const expired: GateRunEvent = { type: 'OverrideExpired', data: { ...ids, remaining: remainingGates(state) } };
    return accept<GateRunEvent>(expired, endOfWait(ids, state, now));
  }
  if (state.status !== 'running') return accept();
  const late = Object.entries(state.asked).filter(
    ([gate, { deadline_at }]) => deadline_at <= now && !state.results.some(({ name }) => name === gate),
  );
  const events: GateRunEvent[] = [];
  let current: GateRun = state;
  for (const [gate, { deadline_at }] of late) {
    const remedy = 'Look at the endpoint of the external gate, or raise its timeout_seconds.';
    const verdict = inconclusive(`it did not call back by ${deadline_at}`, timedOut, { remedy });
    const took = Date.parse(now) - Date.parse(state.started_at);
    const decision = conclude(ids, checkResult(gate, verdict, took, now), current, now);
    const more = decision.outcome === 'accepted' ? decision.events : [];
    events.push(...more);
    current = more.reduce(evolveGateRun, current);
  }
  return accept(...events);
}
