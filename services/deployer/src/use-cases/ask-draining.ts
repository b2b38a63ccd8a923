import { publishEvents, targetEvents, type PublishEvent, type PublishDraining, type TargetEvent } from '@m3/contracts';
import { reject } from '@m3/decider';
import type { EventStore } from '@m3/event-store';
import { evolveTarget, type TargetState } from '@m3/policies';
import { eventsIn, StreamStates, type Clock } from '@m3/process';
import { CannotOpenError } from '@m3/secrets';
import type { CommandOutcome } from '@m3/service-kit';
import { describeTargetFault, type TargetToReach } from '@m3/target-access';
import type { DrainingResult, TargetEnvironment } from '@m3/target-environment';
import { evolvePublish } from '../domain/publish.evolve.js';
import { initialPublish, type PublishState } from '../domain/publish.state.js';

export interface DrainingParts {
  readonly store: EventStore;
  readonly targets: {
    open(target: TargetToReach): Promise<Pick<TargetEnvironment, 'releaseState' | 'draining'>>;
  };
  readonly clock: Clock;
}

/** How long the target may take: somebody waits. */
const timeoutMs = 2_500;

type Seen = Pick<PublishDraining, 'outcome' | 'reason' | 'active_version' | 'executions' | 'running'>;

/** Asks the target of a publish which executions still run on other versions than the active one. */
export class AskDraining {
  private readonly publishes: StreamStates<PublishState, PublishEvent>;
  private readonly targets: StreamStates<TargetState, TargetEvent>;

  constructor(private readonly parts: DrainingParts) {
    const { store } = parts;
    this.publishes = new StreamStates(store, {
      initial: initialPublish,
      evolve: evolvePublish,
      accepts: eventsIn<PublishEvent>(publishEvents),
    });
    this.targets = new StreamStates(store, {
      initial: null,
      evolve: evolveTarget,
      accepts: eventsIn<TargetEvent>(targetEvents),
    });
  }

  async of(publish_id: string): Promise<CommandOutcome<'deployer.draining'>> {
    const { state: publish } = await this.publishes.reload(`publish-${publish_id}`);
    if (publish.status === 'absent') return reject('publish_not_found', 'there is no such publish', 'publish_id');
    const { target_id, name: target_name, address } = publish.request.target;
    const { state: target } = await this.targets.reload(`target-${target_id}`);
    const seen = await this.ask(target ?? { target_id, address });
    const asked_at = this.parts.clock().toISOString();
    return { outcome: 'accepted', result: { publish_id, target_id, target_name, ...seen, asked_at } };
  }

  private async ask(target: TargetToReach): Promise<Seen> {
    try {
      const environment = await this.parts.targets.open(target);
      const [{ active }, draining] = await Promise.all([
        environment.releaseState({ timeoutMs }),
        environment.draining({ timeoutMs }),
      ]);
      return seenOf(active?.version ?? null, draining);
    } catch (error) {
      if (error instanceof CannotOpenError) return unknown(error.message, null);
      const fault = describeTargetFault(error);
      if (!fault) throw error;
      return unknown(fault.reason, null);
    }
  }
}

function seenOf(active: string | null, draining: DrainingResult): Seen {
  if (draining.outcome === 'unsupported')
    return unknown('the gateway cannot say which executions run on which version', active);
  const executions = draining.executions.filter(({ version }) => version !== active).map((each) => ({ ...each }));
  const running = executions.reduce((sum, each) => sum + each.running, 0);
  return { outcome: 'known', reason: null, active_version: active, executions, running };
}

function unknown(reason: string, active_version: string | null): Seen {
  return { outcome: 'unknown', reason, active_version, executions: [], running: null };
}
