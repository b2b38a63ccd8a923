import { publishEvents, type PublishEvent, type TrafficLook } from '@m3/contracts';
import { reject } from '@m3/decider';
import type { EventStore } from '@m3/event-store';
import { eventsIn, StreamStates, type Clock } from '@m3/process';
import type { CommandOutcome } from '@m3/service-kit';
import { evolvePublish } from '../domain/publish.evolve.js';
import { initialPublish, type InStatus, type PublishState } from '../domain/publish.state.js';
import { sharesOf } from '../domain/publish.traffic.js';
import { lookAtShare, type TargetsToMeasure } from './look-at-share.js';

export interface TrafficParts {
  readonly store: EventStore;
  readonly targets: TargetsToMeasure;
  readonly clock: Clock;
}

/** How long the gateway may take: somebody waits. */
const timeoutMs = 2_500;

/** Asks how a version does with its share of the traffic. Nothing is judged by that. */
export class AskTraffic {
  private readonly publishes: StreamStates<PublishState, PublishEvent>;

  constructor(private readonly parts: TrafficParts) {
    this.publishes = new StreamStates(parts.store, {
      initial: initialPublish,
      evolve: evolvePublish,
      accepts: eventsIn<PublishEvent>(publishEvents),
    });
  }

  async of(publish_id: string): Promise<CommandOutcome<'deployer.traffic'>> {
    const { state } = await this.publishes.reload(`publish-${publish_id}`);
    if (state.status === 'absent') return reject('publish_not_found', 'there is no such publish', 'publish_id');
    if (state.status !== 'watching') {
      return reject('no_traffic_split', `no share of the traffic is watched now: the publish is ${statusText(state)}`);
    }
    const seen = await lookAtShare(this.parts.targets, state, { timeoutMs });
    const asked_at = this.parts.clock().toISOString();
    const told = seen.outcome === 'known' ? { ...seen, reason: null } : { ...seen, measured: null };
    return { outcome: 'accepted', result: { ...shareIn(state), ...told, asked_at } };
  }
}

function statusText(state: PublishState): string {
  return (state.status === 'ended' ? state.outcome : state.status).replaceAll('_', ' ');
}

type Share = Omit<TrafficLook, 'outcome' | 'reason' | 'measured' | 'asked_at'>;

function shareIn({ request, from_version, step, weight, watch_until, extended }: InStatus<'watching'>): Share {
  const { publish_id, version, target } = request;
  const { target_id, name: target_name, traffic } = target;
  if (traffic === undefined) throw new Error(`${publish_id} is watched, and its target brings all at once`);
  const { strategy, max_error_rate, max_p95_ms, min_requests, extend_seconds } = traffic;
  return {
    ...{ publish_id, target_id, target_name, strategy, version, from_version },
    ...{ step, steps: sharesOf(request, from_version).length, weight, watch_until, extended },
    limits: { max_error_rate, max_p95_ms, min_requests, extend_seconds },
  };
}
