import type { BundleStore } from '@m3/bundles';
import type { Actor, CheckResult, GateSettings, RecordedEventOf } from '@m3/contracts';
import { Busy, type Delivery, type EffectLease } from '@m3/messaging';
import { causedBy, type Clock } from '@m3/process';
import type { TargetAccess } from '@m3/target-access';
import { checkResult, inconclusive } from '../domain/check.js';
import { ask, conclude, concludeAtOnce, pend, startRun, type RunIds } from '../domain/gate-run.js';
import type { GateRun, Judged } from '../domain/gate-run.state.js';
import { chooseGates } from '../quality-gates/choose-gates.js';
import type { Gate, GateConfiguration } from '../quality-gates/gate.js';
import type { GateRuns } from './gate-runs.js';
import { JudgeAtOnce } from './judge-at-once.js';
import { runGate, type GateSurroundings } from './run-gate.js';
import { SharedPasses } from './shared-passes.js';

export interface RunGatesParts {
  readonly runs: GateRuns;
  /** All gates that there are for these settings. */
  readonly gates: (settings: GateSettings) => readonly Gate[];
  readonly targets: TargetAccess;
  readonly bundles: BundleStore;
  readonly lease: EffectLease;
  readonly clock: Clock;
  /** Fires when the service stops: what runs is given up and comes again. */
  readonly stopping: AbortSignal;
}

type Request = RecordedEventOf<'GatesRequested'>;
type Running = Extract<GateRun, { status: 'running' }>;

const gatesService: Actor = { kind: 'service', id: 'gates' };

/** Runs the quality gates that a publish asks for: side by side, each once, however often it is interrupted. */
export class RunGates {
  private readonly atOnce = new JudgeAtOnce();
  private readonly passes = new SharedPasses();

  constructor(private readonly parts: RunGatesParts) {}

  judge(event: Request, delivery: Pick<Delivery, 'repeated'> = { repeated: true }): Promise<void> {
    const { gate_run_id } = event.data;
    const { runs, lease } = this.parts;
    const work = async () => {
      const state = delivery.repeated ? await runs.read(gate_run_id) : runs.presumedNew(gate_run_id);
      if (state.status === 'absent') await this.begin(event);
      else if (state.status === 'running') await this.goOn(event, state);
    };
    return lease.tryRun(`gaterun-${gate_run_id}`, work, delivery);
  }

  /** A run of gates that all judge at once leaves one event; any other says first what it is about. */
  private async begin(event: Request): Promise<void> {
    const { runs, clock } = this.parts;
    const { data } = event;
    const run = await this.surroundings(event);
    const { chosen, not_run } = chooseGates(this.parts.gates(data.settings ?? {}), run);
    const judged: Judged = {
      gates: chosen.map(({ name }) => name),
      not_run,
      override: data.settings?.override ?? null,
      deadline_at: data.deadline_at,
    };
    const started_at = clock().toISOString();
    if (chosen.every(({ pace }) => pace === 'at_once')) {
      const results = await Promise.all(chosen.map((gate) => this.resultAtOnce(gate, run)));
      const now = clock().toISOString();
      const decide = (state: GateRun) => concludeAtOnce(idsOf(event), { ...judged, results, started_at }, state, now);
      await runs.decide(data.gate_run_id, this.context(event), decide);
      return;
    }
    const decide = (state: GateRun) => startRun(idsOf(event), judged, state, started_at);
    const { state } = await runs.begin(data.gate_run_id, this.context(event), decide);
    if (state.status === 'running') await this.goOn(event, state, run);
  }

  /** Runs what has no result yet. An external gate that said it calls back is left to that. */
  private async goOn(event: Request, state: Running, known?: GateSurroundings): Promise<void> {
    const run = known ?? (await this.surroundings(event));
    const all = this.parts.gates(event.data.settings ?? {});
    const passing = new Map<string, Promise<boolean>>(
      state.results.map(({ name, outcome }) => [name, Promise.resolve(outcome === 'passed')]),
    );
    for (const name of state.gates.filter((each) => !passing.has(each) && !state.asked[each]?.answered)) {
      const gate = all.find((each) => each.name === name);
      const unmet = firstUnmet(gate?.needs ?? [], passing);
      passing.set(
        name,
        unmet.then((need) => this.runOne({ event, run, state, name, gate }, need)),
      );
    }
    // All of them, also when one could not be run: while any goes on, the run is not given to somebody else.
    const failure = (await Promise.allSettled(passing.values())).find(({ status }) => status === 'rejected');
    if (failure?.status === 'rejected') throw failure.reason;
  }

  /** Runs one gate and records what came of it; whether it passed. */
  private async runOne({ event, run, state, name, gate }: OneGate, unmet: string | null): Promise<boolean> {
    if (!gate) return this.record(event, this.unrun(name, 'this release of the product has no such gate'));
    if (unmet !== null) return this.record(event, this.unrun(name, `it was not run, because ${unmet} did not pass`));
    if (gate.pace === 'at_once') return this.record(event, await this.resultAtOnce(gate, run));
    const deadlineAt = this.deadlineOf(gate, event, state);
    const surroundings = { ...run, deadlineAt, ask: (digest: string) => this.asked(event, name, digest, deadlineAt) };
    const running = this.passes.run(gate, surroundings, () => runGate(gate, surroundings));
    const ran = await this.unlessStopped(event, running);
    if (ran.outcome === 'result') return this.record(event, ran.result);
    const { runs } = this.parts;
    const decide = (current: GateRun) => pend(idsOf(event), name, ran.message, current);
    await runs.record(event.data.gate_run_id, this.context(event), decide);
    return false;
  }

  /** What a service that stops has interrupted says nothing; the request comes again. */
  private async unlessStopped<Result>(event: Request, running: Promise<Result>): Promise<Result> {
    const [settled] = await Promise.allSettled([running]);
    if (this.parts.stopping.aborted) throw new Busy(`gaterun-${event.data.gate_run_id}`);
    if (settled.status === 'rejected') throw settled.reason;
    return settled.value;
  }

  private async record(event: Request, result: CheckResult): Promise<boolean> {
    const now = this.parts.clock().toISOString();
    const decide = (state: GateRun) => conclude(idsOf(event), result, state, now);
    await this.parts.runs.record(event.data.gate_run_id, this.context(event), decide);
    return result.outcome === 'passed';
  }

  private async asked(event: Request, gate: string, token_digest: string, deadlineAt: Date): Promise<void> {
    const asked = { token_digest, deadline_at: deadlineAt.toISOString() };
    const decide = (state: GateRun) => ask(idsOf(event), gate, asked, state);
    await this.parts.runs.record(event.data.gate_run_id, this.context(event), decide);
  }

  private resultAtOnce(gate: Gate, run: GateSurroundings): Promise<CheckResult> {
    return this.atOnce.result(gate, run.configuration, run, async () => {
      const ran = await runGate(gate, run);
      if (ran.outcome === 'pending') throw new Error(`the gate ${gate.name} judges at once and is pending`);
      return ran.result;
    });
  }

  private async surroundings({ data }: Request): Promise<GateSurroundings> {
    const { bundles, targets, clock, stopping } = this.parts;
    const { subject, thresholds, settings, gate_run_id } = data;
    const configuration: GateConfiguration = { ...thresholds, ...settings };
    return {
      ...{ gate_run_id, subject, configuration, stopping },
      bundle: await bundles.get(subject.bundle_digest),
      target: () => targets.open(subject),
      deadlineAt: new Date(data.results_by ?? data.deadline_at),
      now: clock,
      ask: () => Promise.reject(new Error('only external gates have tokens')),
    };
  }

  /** No later than the run's own; that of a gate that was asked before is the one that it was told. */
  private deadlineOf(gate: Gate, { data }: Request, state: Running): Date {
    const whole = Date.parse(data.results_by ?? data.deadline_at);
    const told = state.asked[gate.name]?.deadline_at;
    if (told !== undefined) return new Date(told);
    const own = gate.timeoutSeconds === undefined ? whole : this.parts.clock().getTime() + gate.timeoutSeconds * 1000;
    return new Date(Math.min(whole, own));
  }

  private unrun(name: string, message: string): CheckResult {
    const verdict = inconclusive(message, 'gate_not_run', {
      remedy: 'Mend that first; it is run with the next publish.',
    });
    return checkResult(name, verdict, 0, this.parts.clock().toISOString());
  }

  private context(event: Request) {
    return causedBy(event, gatesService, this.parts.clock);
  }
}

interface OneGate {
  readonly event: Request;
  readonly run: GateSurroundings;
  readonly state: Running;
  readonly name: string;
  readonly gate: Gate | undefined;
}

function idsOf({ data }: Request): RunIds {
  return { gate_run_id: data.gate_run_id, publish_id: data.subject.publish_id };
}

/** The first gate that had to pass and did not; null: none. Gates that are not part of the run do not count. */
async function firstUnmet(
  needs: readonly string[],
  passing: ReadonlyMap<string, Promise<boolean>>,
): Promise<string | null> {
  const met = await Promise.all(needs.map((need) => passing.get(need) ?? Promise.resolve(true)));
  return needs.find((_, index) => met[index] === false) ?? null;
}
