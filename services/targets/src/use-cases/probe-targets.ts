import {
  targetHealthEvents,
  type Actor,
  type TargetHealth,
  type TargetHealthEvent,
  type TargetProbe,
} from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import { decideAndAppend, eventsIn, startedBy, StreamStates, type Clock } from '@m3/process';
import type { HealthTable, ProbePlan } from '../adapters/postgres/health-table.js';
import type { ProbeTarget } from '../adapters/target/probe-target.js';
import { targetHealth } from '../domain/health.js';
import type { Target } from '@m3/policies';
import type { TargetRegistry } from './target-registry.js';

export interface ProbeParts {
  readonly store: EventStore;
  readonly registry: TargetRegistry;
  readonly table: HealthTable;
  readonly probe: ProbeTarget;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  /** Probes at a time of this process. */
  readonly concurrency?: number;
  readonly pollMs?: number;
}

const defaultIntervalSeconds = 60;
const prober: Actor = { kind: 'service', id: 'targets' };

/** Probes every enabled target at its interval, shared among replicas, and one at once when an operator asks. */
export class ProbeTargets {
  private readonly states;
  /** What the table was told, so that only changes are written. */
  private readonly planned = new Map<string, string>();
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly parts: ProbeParts) {
    this.states = new StreamStates(parts.store, {
      initial: targetHealth.initial,
      evolve: targetHealth.evolve,
      accepts: eventsIn<TargetHealthEvent>(targetHealthEvents),
    });
  }

  start(): void {
    this.schedule(0);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** One round: takes in what changed, then probes until nothing is due. Exposed so that tests need not wait. */
  async tick(): Promise<void> {
    const { registry, table, clock, concurrency = 8 } = this.parts;
    await this.plan(await registry.all());
    const due = await table.takeDue(concurrency, clock());
    await Promise.all(due.map((targetId) => this.workThrough(targetId)));
  }

  /** Null: there is no such target. */
  async probeNow(targetId: string): Promise<TargetProbe | null> {
    const target = await this.parts.registry.get(targetId);
    return target && this.probe(target);
  }

  /** Null: there is no such target. */
  async health(targetId: string): Promise<TargetHealth | null> {
    const target = await this.parts.registry.get(targetId);
    if (target === null) return null;
    const known = await this.parts.table.read(targetId);
    const { interval_seconds } = planOf(target);
    return known ?? { target_id: targetId, status: 'unknown', interval_seconds, next_probe_at: null, probes: [] };
  }

  private schedule(delayMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.tick()
        .catch(this.parts.onError)
        .finally(() => this.schedule(this.parts.pollMs ?? 1_000));
    }, delayMs);
  }

  private async plan(targets: readonly Target[]): Promise<void> {
    const plans = targets.map(planOf).filter((plan) => this.planned.get(plan.target_id) !== JSON.stringify(plan));
    await this.parts.table.plan(plans, this.parts.clock());
    for (const plan of plans) this.planned.set(plan.target_id, JSON.stringify(plan));
  }

  /** Probes a target, and then whatever else is due, so that a slow target holds up one place only. */
  private async workThrough(first: string): Promise<void> {
    let next: string | undefined = first;
    while (next !== undefined && !this.stopped) {
      await this.probeNow(next).catch(this.parts.onError);
      [next] = await this.parts.table.takeDue(1, this.parts.clock());
    }
  }

  private async probe(target: Target): Promise<TargetProbe> {
    const { table, probe, clock, store } = this.parts;
    const { target_id: targetId } = target;
    const found = await probe(target, clock());
    const health = await table.record(targetId, found);
    if (health === null) return found;
    await decideAndAppend({
      store,
      states: this.states,
      stream: `target-health.${targetId}`,
      decide: (state) => targetHealth.decide({ targetId, health, probe: found }, state),
      context: startedBy(`probe of ${targetId} at ${found.at}`, prober, clock),
    });
    await table.reported(targetId, health);
    return found;
  }
}

function planOf({ target_id, document, enabled }: Target): ProbePlan {
  return { target_id, interval_seconds: document.health_check_interval_seconds ?? defaultIntervalSeconds, enabled };
}
