import { targetEvents, type TargetEvent } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import type { CronTimes, Target, TargetState } from '@m3/policies';
import { eventsIn } from '@m3/process';
import type { ScheduledTarget } from '../domain/schedule.js';
import { target as decider } from '../domain/target.js';
import { targetStream } from './change-targets.js';

const isTargetEvent = eventsIn<TargetEvent>(targetEvents);

/** A target with a schedule, and the version of the target's stream that says so. */
export interface LoadedSchedule {
  readonly scheduled: ScheduledTarget;
  readonly target: Target;
  readonly version: number;
}

/** The target as it stands in the log, sealed or not; null: it does not publish at certain times. */
export async function loadScheduled(store: EventStore, targetId: string): Promise<LoadedSchedule | null> {
  const history = await store.readStream(targetStream(targetId));
  let target: TargetState = decider.initial;
  let countsFrom = '';
  for (const { type, data, metadata } of history) {
    const event = { type, data };
    if (!isTargetEvent(event)) continue;
    const before: TargetState = target;
    target = decider.evolve(before, event);
    if (!sameTimes(timesOf(before), timesOf(target))) countsFrom = metadata.occurredAt;
  }
  const times = timesOf(target);
  if (target === null || times === null) return null;
  const { target_id, document, enabled, hold, vetoed } = target;
  const scheduled = { target_id, document, times, enabled, hold, vetoed, countsFrom };
  return { scheduled, target, version: history.at(-1)?.streamVersion ?? 0 };
}

function timesOf(target: TargetState): CronTimes | null {
  const { type, schedule } = target?.document ?? {};
  return type === 'scheduled' && schedule ? schedule : null;
}

function sameTimes(one: CronTimes | null, other: CronTimes | null): boolean {
  return one?.cron === other?.cron && one?.timezone === other?.timezone;
}
