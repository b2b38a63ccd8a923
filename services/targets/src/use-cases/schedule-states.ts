import { scheduleEvents, type RecordedEvent, type ScheduleEvent } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import { eventsIn, StreamStates, type StreamState } from '@m3/process';
import { schedule, type ScheduleState } from '../domain/schedule.js';

/** What a schedule's events come to, up to a version of its stream. */
export interface ScheduleSnapshot {
  readonly state: ScheduleState;
  readonly version: number;
}

/** Keeps snapshots for processes that start. It may forget them. */
export interface ScheduleSnapshots {
  read(targetId: string): Promise<ScheduleSnapshot | null>;
  save(targetId: string, snapshot: ScheduleSnapshot): Promise<void>;
}

/** So many events at most are read by a process that meets a schedule for the first time. */
const between = 200;
export const scheduleStream = (targetId: string): string => `schedule-${targetId}`;

/** States of schedules. A cron of every minute writes half a million events a year: nobody reads them all again. */
export class ScheduleStates {
  private readonly states: StreamStates<ScheduleState, ScheduleEvent>;

  constructor(
    store: EventStore,
    private readonly snapshots: ScheduleSnapshots,
  ) {
    this.states = new StreamStates(store, {
      initial: schedule.initial,
      evolve: schedule.evolve,
      accepts: eventsIn<ScheduleEvent>(scheduleEvents),
    });
  }

  /** The state as the log has it now. */
  async read(targetId: string): Promise<StreamState<ScheduleState>> {
    const stream = scheduleStream(targetId);
    if (this.states.peek(stream) !== undefined) return this.states.reload(stream);
    const snapshot = await this.snapshots.read(targetId);
    if (snapshot) this.states.takeIn(stream, snapshot);
    const current = await this.states.reload(stream);
    await this.saveAfter(snapshot?.version ?? 0, targetId, current);
    return current;
  }

  /** Takes in what was appended to a schedule. */
  async appended(
    targetId: string,
    before: StreamState<ScheduleState>,
    events: readonly RecordedEvent[],
  ): Promise<void> {
    this.states.appended(before, events);
    const lastSnapshot = before.version - (before.version % between);
    await this.saveAfter(lastSnapshot, targetId, await this.states.load(before.stream));
  }

  private async saveAfter(version: number, targetId: string, current: ScheduleSnapshot): Promise<void> {
    if (current.version - version >= between) await this.snapshots.save(targetId, current);
  }
}
