import type { PublishEvent } from '@m3/contracts';
import { fold } from '@m3/decider';
import { cancelPublish } from './publish.cancel.js';
import * as the from './publish.fixtures.js';
import { input, moment, momentAt } from './publish.fixtures.js';
import type { PublishInput, TargetAnswer } from './publish.inputs.js';
import { publishProcess } from './publish.react.js';

const process = publishProcess(moment);
const after = (history: readonly PublishEvent[], next: PublishInput, at = moment) =>
  publishProcess(at).react(next, fold(process, history));
const types = (events: readonly PublishEvent[]) => events.map(({ type }) => type);
const late = momentAt('2026-03-19T15:00:00.000Z');

const unanswered = { outcome: 'failed', code: 'database_timeout', reason: 'no answer', unknown: 'whether' } as const;
const before = { active_version: 'v1.2.0', active_fence: 5, fence: 5, release: 'absent', gateway: 'answers' } as const;
const written = { ...before, fence: 10, release: 'present' } as const;
const active = { ...written, active_version: 'v1.3.0', active_fence: 10 } as const;

const answered = (step: TargetAnswer['step'], found: TargetAnswer['found']): PublishInput => ({
  type: 'TargetAnswered',
  answer: { step, found, reason: found === null ? 'it is silent' : `${found.active_version} is active` },
});
const asking = (history: readonly PublishEvent[], next: PublishInput, at = moment) => [
  ...history,
  ...after(history, next, at),
];
const deploying = asking(the.untilDeployment, { type: 'Deployed', result: unanswered });
const activating = asking(the.untilActivation, { type: 'Activated', result: unanswered });

describe('a step whose outcome nobody knows', () => {
  it('lets the target be asked before anything is decided', () => {
    expect(deploying.at(-1)).toMatchObject({ type: 'TargetStateRequested', data: { step: 'deploying', fence: 10 } });
    expect(activating.at(-1)).toMatchObject({ type: 'TargetStateRequested', data: { step: 'activating' } });
  });

  it.each([
    ['deploying', deploying, before, 'DeploymentRequested'],
    ['deploying', deploying, written, 'DeploymentRequested'],
    ['activating', activating, written, 'ActivationRequested'],
    ['activating', activating, active, 'ActivationRequested'],
  ] as const)('is asked for once more when the target answers (%s)', (step, history, found, again) => {
    const [told, next] = after(history, answered(step, found));
    expect([told, next]).toMatchObject([{ type: 'TargetStateFound', data: { found } }, { type: again }]);
  });

  it('that fails so a second time is undone', () => {
    const again = asking(deploying, answered('deploying', before));
    expect(after(again, { type: 'Deployed', result: unanswered })).toMatchObject([
      { type: 'RestoreRequested', data: { unknown: 'whether' } },
    ]);
  });

  it.each([
    ['does not answer', null, 'whether'],
    ['has a silent gateway', { ...written, gateway: 'silent' as const }, null],
    ['holds other contents under the version', { ...written, release: 'other_contents' as const }, null],
  ])('is undone when the target %s', (_what, found, unknown) => {
    expect(after(deploying, answered('deploying', found)).at(-1)).toMatchObject({
      type: 'RestoreRequested',
      data: { failed_step: 'deploying', code: 'database_timeout', unknown },
    });
  });

  it.each([
    ['while it deploys', deploying, 'deploying', { ...before, fence: 19 }],
    ['while it activates', activating, 'activating', { ...written, fence: 19, active_fence: 19 }],
  ] as const)('ends as it is when somebody newer has taken over the target (%s)', (_when, history, step, found) => {
    const [told, end, ...more] = after(history, answered(step, found));
    expect([told, end, more]).toMatchObject([
      { type: 'TargetStateFound' },
      { type: 'PublishFailed', data: { step, code: 'fenced', reason: expect.stringContaining('v1.2.0 is active') } },
      [],
    ]);
  });

  it('is undone although somebody newer writes there, if the version serves', () => {
    expect(types(after(activating, answered('activating', { ...active, fence: 19 })))).toEqual([
      ...['TargetStateFound', 'VersionActivated', 'RestoreRequested'],
    ]);
  });

  it('is undone past its deadline, for what is known by then', () => {
    const history = asking(the.untilDeployment, input.deadline, late);
    expect(after(history, answered('deploying', written), late).at(-1)).toMatchObject({
      type: 'RestoreRequested',
      data: { timed_out: true, unknown: null, reason: expect.stringContaining('v1.2.0 is active') },
    });
  });

  it('is a rollback if the target says that the version became active', () => {
    const history = asking(the.untilActivation, input.deadline, late);
    const undone = after(history, answered('activating', active), late);
    expect(types(undone)).toEqual(['TargetStateFound', 'VersionActivated', 'RestoreRequested']);
    expect(after([...history, ...undone], input.restored)).toMatchObject([
      { type: 'VerificationRequested', data: { verifies: 'rollback' } },
    ]);
  });

  it('is undone as unknown when the target never says', () => {
    expect(after(activating, input.deadline, late)).toMatchObject([
      { type: 'TargetStateFound', data: { found: null } },
      { type: 'RestoreRequested', data: { unknown: 'whether' } },
    ]);
    expect(after(activating, input.deadline)).toEqual([]);
  });

  it('can be cancelled meanwhile: it is not asked for again', () => {
    const wish = cancelPublish({ by: 'ann', reason: 'wrong' }, fold(process, deploying), moment);
    const noted = [...deploying, ...(wish.outcome === 'accepted' ? wish.events : [])];
    const undone = after(noted, answered('deploying', before));
    expect(types(undone)).toEqual(['TargetStateFound', 'RestoreRequested']);
    expect(after([...noted, ...undone], input.restored)).toMatchObject([{ type: 'PublishCancelled' }]);
  });

  it('takes no answer about another step for one about this', () => {
    expect(after(activating, answered('deploying', before))).toEqual([]);
  });
});

describe('a restore that failed, or hangs', () => {
  const restoring = [...the.untilVerification, ...after(the.untilVerification, input.unhealthy)];
  const inDoubt = asking(restoring, input.restoreFailed);

  it('goes on if the target says that it was put back', () => {
    const back = { ...before, active_fence: 11, fence: 11 };
    const next = after(inDoubt, answered('rolling_back', back));
    expect(next).toMatchObject([
      { type: 'TargetStateFound' },
      { type: 'VerificationRequested', data: { verifies: 'rollback', expected_version: 'v1.2.0' } },
    ]);
    expect(after([...inDoubt, ...next], input.restoredVerified).at(-1)).toMatchObject({ type: 'PublishRolledBack' });
  });

  it.each([
    ['was not put back', active],
    ['does not answer', null],
  ])('has failed for good when the target %s, and says what is known', (_what, found) => {
    expect(after(inDoubt, answered('rolling_back', found)).at(-1)).toMatchObject({
      type: 'PublishRollbackFailed',
      data: { reason: expect.stringMatching(found === null ? /silent/ : /v1\.3\.0 is active/) },
    });
  });

  it('is over when somebody newer has taken over a target on which the version never served', () => {
    const undone = asking(the.untilDeployment, input.deploymentFailed);
    const doubted = asking(undone, input.restoreFailed);
    const byHand = { ...before, active_version: 'v1.1.0', fence: 19, active_fence: 19 };
    expect(after(doubted, answered('rolling_back', byHand)).at(-1)).toMatchObject({
      type: 'PublishFailed',
      data: { step: 'deploying', code: 'planner_conflict' },
    });
    expect(after(inDoubt, answered('rolling_back', byHand)).at(-1)).toMatchObject({ type: 'PublishRollbackFailed' });
  });

  it('is asked about past its deadline too', () => {
    expect(types(after(restoring, input.deadline, late))).toEqual(['TargetStateRequested']);
  });
});
