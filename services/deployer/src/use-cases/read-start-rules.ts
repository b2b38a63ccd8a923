import { freezeCalendar, freezeEvents, targetEvents, type FreezeEvent, type TargetEvent } from '@m3/contracts';
import type { EventStore, StreamWrite } from '@m3/event-store';
import { eventsIn, StreamStates } from '@m3/process';
import type { Freeze } from '@m3/policies';
import type { PublishRequest } from '../domain/publish.state.js';
import { readPromotion, unchanged } from './read-promotion.js';
import {
  evolveCalendar,
  evolveTargetRules,
  openRules,
  snapshotNow,
  type KnownRules,
  type StartRules,
} from '../domain/start-rules.js';

/** What has to be known of a publish for its rules to be found. */
export type Destined = Pick<PublishRequest, 'project' | 'version' | 'target'>;

/** The rules, and the streams that they were read from: whoever decides by them has these versions checked. */
export interface ReadRules {
  readonly rules: StartRules;
  readonly checks: readonly StreamWrite[];
  /** Something came from memory: another replica may know more. */
  readonly cached: boolean;
}

/** Targets whose rules and slots are in memory. Those of one more are read for each start. */
export const targetsKept = 5_000;

/** Reads what starts depend on, at the moment of the start: from memory where that is checked by the append. */
export class ReadStartRules {
  private readonly targets: StreamStates<KnownRules, TargetEvent>;
  private readonly calendar: StreamStates<readonly Freeze[], FreezeEvent>;

  constructor(private readonly store: EventStore) {
    this.targets = new StreamStates<KnownRules, TargetEvent>(
      store,
      { initial: null, evolve: evolveTargetRules, accepts: eventsIn<TargetEvent>(targetEvents) },
      targetsKept,
    );
    this.calendar = new StreamStates(store, {
      initial: [],
      evolve: evolveCalendar,
      accepts: eventsIn<FreezeEvent>(freezeEvents),
    });
  }

  /** @param anew not from memory */
  async read(request: Destined, anew: boolean): Promise<ReadRules> {
    const how = anew ? 'reload' : 'load';
    const [target, calendar] = await Promise.all([
      this.targets[how](targetStream(request.target.target_id)),
      this.calendar[how](freezeCalendar),
    ]);
    const known = target.state ?? openRules(request);
    const promoted = await readPromotion(this.store, request, known.promotion);
    return {
      rules: {
        target: known,
        snapshot: snapshotNow(target.state, target.version),
        freezes: calendar.state,
        promotion: promoted.facts,
        judgedBy: { target_revision: target.version, calendar_revision: calendar.version },
      },
      checks: [
        unchanged(target.stream, target.version),
        unchanged(freezeCalendar, calendar.version),
        ...promoted.checks,
      ],
      cached: target.cached || calendar.cached,
    };
  }
}

const targetStream = (targetId: string): string => `target-${targetId}`;
