import { newId, versionEvents, type EventData, type ScheduleEvent, type VersionEvent } from '@m3/contracts';
import type { AppendContext, EventStore, StreamWrite } from '@m3/event-store';
import { snapshotOf, type Target } from '@m3/policies';
import { eventsIn, StreamStates, type StreamState } from '@m3/process';
import { nextLook, schedule, type LookAtClock, type ScheduleState } from '../domain/schedule.js';
import { projectOf, type ActiveVersion } from '../domain/scheduled-version.js';
import { evolveVersion, initialVersion, publishOnSchedule, type VersionState } from '../domain/version.js';
import { targetStream } from './change-targets.js';
import { ScheduleStates, scheduleStream, type ScheduleSnapshots } from './schedule-states.js';
import { loadScheduled, type LoadedSchedule } from './scheduled-target.js';
import { versionStream } from './tag-version.js';
import type { VersionCatalogue } from './version-catalogue.js';

/** Knows what targets run. */
export interface ActiveVersions {
  of(targetId: string): Promise<ActiveVersion | null>;
}

export interface ScheduleParts {
  readonly store: EventStore;
  readonly versions: VersionCatalogue;
  readonly active: ActiveVersions;
  readonly snapshots: ScheduleSnapshots;
}

const maxAttempts = 20;

/** Lets schedules act on the time: what is due is settled, with its publish in the same append, exactly once. */
export class RunSchedules {
  private readonly schedules: ScheduleStates;
  private readonly tagged: StreamStates<VersionState, VersionEvent>;

  constructor(private readonly parts: ScheduleParts) {
    this.schedules = new ScheduleStates(parts.store, parts.snapshots);
    this.tagged = new StreamStates(parts.store, {
      initial: initialVersion,
      evolve: evolveVersion,
      accepts: eventsIn<VersionEvent>(versionEvents),
    });
  }

  /** Settles what is due on a target now; answers when it has to be looked at again, null: not before it changes. */
  async look(targetId: string, context: AppendContext): Promise<string | null> {
    const now = context.occurredAt;
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const loaded = await loadScheduled(this.parts.store, targetId);
      if (!loaded) return null;
      const current = await this.schedules.read(targetId);
      const events = decide(await this.lookAt(loaded, now), current.state);
      if (events.length === 0) return nextLook(loaded.scheduled, current.state, now);
      if (await this.append(loaded, current, events, context))
        return nextLook(loaded.scheduled, events.reduce(schedule.evolve, current.state), now);
    }
    throw new Error(`${scheduleStream(targetId)}: ${maxAttempts} version conflicts in a row`);
  }

  private async lookAt({ scheduled }: LoadedSchedule, now: string): Promise<LookAtClock> {
    const active = await this.parts.active.of(scheduled.target_id);
    const candidates = await this.parts.versions.of(projectOf(scheduled.document, active));
    return { now, target: scheduled, active, candidates, publishId: newId('publish') };
  }

  /** False when the target, the schedule or the version changed meanwhile. */
  private async append(
    { target, version }: LoadedSchedule,
    current: StreamState<ScheduleState>,
    events: readonly ScheduleEvent[],
    context: AppendContext,
  ): Promise<boolean> {
    const writes: StreamWrite[] = [
      { stream: current.stream, expectedVersion: current.version, events },
      { stream: targetStream(target.target_id), expectedVersion: version, events: [] },
    ];
    for (const occurrence of publishing(events)) writes.push(await this.trigger(target, occurrence));
    const result = await this.parts.store.append(writes, context);
    if (result.outcome === 'conflict') return false;
    await this.schedules.appended(target.target_id, current, result.events);
    return true;
  }

  private async trigger(target: Target, occurrence: Publishing): Promise<StreamWrite> {
    const { project, version, publish_id, occurrence_at } = occurrence;
    const tagged = await this.tagged.reload(versionStream(project, version));
    const publish = { publishId: publish_id, occurrenceAt: occurrence_at, target: snapshotOf(target) };
    return {
      stream: tagged.stream,
      expectedVersion: tagged.version,
      events: publishOnSchedule(publish, tagged.state),
    };
  }
}

type Occurrence = EventData<'ScheduleOccurred'>;
interface Publishing extends Occurrence {
  readonly project: string;
  readonly version: string;
  readonly publish_id: string;
}

const isPublishing = (occurrence: Occurrence): occurrence is Publishing =>
  occurrence.project !== null && occurrence.version !== null && occurrence.publish_id !== null;

function publishing(events: readonly ScheduleEvent[]): readonly Publishing[] {
  return events.flatMap((event) => (event.type === 'ScheduleOccurred' && isPublishing(event.data) ? [event.data] : []));
}

function decide(look: LookAtClock, state: ScheduleState): readonly ScheduleEvent[] {
  const decision = schedule.decide(look, state);
  return decision.outcome === 'accepted' ? decision.events : [];
}
