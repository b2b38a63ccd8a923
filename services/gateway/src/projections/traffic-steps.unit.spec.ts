import { declared } from '@m3/contracts';
import { specifies } from '../testing/projection-specification.js';
import { told } from '../testing/stories.js';
import { badlyShared, canary, judged, share, untilTraffic } from '../testing/traffic-stories.js';
import { projections } from './catalogue.js';

const story = 7;
const { given } = specifies(projections.publishes);
const step = (name: string, fields: object): unknown =>
  expect.arrayContaining([expect.objectContaining({ step: name, ...fields })]);
const begun = untilTraffic(story);
const second = (count: number): string => new Date(Date.UTC(2026, 2, 19, 14, 23, 45 + count)).toISOString();
/** When the first share was asked for. */
const since = second(begun.length);

describe('a publish whose version is given its traffic share by share', () => {
  it('has begun its activation with the first share that is asked for, and says which', () => {
    given(...begun, told(story, 'TrafficShiftRequested'))
      .twice()
      .then({
        status: 'activating',
        steps: step('activating', { status: 'running', started_at: since, detail: '10 % to v1.3.0, share 1 of 2' }),
        waiting: { for: 'step', step: 'activating', since, deadline_at: expect.any(String) },
        traffic: {
          ...{ strategy: 'canary', step: 1, steps: 2, weight: 10, version: 'v1.3.0', from_version: 'v1.2.0' },
          ...{ state: 'shifting', since, watch_until: null, judged: null },
        },
      });
  });

  it('waits for the executions of a share that it has, by the limits of its target', () => {
    const watch = { since: '2026-03-19T14:24:00.000Z', watch_until: '2026-03-19T14:25:00.000Z' };
    given(...begun, ...share(story, 1))
      .twice()
      .then({
        status: 'activating',
        steps: step('activating', { status: 'running', deadline_at: '2026-03-19T14:26:30.000Z' }),
        waiting: {
          ...{ for: 'traffic', step: 1, steps: 2, weight: 10, from_version: 'v1.2.0', extended: false, ...watch },
          deadline_at: '2026-03-19T14:26:30.000Z',
          limits: { max_error_rate: 5, max_p95_ms: 800, min_requests: 20, extend_seconds: 30 },
        },
        traffic: expect.objectContaining({ state: 'watching', ...watch }),
      });
  });

  it('goes on with the same step at the next share, and keeps what the one before came to', () => {
    const events = [...begun, ...share(story, 1), judged(story, 1, 'passed'), ...share(story, 2)];
    given(...events)
      .twice()
      .then({
        steps: step('activating', { status: 'running', started_at: since, detail: '50 % to v1.3.0, share 2 of 2' }),
        traffic: expect.objectContaining({
          ...{ step: 2, weight: 50, state: 'watching' },
          judged: expect.objectContaining({ step: 1, outcome: 'passed' }),
        }),
      });
  });

  it('is watched for longer where too few executions came', () => {
    given(...begun, ...share(story, 1), judged(story, 1, 'inconclusive'))
      .twice()
      .then({
        waiting: expect.objectContaining({ for: 'traffic', extended: true }),
        traffic: expect.objectContaining({
          state: 'watching',
          judged: {
            ...{ step: 1, outcome: 'inconclusive', measured: { executions: 240, failures: 1, p95_ms: 812 } },
            reason: '3 executions, 0 % of them failed; 20 executions are needed',
            at: second(begun.length + 2),
          },
        }),
      });
  });

  it('ends its activation once the version is the active one, which took since the first share', () => {
    const activating = [...begun, ...share(story, 1), judged(story, 1, 'passed'), told(story, 'ActivationRequested')];
    given(...activating).then({
      steps: step('activating', { status: 'running', started_at: since, detail: null }),
      traffic: expect.objectContaining({ state: 'shifting', weight: 100 }),
    });
    given(...activating, told(story, 'VersionActivated'))
      .twice()
      .then({
        steps: step('activating', { status: 'passed', started_at: since, duration_ms: 4000 }),
        traffic: expect.objectContaining({ state: 'done', weight: 100, watch_until: null }),
      });
  });

  it('is brought as its target says when it is checked again', () => {
    const { target } = declared('ApprovalVoided').example;
    const otherwise = { ...canary, min_requests: 7 };
    const voided = told(story, 'ApprovalVoided', { target: { ...target, traffic: otherwise } });
    given(...begun, voided, ...share(story, 1)).then({
      waiting: expect.objectContaining({ limits: expect.objectContaining({ min_requests: 7 }) }),
    });
  });
});

describe('a version that does not do well with its share', () => {
  const returning = badlyShared(story).slice(0, -2);
  const returnedAt = second(returning.length - 1);
  const reason = '12 % of 50 executions failed, more than 5 %';

  it('has failed its activation, and goes back before the target is put back', () => {
    given(...returning)
      .twice()
      .then({
        status: 'rolling_back',
        failure: expect.objectContaining({ step: 'activating', code: 'error_rate', reason }),
        steps: expect.arrayContaining([
          expect.objectContaining({ step: 'activating', status: 'failed', detail: reason, started_at: since }),
          expect.objectContaining({ step: 'rolling_back', status: 'running', started_at: returnedAt }),
        ]),
        waiting: { for: 'traffic_return', back_to: 'v1.2.0', since: returnedAt, deadline_at: expect.any(String) },
        traffic: expect.objectContaining({ state: 'returning', watch_until: null }),
      });
  });

  it('is taken back by one rollback, which began when its traffic went back', () => {
    given(...badlyShared(story)).then({
      status: 'rolling_back',
      failure: expect.objectContaining({ step: 'activating' }),
      steps: step('rolling_back', { status: 'running', started_at: returnedAt }),
      traffic: expect.objectContaining({ state: 'returned' }),
    });
    given(...badlyShared(story), told(story, 'BackupRestored'), told(story, 'PublishRolledBack'))
      .twice()
      .then({
        status: 'rolled_back',
        steps: step('rolling_back', { status: 'passed', detail: 'back on v1.2.0', duration_ms: 4000 }),
        traffic: expect.objectContaining({ state: 'returned', judged: expect.objectContaining({ outcome: 'failed' }) }),
      });
  });

  it('has no share any more where the target did not say so, once the restore is over', () => {
    const silent = told(story, 'TrafficReturned', { outcome: 'not_returned', reason: 'no answer' });
    given(...returning, silent).then({ traffic: expect.objectContaining({ state: 'returning' }) });
    given(...returning, silent, told(story, 'PublishRolledBack')).then({
      traffic: expect.objectContaining({ state: 'returned' }),
    });
  });

  it('leaves the target to somebody newer', () => {
    const fenced = told(story, 'PublishFailed', { step: 'activating', code: 'fenced' });
    given(...returning, fenced).then({
      status: 'failed',
      steps: step('rolling_back', { status: 'passed', detail: 'somebody newer has the target' }),
    });
  });
});
