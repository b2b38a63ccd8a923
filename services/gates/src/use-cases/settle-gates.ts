import { publishEndings, sha256, type CommandPayload, type RecordedEvent } from '@m3/contracts';
import { reject } from '@m3/decider';
import type { EventStore } from '@m3/event-store';
import { startedBy, type Clock } from '@m3/process';
import type { CommandOutcome } from '@m3/service-kit';
import { checkResult } from '../domain/check.js';
import { callBack, expire, gateOfToken, overrideGate } from '../domain/gate-run.decisions.js';
import { remainingGates, type RunIds } from '../domain/gate-run.js';
import { externalVerdict } from '../quality-gates/external-verdict.js';
import type { GateRuns } from './gate-runs.js';

export interface SettleParts {
  readonly runs: GateRuns;
  readonly store: Pick<EventStore, 'readStream'>;
  readonly clock: Clock;
}

/** Brings to a run of gates what does not come from the gates: overrides, callbacks, and that time has passed. */
export class SettleGates {
  constructor(private readonly parts: SettleParts) {}

  async override(command: CommandPayload<'gates.override'>): Promise<CommandOutcome<'gates.override'>> {
    const { publish_id, gate, reason, caller, command_id } = command;
    const history = await this.parts.store.readStream(`publish-${publish_id}`);
    const refusal = refusedByPublish(history);
    if (refusal) return refusal;
    const gate_run_id = gateRunOf(history);
    if (gate_run_id === null) return reject('gates_not_run', 'the quality gates of this publish have not begun');
    const context = startedBy(command_id, { kind: 'user', id: caller.id }, this.parts.clock);
    const wanted = { gate, by: caller.id, roles: caller.roles, reason, now: context.occurredAt };
    const ids = { gate_run_id, publish_id };
    const decided = await this.parts.runs.decide(gate_run_id, context, (state) => overrideGate(ids, wanted, state));
    if (decided.outcome === 'rejected') return decided;
    const remaining = decided.state.status === 'awaiting_override' ? remainingGates(decided.state) : [];
    return { outcome: 'accepted', result: { publish_id, gate, remaining } };
  }

  async callBack(command: CommandPayload<'gates.callback'>): Promise<CommandOutcome<'gates.callback'>> {
    const { gate_run_id, token, verdict, command_id } = command;
    const ids = await this.idsOf(gate_run_id);
    if (ids === null) return reject('gate_run_not_found', 'there is no such run of gates');
    const context = startedBy(command_id, { kind: 'service', id: 'external-gate' }, this.parts.clock);
    const now = context.occurredAt;
    const token_digest = sha256(token);
    const state = await this.parts.runs.read(gate_run_id);
    const started = state.status === 'running' ? state.started_at : now;
    const result = (gate: string) => {
      const took = Date.parse(now) - Date.parse(started);
      return checkResult(gate, externalVerdict(verdict), took, now);
    };
    const decided = await this.parts.runs.decide(gate_run_id, context, (current) =>
      callBack(ids, { token_digest, result, now }, current),
    );
    if (decided.outcome === 'rejected') return decided;
    return { outcome: 'accepted', result: { gate_run_id, gate: gateOfToken(state, token_digest) ?? '' } };
  }

  async expire(gateRunId: string): Promise<void> {
    const ids = await this.idsOf(gateRunId);
    if (ids === null) return;
    const context = startedBy(`deadline-${gateRunId}`, { kind: 'system', id: 'clock' }, this.parts.clock);
    await this.parts.runs.decide(gateRunId, context, (state) => expire(ids, state, context.occurredAt));
  }

  /** Every event of a run names the publish. */
  private async idsOf(gate_run_id: string): Promise<RunIds | null> {
    const [first] = await this.parts.store.readStream(`gaterun-${gate_run_id}`);
    const publish_id: unknown = first ? Reflect.get(first.data, 'publish_id') : undefined;
    return typeof publish_id === 'string' ? { gate_run_id, publish_id } : null;
  }
}

const endings: ReadonlySet<string> = new Set(publishEndings);

/** A publish that is not there, or that nothing can bring on any more. */
function refusedByPublish(history: readonly RecordedEvent[]) {
  if (history.length === 0) return reject('publish_not_found', 'there is no such publish', '/publish_id');
  const ended = history.find(({ type }) => endings.has(type));
  return ended ? reject('publish_ended', `the publish has ended (${ended.type}); publish again`) : null;
}

/** The run of quality gates that a publish asked for last. */
function gateRunOf(history: readonly RecordedEvent[]): string | null {
  const asked = history.findLast(({ type }) => type === 'GatesRequested');
  const id: unknown = asked ? Reflect.get(asked.data, 'gate_run_id') : null;
  return typeof id === 'string' ? id : null;
}
