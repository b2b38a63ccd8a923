import type { CheckResult, EventData, GateRunEvent } from '@m3/contracts';
import { accept, type Decision, type Refusal } from '@m3/decider';
import { fitting, overall } from './check.js';
import type { Asked, GateRun, Judged, Override } from './gate-run.state.js';

/** Which run an event is about. */
export interface RunIds {
  readonly gate_run_id: string;
  readonly publish_id: string;
}

export type GateRunDecision = Decision<GateRunEvent, Refusal>;

/** A run that takes time says first what it is about. */
export function startRun(ids: RunIds, judged: Judged, state: GateRun, now: string): GateRunDecision {
  if (state.status !== 'absent') return accept();
  const { gates, not_run, override, deadline_at } = judged;
  const data = { ...ids, gates: [...gates], not_run: [...not_run], override, deadline_at, started_at: now };
  return accept({ type: 'GatesStarted', data });
}

/** Records the token of an external gate before it is called. Asked again, it is the same token. */
export function ask(
  ids: RunIds,
  gate: string,
  asked: Pick<Asked, 'token_digest' | 'deadline_at'>,
  state: GateRun,
): GateRunDecision {
  if (state.status !== 'running' || state.asked[gate]) return accept();
  return accept({ type: 'GateAsked', data: { ...ids, gate, ...asked } });
}

/** An external gate that calls back later. */
export function pend(ids: RunIds, gate: string, message: string, state: GateRun): GateRunDecision {
  if (state.status !== 'running' || hasResult(state, gate) || state.asked[gate]?.answered !== false) return accept();
  return accept({ type: 'GatePending', data: { ...ids, gate, message } });
}

/** The result of one gate; the first one counts. With the last one the run ends, or waits for an override. */
export function conclude(ids: RunIds, result: CheckResult, state: GateRun, now: string): GateRunDecision {
  if (state.status !== 'running' || hasResult(state, result.name)) return accept();
  const results = [...state.results, result];
  const completed: GateRunEvent = { type: 'GateCompleted', data: { ...ids, result } };
  const done = state.gates.every((name) => results.some((each) => each.name === name));
  return accept(completed, ...(done ? ending(ids, { ...state, results }, now) : []));
}

/** The end of a run whose gates all judged at once: nothing was recorded before. */
export function concludeAtOnce(ids: RunIds, run: Judged & Concluded, state: GateRun, now: string): GateRunDecision {
  return state.status === 'absent' ? accept(...ending(ids, run, now)) : accept();
}

interface Concluded {
  readonly results: readonly CheckResult[];
  readonly started_at: string;
}

/** With results for all gates: they pass, or the publish fails, or people may decide. */
function ending(ids: RunIds, run: Judged & Concluded, now: string): readonly GateRunEvent[] {
  const gates = fitting(run.gates.flatMap((name) => run.results.filter((result) => result.name === name)));
  const outcome = overall(gates);
  const { started_at, not_run, override } = run;
  const ended = { ...ids, outcome, started_at, completed_at: now, gates };
  if (outcome === 'passed' || override === null) {
    return [{ type: 'GatesCompleted', data: { ...ended, ...(not_run.length === 0 ? {} : { not_run: [...not_run] }) } }];
  }
  const waitsUntil = new Date(Date.parse(now) + override.wait_minutes * 60_000).toISOString();
  const deadline_at = waitsUntil < run.deadline_at ? waitsUntil : run.deadline_at;
  const data = { ...ended, not_run: [...not_run], allowed_roles: override.allowed_roles, deadline_at };
  return [{ type: 'OverrideAwaited', data }];
}

type AwaitingOverride = Extract<GateRun, { status: 'awaiting_override' }>;

/** Gates that did not pass and were not overridden. */
export function remainingGates({ results, overrides }: AwaitingOverride): string[] {
  const overridden = new Set(overrides.map(({ gate }) => gate));
  return results.filter(({ name, outcome }) => outcome !== 'passed' && !overridden.has(name)).map(({ name }) => name);
}

/** The end of a run that waited for overrides: passed when nothing remains. */
export function endOfWait(
  ids: RunIds,
  state: AwaitingOverride,
  now: string,
): Extract<GateRunEvent, { type: 'GatesCompleted' }> {
  const remaining = remainingGates(state);
  const { started_at, results, not_run, overrides } = state;
  const data: EventData<'GatesCompleted'> = {
    ...ids,
    outcome: remaining.length === 0 ? 'passed' : overall(results.filter(({ name }) => remaining.includes(name))),
    started_at,
    completed_at: now,
    gates: [...results],
    not_run: [...not_run],
    overrides: overrides.map((override: Override) => ({ ...override })),
  };
  return { type: 'GatesCompleted', data };
}

function hasResult(state: Extract<GateRun, { status: 'running' }>, gate: string): boolean {
  return state.results.some(({ name }) => name === gate);
}
