import type { EventData, ScheduleEvent, StoredTargetDocument } from '@m3/contracts';
import { accept, assertNever, type Decider } from '@m3/decider';
import { dueOccurrences, nextOccurrence, type CronTimes } from '@m3/policies';
import { chooseVersion, versionKey, type ActiveVersion, type Choice } from './scheduled-version.js';
import type { TriggeringTag } from './target-document.js';

/** A target that publishes at certain times. */
export interface ScheduledTarget {
  readonly target_id: string;
  readonly document: StoredTargetDocument;
  readonly times: CronTimes;
  readonly enabled: boolean;
  readonly hold: string | null;
  /** Versions that were rolled back from while it has been held: none of them is eligible. */
  readonly vetoed: readonly ActiveVersion[];
  /** Occurrences after this time count: when the target was made, or its times were last changed. */
  readonly countsFrom: string;
}

export interface ScheduleState {
  /** The latest occurrence that was settled or missed; null: none yet. */
  readonly settledUntil: string | null;
  /** The occurrence whose publish was announced last. */
  readonly announced: string | null;
  readonly published: ReadonlySet<string>;
}

/** A look at the clock. */
export interface LookAtClock {
  readonly now: string;
  readonly target: ScheduledTarget;
  readonly active: ActiveVersion | null;
  readonly candidates: readonly TriggeringTag[];
  /** The id that a publish will have. */
  readonly publishId: string;
}

/** Settles each occurrence of a target's times once: published, or why not, or missed. */
export const schedule: Decider<ScheduleState, LookAtClock, ScheduleEvent, never> = {
  initial: { settledUntil: null, announced: null, published: new Set() },
  evolve,
  decide(look, state) {
    const settled = settle(look, state);
    return accept(...settled, ...announce(look, settled.reduce(evolve, state)));
  },
};

function evolve(state: ScheduleState, event: ScheduleEvent): ScheduleState {
  switch (event.type) {
    case 'ScheduleOccurred':
      return { ...state, settledUntil: event.data.occurrence_at, published: withPublished(state, event.data) };
    case 'OccurrencesMissed':
      return { ...state, settledUntil: event.data.to };
    case 'PublishAnnounced':
      return { ...state, announced: event.data.expected_at };
    default:
      return assertNever(event);
  }
}

/** When a schedule has something to do next; null: never. At most `now` when there is more to do at once. */
export function nextLook(target: ScheduledTarget, state: ScheduleState, now: string): string | null {
  const next = nextOccurrence(target.times, countsFrom(target, state));
  const announced = next === null ? null : announcementTime(target, next);
  return announced !== null && announced > now ? announced : next;
}

function countsFrom(target: ScheduledTarget, { settledUntil }: ScheduleState): string {
  return settledUntil !== null && settledUntil > target.countsFrom ? settledUntil : target.countsFrom;
}

function settle(look: LookAtClock, state: ScheduleState): ScheduleEvent[] {
  const { target, now } = look;
  const { target_id, times } = target;
  const { missed, due } = dueOccurrences(times, { settledUntil: countsFrom(target, state), now });
  const events: ScheduleEvent[] = [];
  if (missed) events.push({ type: 'OccurrencesMissed', data: { target_id, ...namesOf(times), ...missed } });
  if (due !== null) events.push({ type: 'ScheduleOccurred', data: occurred(look, state, due) });
  return events;
}

function occurred(look: LookAtClock, state: ScheduleState, occurrence_at: string): EventData<'ScheduleOccurred'> {
  const { target, publishId } = look;
  const { target_id, times, enabled } = target;
  const next_at = nextOccurrence(times, occurrence_at);
  const at = { target_id, ...namesOf(times), occurrence_at, next_at };
  if (!enabled) {
    const reason = 'the target was disabled';
    return { ...at, outcome: 'not_published', reason, project: null, version: null, publish_id: null };
  }
  const choice = choiceOf(look, state);
  const publish_id = choice.outcome === 'published' ? publishId : null;
  return { ...at, reason: null, project: null, version: null, ...choice, publish_id };
}

/** What the next occurrence would publish is said ahead of it, once. */
function announce(look: LookAtClock, state: ScheduleState): ScheduleEvent[] {
  const { target_id, document } = look.target;
  const expected_at = announcedNow(look, state);
  const choice = expected_at === null ? null : choiceOf(look, state);
  if (expected_at === null || choice?.outcome !== 'published') return [];
  const { project, version } = choice;
  const where = { target_id, target_name: document.name, environment: document.environment };
  return [{ type: 'PublishAnnounced', data: { ...where, expected_at, project, version } }];
}

/** The coming occurrence, if it is time to announce it. A target that is disabled or held would not publish then. */
function announcedNow({ target, now }: LookAtClock, state: ScheduleState): string | null {
  const next = nextOccurrence(target.times, countsFrom(target, state));
  if (next === null || next <= now || state.announced === next) return null;
  const time = announcementTime(target, next);
  const isTime = time !== null && time <= now;
  return isTime && target.enabled && target.hold === null ? next : null;
}

function announcementTime({ document }: ScheduledTarget, occurrence: string): string | null {
  const minutes = document.schedule?.announce_minutes_before;
  return minutes === undefined ? null : new Date(Date.parse(occurrence) - minutes * 60_000).toISOString();
}

function choiceOf({ target, active, candidates }: LookAtClock, { published }: ScheduleState): Choice {
  const { document, vetoed } = target;
  return chooseVersion({ document, active, published, vetoed, candidates });
}

function withPublished({ published }: ScheduleState, occurrence: EventData<'ScheduleOccurred'>): ReadonlySet<string> {
  const { outcome, project, version } = occurrence;
  if (outcome !== 'published' || project === null || version === null) return published;
  return new Set(published).add(versionKey({ project, version }));
}

const namesOf = ({ cron, timezone }: CronTimes) => ({ cron, timezone });
