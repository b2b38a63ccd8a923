import { gateRunEvents, type GateRunEvent } from '@m3/contracts';
import type { AppendContext, EventStore } from '@m3/event-store';
import { decideAndAppend, eventsIn, StreamStates, type Decided } from '@m3/process';
import type { DecideRun } from '../domain/gate-run.quiet.js';
import { evolveGateRun, initialGateRun, type GateRun } from '../domain/gate-run.state.js';
import { QuietRun } from './quiet-run.js';

const kept = 500;
const momentMs = 1_000;

/** The runs of gates in the log. */
export class GateRuns {
  private readonly states: StreamStates<GateRun, GateRunEvent>;
  private readonly quiet = new Map<string, QuietRun>();

  /** @param quietMs how long a run that has begun may go on before it is recorded */
  constructor(
    private readonly store: EventStore,
    private readonly quietMs = momentMs,
  ) {
    const accepts = eventsIn<GateRunEvent>(gateRunEvents);
    this.states = new StreamStates(store, { initial: initialGateRun, evolve: evolveGateRun, accepts }, kept);
  }

  /** As the log has it now. */
  async read(gateRunId: string): Promise<GateRun> {
    return (await this.states.reload(streamOf(gateRunId))).state;
  }

  /** One that most likely has not begun: nothing is read. Where that is wrong, the append conflicts. */
  presumedNew(gateRunId: string): GateRun {
    return this.states.presumeNew(streamOf(gateRunId)).state;
  }

  /** Begins a run, of which nothing is recorded before a moment has passed or it is over. */
  begin(gateRunId: string, context: AppendContext, start: DecideRun): Promise<Pick<Decided<GateRun>, 'state'>> {
    const append = (decide: DecideRun) => this.decide(gateRunId, context, decide);
    const run: QuietRun = new QuietRun(append, () => this.forget(gateRunId, run), this.quietMs);
    this.quiet.set(gateRunId, run);
    return run.decide(start);
  }

  /** Records what a run has come to; of one that has just begun, perhaps a moment later. */
  async record(gateRunId: string, context: AppendContext, decide: DecideRun): Promise<void> {
    await (this.quiet.get(gateRunId)?.decide(decide) ?? this.decide(gateRunId, context, decide));
  }

  /** Decides on what is in the log and appends, again when another writer came first. */
  decide(gateRunId: string, context: AppendContext, decide: DecideRun): Promise<Decided<GateRun>> {
    const { store, states } = this;
    return decideAndAppend({ store, states, stream: streamOf(gateRunId), decide, context });
  }

  private forget(gateRunId: string, run: QuietRun): void {
    if (this.quiet.get(gateRunId) === run) this.quiet.delete(gateRunId);
  }
}

const streamOf = (gateRunId: string): string => `gaterun-${gateRunId}`;
