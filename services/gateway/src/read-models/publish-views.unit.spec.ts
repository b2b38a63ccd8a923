import type { DomainEventType } from '@m3/contracts';
import { isLogEntry } from '../projections/log-entry.js';
import { evolveRow, type Row } from '../projections/projection.js';
import type { PublishRow } from '../projections/publish-row.js';
import { publishes } from '../projections/publishes.js';
import { idOf, publishUpTo, recorded, told, type StoryEvent } from '../testing/stories.js';
import { freshness } from './patience.js';
import { gateRound } from './gate-round.js';
import { publishLog } from './publish-log.js';
import { publishWhy } from './publish-why.js';

const story = 7;
const linesOf = (...events: readonly StoryEvent[]) => publishLog(recorded(events)).map(({ line }) => line);

function publishAfter(...events: readonly StoryEvent[]): PublishRow {
  let row: Row<PublishRow> | undefined;
  for (const event of recorded(events)) if (isLogEntry(event)) row = evolveRow(publishes, 'id', row, event);
  if (row === undefined) throw new Error('no publish');
  return row.document;
}

describe('the log of a publish', () => {
  it('reads like a log', () => {
    expect(linesOf(told(story, 'BackupTaken'))).toContain(
      '[2026-03-19 14:23:45] ✓ Backup created: backup-production-20260319-142345',
    );
  });

  it('has a line for each step that began and ended', () => {
    const lines = linesOf(...publishUpTo(story, 'succeeded'));
    for (const text of [
      '• Publish of invoice-pipeline v1.3.0 to Production US East requested by ann (tag)',
      '• Pre-publish validation started',
      '✓ gateway: gateway answers in 4 ms',
      '✓ Quality gates passed',
      '• Waiting for 2 approval(s) by alice, bob, carol',
      '✓ Approved by bob: looks right',
      '✓ Artifacts deployed: 3 workflows, 2 agents, 2 processors',
      '✓ Activated: v1.3.0 (was v1.2.0)',
      '✓ Verification passed',
      '✓ Notification to release-webhook delivered',
      '✓ Publish succeeded: v1.3.0',
    ]) {
      expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^\\[[-0-9: ]+\\] ${escaped(text)}$`)));
    }
  });

  it('cannot be forged by what somebody writes into a reason', () => {
    const reason = 'x\n[2026-03-19 14:23:45] ✓ Publish succeeded\u001b[2J';
    const [line = ''] = linesOf(told(story, 'PublishCancelRequested', { reason }));
    expect(line).not.toMatch(/\p{Cc}/u);
  });
});

describe('the quality gates of a publish', () => {
  const told7 = (type: DomainEventType, fields: object = {}) => told(story, type, fields);
  const roundOf = (...events: readonly StoryEvent[]) => gateRound(recorded(events).filter(isLogEntry));
  const check = { name: 'external:licences', outcome: 'failed', message: 'a licence is missing', duration_ms: 3 };
  const failed = { ...check, findings: [], log: [] };

  it('are none before they have begun', () => {
    expect(roundOf(...publishUpTo(story, 'validated'))).toBeNull();
  });

  it('are shown while they run, each with its result as soon as it is there', () => {
    const begun = [told7('GatesRequested'), told7('GatesStarted'), told7('GateAsked'), told7('GatePending')];
    expect(roundOf(...begun, told7('GateCompleted'))).toMatchObject({
      outcome: null,
      checks: [{ name: 'workflow_validation' }],
      running: [{ gate: 'external:licences', waits_for: 'callback', message: 'two people look at it' }],
      not_run: [{ gate: 'performance' }],
    });
  });

  it('say who may override them until when, and who did', () => {
    const waiting = [told7('GatesRequested'), told7('OverrideAwaited', { gates: [failed] })];
    expect(roundOf(...waiting)).toMatchObject({
      outcome: null,
      override_roles: ['admin'],
      checks: [{ outcome: 'failed' }],
    });
    const overrides = [{ gate: failed.name, by: 'alice', reason: 'known', at: '2026-03-19T14:23:45.000Z' }];
    const ended = told7('GatesCompleted', { gates: [failed], overrides });
    expect(roundOf(...waiting, told7('GateOverridden'), ended)).toMatchObject({
      ...{ outcome: 'passed', overrides, override_until: null, checks: [{ outcome: 'failed' }] },
    });
  });

  it('have each result in the log once', () => {
    const lines = linesOf(
      ...[told7('GatesRequested'), told7('GatesStarted'), told7('GateAsked'), told7('GatePending')],
      ...[
        told7('GateCompleted'),
        told7('GatesCompleted', { not_run: [{ gate: 'performance', reason: 'not asked for' }] }),
      ],
    );
    expect(lines.filter((line) => line.includes('workflow_validation:'))).toHaveLength(1);
    expect(lines).toContainEqual(expect.stringContaining('external:licences calls back later: two people look at it'));
    expect(lines).toContainEqual(expect.stringContaining('performance was not run: not asked for'));
  });

  it('hold a publish up until someone overrides them, who is named', () => {
    const waiting = publishAfter(
      ...[...publishUpTo(story, 'validated'), told7('GatesRequested'), told7('OverrideAwaited', { gates: [failed] })],
    );
    expect(publishWhy(waiting, now)).toMatchObject({
      waits_for: 'override',
      can_be_moved_by: [
        {
          who: 'someone with one of the roles admin',
          how: `m3-publish gate override ${idOf('publish', story)} external:licences --reason …`,
        },
        {},
      ],
    });
  });
});

/** When somebody asks why. */
const now = new Date('2026-03-20T00:00:00.000Z');

describe('why a publish stands where it stands', () => {
  it('names the approval and how to give it', () => {
    expect(publishWhy(publishAfter(...publishUpTo(story, 'approvalAsked')), now)).toMatchObject({
      waits_for: 'approval',
      can_be_moved_by: [{ how: `m3-publish approve ${idOf('approval', story)}` }, {}],
    });
  });

  it('names the publishes ahead', () => {
    const waiting = publishAfter(...publishUpTo(story, 'gated'), told(story, 'SlotAwaited'));
    expect(publishWhy(waiting, now)).toMatchObject({
      waits_for: 'slot',
      can_be_moved_by: [{ who: `the end of publish ${idOf('publish', story)}` }, {}],
    });
  });

  it('names no rule that has come to its own end while it waits for another one', () => {
    const block = (until: string | null) => ({
      kind: 'freeze',
      scope: { kind: 'global' },
      since: null,
      until,
      unblocked_by: ['admin'],
    });
    const over = { ...block('2026-03-19T23:00:00.000Z'), freeze_id: idOf('freeze', 1), reason: 'over' };
    const left = { ...block(null), freeze_id: idOf('freeze', 2), reason: 'not over' };
    const delayed = (...blocks: object[]) =>
      publishAfter(
        ...[...publishUpTo(story, 'gated'), told(story, 'ApprovalWaived'), told(story, 'StartDelayed', { blocks })],
      );
    const why = publishWhy(delayed(over, left), now);
    expect(why).toMatchObject({ waits_for: 'window', blocks: [left] });
    expect(JSON.stringify([why.explanation, why.can_be_moved_by])).not.toContain(idOf('freeze', 1));
    expect(publishWhy(delayed(over), now)).toMatchObject({ waits_for: 'window', blocks: [] });
  });

  it('names every rule that holds its start up, until when, and who can do something about it', () => {
    const since = '2026-03-19T00:00:00.000Z';
    const until = '2026-03-23T06:00:00.000Z';
    const common = { since, until, unblocked_by: ['admin', 'lead'] };
    const freeze_id = idOf('freeze', 1);
    const scope = { kind: 'environment', environment: 'production' };
    const freeze = { kind: 'freeze', freeze_id, scope, reason: 'end of quarter', ...common };
    const window = { kind: 'window', ...common, since: null };
    const events = [
      ...publishUpTo(story, 'gated'),
      told(story, 'ApprovalWaived'),
      told(story, 'StartDelayed', { blocks: [freeze, window], resume_at: until }),
    ];
    const id = idOf('publish', story);
    const override = { who: 'whoever has the role admin or lead', how: `m3-publish override ${id} --reason …` };
    expect(publishWhy(publishAfter(...events), now)).toMatchObject({
      status: 'waiting_for_window',
      waits_for: 'window',
      explanation: expect.stringContaining(
        'production is frozen until 2026-03-23T06:00:00.000Z: end of quarter',
      ) as unknown,
      resume_at: until,
      blocks: [freeze, window],
      can_be_moved_by: [
        { who: 'the clock', how: `at ${until}` },
        { how: `m3-publish freeze lift ${freeze_id} --reason …` },
        override,
        { who: 'the clock' },
        override,
        {},
      ],
    });
    expect(linesOf(...events).at(-1)).toContain(
      '• Waiting to start: the environment production is frozen until 2026-03-23T06:00:00.000Z: end of quarter; ' +
        'the next window opens at 2026-03-23T06:00:00.000Z; expected at 2026-03-23 06:00:00',
    );
  });

  it.each([
    [{ kind: 'hold', reason: 'audit' }, 'release', 'm3-publish target release "Production US East" --reason …'],
    [{ kind: 'disabled' }, 'window', 'm3-publish target enable "Production US East"'],
    [
      { kind: 'promotion', from: 'Staging', soak_minutes: 30, target_id: null, state: 'not_succeeded' },
      'promotion',
      'm3-publish publish invoice-pipeline v1.3.0 --target "Staging"',
    ],
  ])('%j is moved by somebody', (block, waits_for, how) => {
    const blocks = [{ ...block, since: null, until: null, unblocked_by: ['admin'] }];
    const delayed = told(story, 'StartDelayed', { blocks, resume_at: null });
    const waiting = publishAfter(...publishUpTo(story, 'gated'), delayed);
    expect(publishWhy(waiting, now)).toMatchObject({ waits_for, can_be_moved_by: [{ how }, {}] });
  });

  it('names the service that does the step, and the deadline', () => {
    const running = publishAfter(...publishUpTo(story, 'requested'), told(story, 'GatesRequested'));
    expect(publishWhy(running, now)).toMatchObject({
      waits_for: 'step',
      deadline_at: '2026-03-19T14:23:45.000Z',
      can_be_moved_by: [{ who: 'the service gates' }, {}],
    });
  });

  it('says of one that has ended that nothing can move it', () => {
    const ended = publishAfter(...publishUpTo(story, 'requested'), told(story, 'PublishFailed'));
    expect(publishWhy(ended, now)).toMatchObject({ waits_for: 'nothing', can_be_moved_by: [] });
  });
});

describe('how long a reader waits for what it asks for', () => {
  it('is long only for an id that was made moments ago', () => {
    const id = idOf('publish', 1);
    const madeAt = parseInt('01930d8c0000', 16);
    expect(freshness(id, madeAt + 1_000)).toBe('fresh');
    expect(freshness(id, madeAt + 60_000)).toBe('old');
    expect(freshness('Production US East', madeAt)).toBe('named');
  });
});

function escaped(text: string): string {
  return text.replaceAll(/[.()]/g, '\\$&');
}
