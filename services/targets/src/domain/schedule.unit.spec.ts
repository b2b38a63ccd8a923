import { declared, type ScheduleEvent, type StoredTargetDocument } from '@m3/contracts';
import { fold } from '@m3/decider';
import { occurrencesBetween } from '@m3/policies';
import { specification } from '@m3/testing';
import fc from 'fast-check';
import { evolveActivations, noActivations, type ActivationEvent } from './active-version.js';
import { nextLook, schedule, type LookAtClock, type ScheduledTarget } from './schedule.js';

const { target_id } = declared('ScheduleOccurred').example;
const times = { cron: '0 2 * * 2', timezone: 'America/New_York' };
const tuesdays = ['2026-03-10T06:00:00.000Z', '2026-03-17T06:00:00.000Z', '2026-03-24T06:00:00.000Z'] as const;
const publishId = 'pub_01930d8c-0000-7000-8000-000000000001';
const document: StoredTargetDocument = {
  ...{ name: 'Production US East', environment: 'production', type: 'scheduled', gateway_id: 'g1' },
  ...{ gateway_url: 'https://gateway.example.com', schema: 'production' },
  schedule: { ...times, deploy_latest_version: true },
};
const tagged = (version: string, project = 'invoice-pipeline', branch = 'main') => ({ project, version, branch });

const target = (more: Partial<ScheduledTarget> = {}): ScheduledTarget => ({
  ...{ target_id, document, times, enabled: true, hold: null, vetoed: [], countsFrom: '2026-03-04T12:00:00.000Z' },
  ...more,
});
const look = (more: Partial<LookAtClock> = {}): LookAtClock => ({
  ...{ now: tuesdays[0], target: target(), active: null, candidates: [tagged('v1.3.0')], publishId },
  ...more,
});
type Occurred = Extract<ScheduleEvent, { type: 'ScheduleOccurred' }>;
const occurred = (more: Partial<Occurred['data']> = {}): Occurred => ({
  type: 'ScheduleOccurred',
  data: {
    ...{ target_id, ...times, occurrence_at: tuesdays[0], next_at: tuesdays[1] },
    ...{ outcome: 'published', reason: null, project: 'invoice-pipeline', version: 'v1.3.0', publish_id: publishId },
    ...more,
  },
});
const { given } = specification(schedule);

describe('a schedule', () => {
  it('publishes when its time has come, once', () => {
    given()
      .when(look({ now: '2026-03-10T05:59:59.999Z' }))
      .thenNothing();
    given().when(look()).twice().then(occurred());
  });

  it('publishes no version twice by itself, and says what it did instead', () => {
    given(occurred())
      .when(look({ now: tuesdays[1] }))
      .then(
        occurred({
          ...{ occurrence_at: tuesdays[1], next_at: tuesdays[2] },
          ...{ outcome: 'nothing_new', reason: 'v1.3.0 was published by this schedule before', publish_id: null },
        }),
      );
  });

  it('publishes nothing to a target that is disabled, and records that', () => {
    given()
      .when(look({ target: target({ enabled: false }) }))
      .then(
        occurred({
          ...{ outcome: 'not_published', reason: 'the target was disabled' },
          ...{ project: null, version: null, publish_id: null },
        }),
      );
  });

  it('asks for publishes to a target that is held: they wait for its release', () => {
    given()
      .when(look({ target: target({ hold: 'rolled back' }) }))
      .then(occurred());
  });

  it('passes over a version that was rolled back from, until an operator releases the target', () => {
    const held = target({ hold: 'rolled back', vetoed: [{ project: 'invoice-pipeline', version: 'v1.3.0' }] });
    given()
      .when(look({ target: held, candidates: [tagged('v1.2.9'), tagged('v1.3.0')] }))
      .then(occurred({ version: 'v1.2.9' }));
  });

  it('makes up for the latest of the times that passed while nobody looked, and records the others as missed', () => {
    given()
      .when(look({ now: '2026-03-17T06:20:00.000Z' }))
      .then(
        { type: 'OccurrencesMissed', data: { target_id, ...times, from: tuesdays[0], to: tuesdays[0], count: 1 } },
        occurred({ occurrence_at: tuesdays[1], next_at: tuesdays[2] }),
      );
  });

  it('makes up for none that is too late', () => {
    given(occurred())
      .when(look({ now: '2026-03-24T15:00:00.000Z' }))
      .twice()
      .then({ type: 'OccurrencesMissed', data: { target_id, ...times, from: tuesdays[1], to: tuesdays[2], count: 2 } });
  });

  it('counts from the change of its times on', () => {
    const nightly = { cron: '0 4 * * *', timezone: 'UTC' };
    const changed = target({ times: nightly, countsFrom: '2026-03-16T12:00:00.000Z' });
    given(occurred())
      .when(look({ target: changed, now: '2026-03-17T03:00:00.000Z' }))
      .thenNothing();
    given(occurred())
      .when(look({ target: changed, now: '2026-03-17T04:00:00.000Z', candidates: [] }))
      .then(
        occurred({
          ...{ ...nightly, occurrence_at: '2026-03-17T04:00:00.000Z', next_at: '2026-03-18T04:00:00.000Z' },
          ...{ outcome: 'no_eligible_version', reason: 'no version v*.*.* was tagged' },
          ...{ project: null, version: null, publish_id: null },
        }),
      );
  });
});

describe('the version that a schedule takes', () => {
  const chosen = (more: Partial<LookAtClock>, triggers: StoredTargetDocument['triggers'] = {}) => {
    const own = target({ document: { ...document, triggers } });
    const [event] = accepted(look({ target: own, ...more }));
    if (event?.type !== 'ScheduleOccurred') throw new Error('nothing occurred');
    const { outcome, project, version } = event.data;
    return `${outcome} ${project ?? ''} ${version ?? ''}`.trim();
  };
  const accepted = (at: LookAtClock): readonly ScheduleEvent[] => {
    const decision = schedule.decide(at, schedule.initial);
    return decision.outcome === 'accepted' ? decision.events : [];
  };
  const candidates = [
    tagged('v1.3.0'),
    tagged('v1.10.0'),
    tagged('v1.9.0'),
    tagged('v2.0.0-rc.1'),
    tagged('v3.0.0', 'invoice-pipeline', 'dev'),
    tagged('v0.1.0', 'receipts'),
  ];
  const active = { project: 'invoice-pipeline', version: 'v1.9.0' };

  it('is the newest by number, of the project that is active there', () => {
    expect(chosen({ candidates, active }, { branch: 'main' })).toBe('published invoice-pipeline v1.10.0');
  });

  it('is of the pattern and branch that the target asks for', () => {
    expect(chosen({ candidates, active }, { version_pattern: 'v*.*.*-*' })).toBe(
      'published invoice-pipeline v2.0.0-rc.1',
    );
    expect(chosen({ candidates, active }, { branch: 'dev' })).toBe('published invoice-pipeline v3.0.0');
    expect(chosen({ candidates, active }, { branch: 'none' })).toBe('no_eligible_version');
  });

  it('is of the project that the target names, else of the one tagged last', () => {
    expect(chosen({ candidates, active }, { project: 'receipts' })).toBe('published receipts v0.1.0');
    expect(chosen({ candidates })).toBe('published receipts v0.1.0');
  });

  it('is none when it is active already, or when a newer one is', () => {
    const newer = { ...active, version: 'v1.10.0' };
    expect(chosen({ candidates, active: newer }, { branch: 'main' })).toBe('nothing_new invoice-pipeline v1.10.0');
    expect(chosen({ candidates: [tagged('v1.3.0')], active })).toBe('nothing_new invoice-pipeline v1.3.0');
  });

  it('is the pinned one, whatever its branch', () => {
    const pinned = target({ document: { ...document, schedule: { ...times, version: 'v3.0.0' } } });
    const [event] = accepted(look({ target: pinned, candidates, active }));
    expect(event).toMatchObject({ data: { outcome: 'published', version: 'v3.0.0' } });
    const [none] = accepted(look({ target: pinned, candidates: [], active }));
    expect(none).toMatchObject({ data: { outcome: 'no_eligible_version', reason: 'no version v3.0.0 was tagged' } });
  });
});

describe('an announcement', () => {
  const announcing = { ...document, schedule: { ...times, deploy_latest_version: true, announce_minutes_before: 60 } };
  const ahead = (more: Partial<LookAtClock> = {}): LookAtClock =>
    look({ target: target({ document: announcing }), now: '2026-03-10T05:00:00.000Z', ...more });
  const announced: ScheduleEvent = {
    type: 'PublishAnnounced',
    data: {
      ...{ target_id, target_name: document.name, environment: document.environment, expected_at: tuesdays[0] },
      ...{ project: 'invoice-pipeline', version: 'v1.3.0' },
    },
  };

  it('is made as long before as the target says, once', () => {
    given()
      .when(ahead({ now: '2026-03-10T04:59:59.000Z' }))
      .thenNothing();
    given().when(ahead()).twice().then(announced);
    given(announced)
      .when(ahead({ now: tuesdays[0] }))
      .then(occurred());
  });

  it('is not made of what would not be published then', () => {
    given()
      .when(ahead({ candidates: [] }))
      .thenNothing();
    given()
      .when(ahead({ target: target({ document: announcing, hold: 'rolled back' }) }))
      .thenNothing();
    given()
      .when(ahead({ target: target({ document: announcing, enabled: false }) }))
      .thenNothing();
  });

  it('has a time of its own to look at', () => {
    const own = target({ document: announcing });
    const at = (now: string) => nextLook(own, schedule.initial, now);
    expect(at('2026-03-09T00:00:00.000Z')).toBe('2026-03-10T05:00:00.000Z');
    expect(at('2026-03-10T05:00:00.000Z')).toBe(tuesdays[0]);
    expect(nextLook(target(), schedule.initial, '2026-03-09T00:00:00.000Z')).toBe(tuesdays[0]);
  });
});

describe('looks at any moments, with a clock that may jump back a little', () => {
  const nights = { cron: '30 1 * * *', timezone: 'Europe/London' };
  const start = '2026-10-20T00:00:00.000Z';
  const step = fc.integer({ min: -90, max: 3 * 24 * 60 });

  it('settle each time once, or record it in one range of missed ones', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        let now = Date.parse(start);
        let latest = now;
        const history: ScheduleEvent[] = [];
        for (const minutes of steps) {
          now = Math.max(now + minutes * 60_000, latest - 90 * 60_000);
          latest = Math.max(latest, now);
          const own = target({ times: nights, countsFrom: start });
          const decision = schedule.decide(
            look({ now: new Date(now).toISOString(), target: own }),
            fold(schedule, history),
          );
          if (decision.outcome === 'accepted') history.push(...decision.events);
        }
        const until = new Date(latest).toISOString();
        const all = occurrencesBetween(nights, { after: start, until, limit: Infinity });
        expect(history.flatMap((event) => recordedIn(event))).toEqual(all);
      }),
      { numRuns: 60 },
    );
  });

  function recordedIn({ type, data }: ScheduleEvent): readonly string[] {
    if (type === 'ScheduleOccurred') return [data.occurrence_at];
    if (type === 'PublishAnnounced') return [];
    const before = new Date(Date.parse(data.from) - 1).toISOString();
    const range = occurrencesBetween(nights, { after: before, until: data.to, limit: Infinity });
    expect(range).toHaveLength(data.count);
    return range;
  }
});

describe('the active version of a target', () => {
  const own = declared('PublishRolledBack').example.publish_id;
  const other = 'pub_01930d8c-0000-7000-8000-0000000000aa';
  const activated = (version: string, project = 'invoice-pipeline', publish_id = own): ActivationEvent => ({
    type: 'VersionActivated',
    data: { ...declared('VersionActivated').example, project, version, publish_id },
  });
  const rolledBack = (restored_version: string | null): ActivationEvent => ({
    type: 'PublishRolledBack',
    data: { ...declared('PublishRolledBack').example, restored_version },
  });
  const after = (...events: readonly ActivationEvent[]) => events.reduce(evolveActivations, noActivations).active;

  it('is the one activated last, or what a rollback brought back', () => {
    expect(after(activated('v1.2.0'), activated('v1.3.0'))).toMatchObject({ version: 'v1.3.0' });
    expect(after(activated('v1.2.0'), activated('v1.3.0'), rolledBack('v1.2.0'))).toMatchObject({ version: 'v1.2.0' });
    expect(after(activated('v1.2.0'), rolledBack(null))).toBeNull();
  });

  it('is what somebody restored by hand, or nothing', () => {
    const restored = (project: string | null, active_version: string | null): ActivationEvent => ({
      type: 'TargetRestoredByHand',
      data: { ...declared('TargetRestoredByHand').example, project, active_version },
    });
    const byHand = restored('invoice-pipeline', 'v1.2.0');
    expect(after(activated('v1.3.0'), byHand)).toEqual({ project: 'invoice-pipeline', version: 'v1.2.0' });
    expect(after(activated('v1.3.0'), byHand, activated('v1.4.0'))).toMatchObject({ version: 'v1.4.0' });
    expect(after(activated('v1.3.0'), restored(null, null))).toBeNull();
  });

  it('keeps its project through a rollback', () => {
    const { project } = after(activated('v0.1.0', 'receipts'), activated('v1.3.0'), rolledBack('v0.1.0')) ?? {};
    expect(project).toBe('receipts');
  });

  it('was active all the time where a version is rolled back that had a share of the traffic only', () => {
    const before = [activated('v1.3.0'), activated('v1.3.0', 'receipts', other)];
    const { project } = after(...before, rolledBack('v1.3.0')) ?? {};
    expect(project).toBe('receipts');
  });
});
