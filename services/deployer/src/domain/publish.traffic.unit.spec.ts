import type { PublishEvent, TrafficPlan } from '@m3/contracts';
import { fold } from '@m3/decider';
import { cancelPublish } from './publish.cancel.js';
import { withSlot } from './publish.deploy.js';
import * as the from './publish.fixtures.js';
import { input, moment, momentAt, request } from './publish.fixtures.js';
import type { PublishInput } from './publish.inputs.js';
import { publishProcess } from './publish.react.js';

const traffic: TrafficPlan = {
  strategy: 'canary',
  steps: [
    { weight: 10, pause_seconds: 60 },
    { weight: 50, pause_seconds: 60 },
    { weight: 100, pause_seconds: 0 },
  ],
  ...{ max_error_rate: 5, max_p95_ms: null, min_requests: 20, extend_seconds: 30 },
};
const asked = (plan: TrafficPlan = traffic) =>
  the.requested({ ...request, target: { ...request.target, traffic: plan } });
const untilDeployment = [asked(), the.validating, the.gating, the.waived, the.backingUp, the.deploying];

const process = publishProcess(moment);
const stateAfter = (history: readonly PublishEvent[]) => fold(process, history);
const after = (history: readonly PublishEvent[], next: PublishInput, now = the.now) =>
  publishProcess(momentAt(now)).react(next, stateAfter(history));
/** The history with what follows from each input, at its time. */
const going = (history: readonly PublishEvent[], ...inputs: readonly (readonly [PublishInput, string])[]) =>
  inputs.reduce<readonly PublishEvent[]>((so, [next, now]) => [...so, ...after(so, next, now)], history);
const types = (events: readonly PublishEvent[]) => events.map(({ type }) => type);
/** What events of one type say, in their order. */
const dataOf = (events: readonly PublishEvent[], wanted: PublishEvent['type']): readonly object[] =>
  events.flatMap(({ type, data }) => (type === wanted ? [data] : []));
const fencesOf = (events: readonly PublishEvent[]) =>
  events.flatMap(({ type, data }) =>
    type.startsWith('Traffic') || type === 'ActivationRequested' ? fenceIn(data) : [],
  );
const fenceIn = (data: PublishEvent['data']) => ('fence' in data && 'subject' in data ? [data.fence] : []);
const deploymentDeadline = (events: readonly PublishEvent[], wanted: 'DeploymentRequested' | 'ActivationRequested') =>
  events.flatMap((event) => (event.type === wanted ? [Date.parse(event.data.deadline_at)] : []));

const at = (seconds: number) => new Date(Date.parse(the.now) + seconds * 1000).toISOString();
const shifted = (step: number): PublishInput => ({
  type: 'TrafficShiftTried',
  step,
  result: { outcome: 'shifted', counted: { executions: 0, failures: 0 }, duration_ms: 3, log: [] },
});
const looked = (step: number, executions: number, failures = 0): PublishInput => ({
  type: 'TrafficMeasured',
  step,
  measured: { executions, failures, p95_ms: 50 },
});
const returned: PublishInput = {
  type: 'TrafficReturnTried',
  result: { outcome: 'returned', reason: null, duration_ms: 2, log: [] },
};
const lost = (step: number, unknown: string | null): PublishInput => ({
  type: 'TrafficShiftTried',
  step,
  result: { outcome: 'failed', code: 'gateway_timeout', reason: 'no answer', unknown },
});
const fenced: PublishInput = {
  type: 'TrafficShiftTried',
  step: 1,
  result: { outcome: 'failed', code: 'fenced', reason: 'a newer attempt has taken over the target', unknown: null },
};

const untilWatch = going(untilDeployment, [input.deployed, at(0)], [shifted(1), at(1)]);
const untilReturn = going(untilWatch, [looked(1, 40, 20), at(10)]);
const untilActivation = going(untilWatch, [looked(1, 40), at(61)], [shifted(2), at(62)], [looked(2, 90, 1), at(122)]);

describe('traffic that is brought to a version share by share', () => {
  it('goes on from share to share while the version does well, and then the version becomes the active one', () => {
    expect(types(untilActivation.slice(untilDeployment.length))).toEqual([
      'ArtifactsDeployed',
      'TrafficShiftRequested',
      'TrafficShifted',
      'TrafficJudged',
      'TrafficShiftRequested',
      'TrafficShifted',
      'TrafficJudged',
      'ActivationRequested',
    ]);
    expect(dataOf(untilActivation, 'TrafficShiftRequested')).toMatchObject([
      { step: 1, steps: 2, weight: 10, from_version: 'v1.2.0' },
      { step: 2, steps: 2, weight: 50, from_version: 'v1.2.0' },
    ]);
    expect(types(after(untilActivation, input.activated))).toEqual(['VersionActivated', 'VerificationRequested']);
  });

  it('writes each share, and the pointer, under a fence above those before: none of them can come late', () => {
    expect(fencesOf(untilActivation)).toEqual([11, 12, 13]);
    const restore = dataOf(going(untilReturn, [returned, at(11)]), 'RestoreRequested');
    expect(dataOf(untilReturn, 'TrafficReturnRequested')).toMatchObject([{ fence: 12 }]);
    expect(restore).toMatchObject([{ fence: 13 }]);
  });

  it('takes none of the deployment’s time while it is watched', () => {
    const [first = 0] = deploymentDeadline(untilDeployment, 'DeploymentRequested');
    const watched = 60 + 60;
    expect(deploymentDeadline(untilActivation, 'ActivationRequested')).toEqual([first + watched * 1000]);
  });

  it.each<[string, readonly PublishEvent[], string | null]>([
    ['the target is empty', untilDeployment, null],
    ['the same version is active already', untilDeployment, request.version],
    ['the target asks for all at once', the.untilDeployment, 'v1.2.0'],
  ])('becomes active at once where %s', (_what, history, expected_version) => {
    const deploying = history.map((event): PublishEvent =>
      event.type === 'DeploymentRequested' ? { ...event, data: { ...event.data, expected_version } } : event,
    );
    expect(after(deploying, input.deployed)).toMatchObject([
      { type: 'ArtifactsDeployed' },
      { type: 'ActivationRequested', data: { fence: 10, expected_version } },
    ]);
  });

  it('watches a last share of everything, if it is to be watched', () => {
    const plan = { ...traffic, steps: [{ weight: 100, pause_seconds: 60 }] };
    const history = [asked(plan), ...untilDeployment.slice(1)];
    expect(after(history, input.deployed)).toMatchObject([
      { type: 'ArtifactsDeployed' },
      { type: 'TrafficShiftRequested', data: { step: 1, steps: 1, weight: 100 } },
    ]);
  });

  it('needs a backup, whatever the target says: it may have to be taken back with nobody there', () => {
    const careless = { ...request, target: { ...request.target, require_backup: false, traffic } };
    const state = stateAfter([the.requested(careless), the.validating, the.gating, the.waived]);
    if (state.status !== 'ready') throw new Error(`it is ${state.status}`);
    expect(withSlot(state, 100, moment)).toMatchObject([{ type: 'BackupRequested', data: { required: true } }]);
  });
});

describe('a share that is watched', () => {
  it('is judged when its time is over, and no look before that says anything while all is well', () => {
    expect(after(untilWatch, looked(1, 40), at(30))).toEqual([]);
    expect(types(after(untilWatch, looked(1, 40), at(61)))).toEqual(['TrafficJudged', 'TrafficShiftRequested']);
  });

  it('is not judged by a look at an earlier one', () => {
    const second = going(untilWatch, [looked(1, 40), at(61)], [shifted(2), at(62)]);
    expect(after(second, looked(1, 500, 500), at(70))).toEqual([]);
  });

  it('is watched for longer where too few executions came, which is said once; then it goes back', () => {
    const longer = going(untilWatch, [looked(1, 3), at(61)], [looked(1, 4), at(70)]);
    expect(types(longer.slice(untilWatch.length))).toEqual(['TrafficJudged']);
    expect(dataOf(longer, 'TrafficJudged')).toMatchObject([{ outcome: 'inconclusive' }]);
    expect(after(longer, looked(1, 25), at(80))).toMatchObject([
      { type: 'TrafficJudged', data: { outcome: 'passed' } },
      { type: 'TrafficShiftRequested' },
    ]);
    expect(after(longer, looked(1, 5), at(95))).toMatchObject([
      { type: 'TrafficJudged', data: { outcome: 'failed' } },
      { type: 'TrafficReturnRequested', data: { code: 'too_few_requests', served: true } },
    ]);
  });

  it('is brought anew where the clock was set back since: nobody knows for how long it was watched', () => {
    expect(after(untilWatch, looked(1, 40), at(-30))).toEqual([]);
    const anew = after(untilWatch, looked(1, 40), at(-3600));
    expect(anew).toMatchObject([{ type: 'TrafficShiftRequested', data: { step: 1, weight: 10, fence: 12 } }]);
    const watched = going([...untilWatch, ...anew], [shifted(1), at(-3599)], [looked(1, 40), at(-3539)]);
    expect(types(watched).slice(-2)).toEqual(['TrafficJudged', 'TrafficShiftRequested']);
  });

  it('goes back when nobody could look at it at all', () => {
    expect(after(untilWatch, input.deadline, at(120))).toEqual([]);
    expect(after(untilWatch, input.deadline, at(200))).toMatchObject([
      { type: 'TrafficReturnRequested', data: { code: 'timed_out', timed_out: true, served: true } },
    ]);
  });
});

describe('a version that does not do well with its share', () => {
  it('gets no executions any more at once, is taken back, and that is a rollback', () => {
    expect(untilReturn.slice(untilWatch.length)).toMatchObject([
      { type: 'TrafficJudged', data: { outcome: 'failed', measured: { executions: 40, failures: 20 } } },
      { type: 'TrafficReturnRequested', data: { back_to: 'v1.2.0', code: 'error_rate_too_high' } },
    ]);
    const restoring = going(untilReturn, [returned, at(11)]);
    expect(types(restoring.slice(untilReturn.length))).toEqual(['TrafficReturned', 'RestoreRequested']);
    const verified = going(restoring, [input.restored, at(12)], [input.restoredVerified, at(13)]);
    expect(verified.at(-1)).toMatchObject({
      type: 'PublishRolledBack',
      data: { restored_version: 'v1.2.0', code: 'error_rate_too_high' },
    });
  });

  it('is restored although the target did not say that it gets none: a restore sets the routes as well', () => {
    const silent: PublishInput = {
      type: 'TrafficReturnTried',
      result: { outcome: 'not_returned', reason: 'no answer', duration_ms: 0, log: [] },
    };
    expect(types(after(untilReturn, silent))).toEqual(['TrafficReturned', 'RestoreRequested']);
    expect(types(after(untilReturn, input.deadline, at(60)))).toEqual(['RestoreRequested']);
  });
});

describe('a share that could not be brought', () => {
  const shifting = going(untilDeployment, [input.deployed, at(0)]);

  it('leaves nothing behind where surely none was: the publish has failed', () => {
    const undone = going(shifting, [lost(1, null), at(1)], [input.restored, at(2)]);
    expect(types(undone.slice(shifting.length))).toEqual(['RestoreRequested', 'PublishFailed']);
  });

  it('is sent back where it may have been: then the version may have served', () => {
    const back = going(shifting, [lost(1, 'whether traffic was shifted'), at(1)]);
    expect(back.at(-1)).toMatchObject({ type: 'TrafficReturnRequested', data: { served: true } });
    expect(after(shifting, input.deadline, at(3600))).toMatchObject([
      { type: 'TrafficReturnRequested', data: { served: true, code: 'timed_out' } },
    ]);
  });

  it('is sent back where an earlier one served', () => {
    const second = going(untilWatch, [looked(1, 40), at(61)]);
    expect(after(second, lost(2, null))).toMatchObject([{ type: 'TrafficReturnRequested', data: { served: true } }]);
  });

  it('is not mistaken for an earlier one that somebody tries again, and that is refused', () => {
    const second = going(untilWatch, [looked(1, 40), at(61)]);
    expect(after(second, fenced)).toEqual([]);
  });

  it('has failed where somebody newer has taken over the target', () => {
    expect(after(shifting, fenced)).toMatchObject([
      { type: 'PublishFailed', data: { step: 'activating', code: 'fenced' } },
    ]);
  });

  it('makes an activation that fails afterwards a rollback', () => {
    const failed: PublishInput = {
      type: 'Activated',
      result: { outcome: 'failed', code: 'other_version_active', reason: 'v1.2.5 is active', unknown: null },
    };
    const restored = going(
      untilActivation,
      [failed, at(123)],
      [input.restored, at(124)],
      [input.restoredVerified, at(125)],
    );
    expect(restored.at(-1)).toMatchObject({ type: 'PublishRolledBack' });
  });
});

describe('cancelling while traffic is brought', () => {
  const cancel = { by: 'ann', reason: 'wrong version' };
  const shifting = going(untilDeployment, [input.deployed, at(0)]);

  it('sends the traffic back at once while a share is watched, and ends as a rollback', () => {
    const decision = cancelPublish(cancel, stateAfter(untilWatch), moment);
    expect(decision).toMatchObject({
      outcome: 'accepted',
      events: [{ type: 'PublishCancelRequested' }, { type: 'TrafficReturnRequested', data: { code: 'cancelled' } }],
    });
  });

  it('waits for the share that is being brought, and sends it back', () => {
    const decision = cancelPublish(cancel, stateAfter(shifting), moment);
    const wished = decision.outcome === 'accepted' ? decision.events : [];
    expect(types(wished)).toEqual(['PublishCancelRequested']);
    expect(types(after([...shifting, ...wished], shifted(1)))).toEqual(['TrafficShifted', 'TrafficReturnRequested']);
  });

  it('is refused once the version is being taken back for another reason', () => {
    expect(cancelPublish(cancel, stateAfter(untilReturn), moment)).toMatchObject({
      outcome: 'rejected',
      rejection: { code: 'already_undoing' },
    });
  });
});
