import { setTimeout as pause } from 'node:timers/promises';
import type { Operators } from './driver/operators.js';
import type { Action } from './plan/actions.js';
import { lanes, type FaultKind, type PlannedFault } from './plan/faults.js';
import type { ChaosPlan } from './plan/plan.js';
import { breakAndMend, describeFault } from './world/break.js';
import type { World } from './world/world.js';

/** So many ask for something at the same time. */
const OPERATORS = 4;
/** Faults wait when so many actions are behind, and actions when the faults are: both go on to the end side by side. */
const BEHIND = 12;
const LOOK_EVERY_MS = 25;

/** Everything that is planned, happening at the same time: actions and faults spread over one another. */
export class Storm {
  readonly injected = new Map<FaultKind, number>();
  private begun = 0;
  private done = 0;

  constructor(
    private readonly world: World,
    private readonly operators: Operators,
    private readonly plan: ChaosPlan,
    private readonly say: (line: string) => void,
  ) {}

  async pass(): Promise<void> {
    const queue = this.plan.todo.map((action, index) => ({ action, number: index + 1 }));
    const asking = Array.from({ length: OPERATORS }, () => this.ask(queue));
    const breaking = lanes.map((lane) => this.break(this.plan.breakage[lane]));
    await Promise.all([...asking, ...breaking]);
  }

  private async ask(queue: { action: Action; number: number }[]): Promise<void> {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const due = ((next.number - 1) / this.plan.actions) * this.plan.faults;
      while (this.begun < due) await pause(LOOK_EVERY_MS);
      await this.operators.act(next.action, next.number);
      this.done += 1;
    }
  }

  private async break(lane: readonly PlannedFault[]): Promise<void> {
    for (const { fault, forMs, thenMs } of lane) {
      while (this.behind() > BEHIND) await pause(LOOK_EVERY_MS);
      this.begun += 1;
      this.injected.set(fault.kind, (this.injected.get(fault.kind) ?? 0) + 1);
      if (this.begun % 25 === 0) this.say(`fault ${this.begun} of ${this.plan.faults}: ${describeFault(fault)}`);
      await breakAndMend(this.world, fault, forMs);
      await pause(thenMs);
    }
  }

  /** How many actions should have been done by now, and have not. */
  private behind(): number {
    return (this.begun / this.plan.faults) * this.plan.actions - this.done;
  }
}
