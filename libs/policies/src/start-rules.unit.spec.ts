import type { StartBlock } from '@m3/contracts';
import fc from 'fast-check';
import {
  alsoOverridden,
  earliestStart,
  judgeStart,
  notOverridable,
  nothingOverridden,
  startBlocks,
  waitingStatus,
  type Freeze,
  type StartFacts,
  type StartingPublish,
  type TargetRules,
} from './start-rules.js';

const now = '2026-03-19T14:23:45.000Z';
const target_id = 'tgt_01930d8c-0000-7000-8000-000000000001';
const staging = 'tgt_01930d8c-0000-7000-8000-000000000002';
const openTarget: TargetRules = {
  target_id,
  environment: 'production',
  enabled: true,
  disabledSince: null,
  hold: null,
  windows: [],
  promotion: null,
  overrideRoles: ['admin'],
};
const tagged: StartingPublish = { project: 'invoice-pipeline', version: 'v1.3.0', trigger: 'tag' };
const manual: StartingPublish = { ...tagged, trigger: 'manual' };
const held = { ...openTarget, hold: { reason: 'audit', since: now, vetoed: [] } };

function given(target: Partial<TargetRules> = {}, facts: Partial<StartFacts> = {}): StartFacts {
  return {
    publish: tagged,
    target: { ...openTarget, ...target },
    freezes: [],
    promotion: { target_id: null, succeededAt: null },
    overridden: nothingOverridden,
    ...facts,
  };
}

const freeze = (freeze: Partial<Freeze> = {}): Freeze => ({
  freeze_id: 'frz_01930d8c-0000-7000-8000-000000000001',
  scope: { kind: 'global' },
  period: { from: '2026-03-19T00:00:00.000Z', to: '2026-03-20T00:00:00.000Z' },
  reason: 'end of quarter',
  override_roles: ['admin'],
  ...freeze,
});
const kinds = (blocks: readonly StartBlock[]) => blocks.map(({ kind }) => kind);

describe('a publish to a target that says nothing', () => {
  it('starts at once', () => {
    expect(judgeStart(given(), now)).toEqual({ blocks: [], earliestStart: now });
  });
});

describe('windows', () => {
  const windows = [{ cron: '0 2 * * *', duration_minutes: 60, timezone: 'UTC' }];

  it('hold up every publish until the next one opens', () => {
    for (const publish of [tagged, manual, { ...tagged, trigger: 'emergency' as const }]) {
      expect(judgeStart(given({ windows, overrideRoles: ['lead'] }, { publish }), now)).toEqual({
        blocks: [{ kind: 'window', since: null, until: '2026-03-20T02:00:00.000Z', unblocked_by: ['lead'] }],
        earliestStart: '2026-03-20T02:00:00.000Z',
      });
    }
  });
});

describe('freezes', () => {
  it.each([
    ['of everything', freeze(), true],
    ['of its environment', freeze({ scope: { kind: 'environment', environment: 'production' } }), true],
    ['of another environment', freeze({ scope: { kind: 'environment', environment: 'staging' } }), false],
    ['of the target', freeze({ scope: { kind: 'target', target_id, target_name: 'US' } }), true],
    ['of another target', freeze({ scope: { kind: 'target', target_id: 'tgt_other', target_name: 'EU' } }), false],
    ['that are over', freeze({ period: { from: '2026-03-01T00:00:00.000Z', to: now } }), false],
    ['that are to come', freeze({ period: { from: '2026-03-20T00:00:00.000Z', to: null } }), false],
  ])('%s', (_, declared, blocks) => {
    expect(startBlocks(given({}, { freezes: [declared] }), now)).toHaveLength(blocks ? 1 : 0);
  });

  it('say why, since when, until when, and who may start all the same', () => {
    const [block] = startBlocks(given({}, { freezes: [freeze()] }), now);
    expect(block).toMatchObject({
      kind: 'freeze',
      reason: 'end of quarter',
      since: '2026-03-19T00:00:00.000Z',
      until: '2026-03-20T00:00:00.000Z',
      unblocked_by: ['admin'],
    });
  });

  it('without an end leave the start open', () => {
    const endless = freeze({ period: { from: '2026-03-19T00:00:00.000Z', to: null } });
    expect(earliestStart(given({}, { freezes: [endless] }), now)).toBeNull();
  });
});

describe('the earliest start', () => {
  it('is the first time that lies in a window and in no freeze', () => {
    const facts = given(
      { windows: [{ cron: '0 2 * * *', duration_minutes: 60, timezone: 'UTC' }] },
      { freezes: [freeze({ period: { from: now, to: '2026-03-22T02:30:00.000Z' } })] },
    );
    expect(earliestStart(facts, now)).toBe('2026-03-22T02:30:00.000Z');
    expect(earliestStart(facts, '2026-03-22T03:00:00.000Z')).toBe('2026-03-23T02:00:00.000Z');
  });

  it('is never when every window is frozen', () => {
    const facts = given(
      { windows: [{ cron: '0 2 * * *', duration_minutes: 60, timezone: 'UTC' }] },
      { freezes: [freeze({ period: { cron: '0 2 * * *', duration_minutes: 60, timezone: 'UTC' } })] },
    );
    expect(earliestStart(facts, now)).toBeNull();
  });

  it('is the first time without a block: until just before it there is one', () => {
    const hour = fc.integer({ min: 0, max: 23 });
    const span = fc.record({ hour, duration_minutes: fc.integer({ min: 1, max: 900 }) });
    const cronOf = ({ hour: at, duration_minutes }: { hour: number; duration_minutes: number }) => ({
      cron: `0 ${at} * * *`,
      duration_minutes,
      timezone: 'Europe/London',
    });
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 3 }), span, (windows, frozen) => {
        const facts = given({ windows: windows.map(cronOf) }, { freezes: [freeze({ period: cronOf(frozen) })] });
        const start = earliestStart(facts, now);
        if (start === null) return;
        expect(startBlocks(facts, start)).toEqual([]);
        const before = Date.parse(start) - 1;
        if (before >= Date.parse(now)) expect(startBlocks(facts, new Date(before).toISOString())).not.toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('holds', () => {
  it('stop automatic publishes until somebody releases the target, and let manual ones pass', () => {
    const stopped = judgeStart(given(held), now);
    expect(stopped).toEqual({
      blocks: [{ kind: 'hold', reason: 'audit', since: now, until: null, unblocked_by: ['admin', 'maintainer'] }],
      earliestStart: null,
    });
    expect(kinds(startBlocks(given(held, { publish: { ...tagged, trigger: 'schedule' } }), now))).toEqual(['hold']);
    expect(startBlocks(given(held, { publish: manual }), now)).toEqual([]);
  });

  it('name the version that was rolled back from', () => {
    const { project, version } = tagged;
    const hold = { ...held.hold, vetoed: [{ project, version }] };
    expect(kinds(startBlocks(given({ hold }), now))).toEqual(['hold', 'veto']);
    expect(kinds(startBlocks(given({ hold }, { publish: { ...tagged, version: 'v1.3.1' } }), now))).toEqual(['hold']);
  });
});

describe('a target that was disabled', () => {
  it('stops every publish', () => {
    const disabled = { enabled: false, disabledSince: now };
    expect(kinds(startBlocks(given(disabled, { publish: manual }), now))).toEqual(['disabled']);
  });
});

describe('promotion', () => {
  const promotion = { from: 'Staging', soak_minutes: 30 };

  it.each([
    ['there is no such target', { target_id: null, succeededAt: null }, 'no_such_target', null],
    ['it has not succeeded there', { target_id: staging, succeededAt: null }, 'not_succeeded', null],
    [
      'it soaks there',
      { target_id: staging, succeededAt: '2026-03-19T14:00:00.000Z' },
      'soaking',
      '2026-03-19T14:30:00.000Z',
    ],
  ] as const)('holds up while %s', (_, facts, state, until) => {
    const judged = judgeStart(given({ promotion }, { promotion: facts, publish: manual }), now);
    expect(judged.blocks).toMatchObject([{ kind: 'promotion', from: 'Staging', state, until, unblocked_by: [] }]);
    expect(judged.earliestStart).toBe(until);
  });

  it('is over once the version has soaked', () => {
    const facts = { target_id: staging, succeededAt: '2026-03-19T13:53:45.000Z' } as const;
    expect(startBlocks(given({ promotion }, { promotion: facts }), now)).toEqual([]);
  });
});

describe('overriding', () => {
  const windows = [{ cron: '0 2 * * *', duration_minutes: 60, timezone: 'UTC' }];
  const facts = given({ windows }, { freezes: [freeze({ override_roles: ['lead'] })] });

  it('needs a role for each of the blocks', () => {
    const blocks = startBlocks(facts, now);
    expect(kinds(notOverridable(blocks, ['admin']))).toEqual(['freeze']);
    expect(kinds(notOverridable(blocks, ['lead']))).toEqual(['window']);
    expect(notOverridable(blocks, ['admin', 'lead'])).toEqual([]);
  });

  it('is for windows and freezes, and for nothing else', () => {
    const disabled = { ...held, enabled: false, promotion: { from: 'Staging' } };
    const blocks = startBlocks(given(disabled), now);
    expect(kinds(notOverridable(blocks, ['admin', 'maintainer']))).toEqual(['disabled', 'hold', 'promotion']);
  });

  it('lifts what was in force, and no freeze that is declared later', () => {
    const overridden = alsoOverridden(nothingOverridden, startBlocks(facts, now));
    expect(startBlocks({ ...facts, overridden }, now)).toEqual([]);
    const later = freeze({ freeze_id: 'frz_01930d8c-0000-7000-8000-000000000002' });
    expect(startBlocks({ ...facts, overridden, freezes: [...facts.freezes, later] }, now)).toMatchObject([
      { freeze_id: later.freeze_id },
    ]);
  });
});

describe('what a waiting publish is shown as', () => {
  const all = startBlocks(
    given({ ...held, promotion: { from: 'Staging' }, windows: [] }, { freezes: [freeze()] }),
    now,
  );
  it.each([
    ['waiting_for_release', ['hold', 'freeze', 'promotion']],
    ['waiting_for_window', ['freeze', 'promotion']],
    ['waiting_for_promotion', ['promotion']],
  ] as const)('%s', (status, of) => {
    expect(waitingStatus(all.filter(({ kind }) => of.some((each) => each === kind)))).toBe(status);
  });
});
