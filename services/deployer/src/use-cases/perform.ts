import type { Actor, PublishSubject, RecordedEvent } from '@m3/contracts';
import type { Delivery, EffectLease } from '@m3/messaging';
import { causedBy, type Clock } from '@m3/process';
import { tryPatiently, type Patience, type TargetAccess } from '@m3/target-access';
import type { TargetEnvironment } from '@m3/target-environment';
import type { EffectFailure, PublishInput } from '../domain/publish.inputs.js';
import type { PublishState } from '../domain/publish.state.js';
import type { AdvancePublish } from './advance-publish.js';

export interface PerformParts {
  readonly publishes: Pick<AdvancePublish, 'isIn' | 'react'>;
  readonly targets: TargetAccess;
  readonly lease: EffectLease;
  readonly clock: Clock;
}

/** Whether an event may have been given to somebody before. */
export type Repeat = Pick<Delivery, 'repeated'>;

/** What was asked for, how it came, and in which statuses a publish still waits for it. */
export interface Asked {
  readonly event: RecordedEvent & { readonly data: { readonly subject: PublishSubject } };
  readonly delivery: Repeat;
  readonly statuses: readonly PublishState['status'][];
}

export type EffectWork = (target: TargetEnvironment, patience: Patience) => Promise<PublishInput>;

export const deployer: Actor = { kind: 'service', id: 'deployer' };

/** Does on a target what a publish asked for, if it still waits for it, and tells it what came of it. */
export function perform(
  { publishes, targets, lease, clock }: PerformParts,
  { event, delivery, statuses }: Asked,
  work: EffectWork,
): Promise<void> {
  const { subject } = event.data;
  const key = `${event.type}:${subject.publish_id}`;
  const patience = { key, requestedAt: event.metadata.occurredAt, now: clock };
  const run = async () => {
    if (!(await publishes.isIn(subject.publish_id, statuses))) return;
    const input = await work(await targets.open(subject), patience);
    await publishes.react(subject.publish_id, input, causedBy(event, deployer, clock));
  };
  return lease.tryRun(key, run, delivery);
}

/** A target that did not answer: the step has failed, and what may have happened all the same is said. */
export async function known<Result>(
  patience: Patience,
  unknown: string,
  work: () => Promise<Result>,
): Promise<Result | EffectFailure> {
  const tried = await tryPatiently(patience, work);
  if (tried.outcome === 'answered') return tried.result;
  return { outcome: 'failed', code: tried.code, reason: tried.reason, unknown };
}
