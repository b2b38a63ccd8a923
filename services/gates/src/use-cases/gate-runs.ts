import { gateRunEvents, type GateRunEvent } from '@m3/contracts';
import type { Decision, Refusal } from '@m3/decider';
import type { AppendContext, EventStore } from '@m3/event-store';
import { decideAndAppend, eventsIn, StreamStates, type Decided } from '@m3/process';
import { evolveGateRun, initialGateRun, type GateRun } from '../domain/gate-run.state.js';

const kept = 500;

/** The runs of gates in the log. */
export class GateRuns {
  private readonly states: StreamStates<GateRun, GateRunEvent>;

  constructor(private readonly store: EventStore) {
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

  /** Decides and appends, again when another writer came first. */
  decide(
    gateRunId: string,
    context: AppendContext,
    decide: (state: GateRun) => Decision<GateRunEvent, Refusal>,
  ): Promise<Decided<GateRun>> {
    const { store, states } = this;
    return decideAndAppend({ store, states, stream: streamOf(gateRunId), decide, context });
  }
}

const streamOf = (gateRunId: string): string => `gaterun-${gateRunId}`;
