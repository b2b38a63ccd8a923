import { declared, publishEvents, slotEvents, type DomainEventType, type OverdueEvent } from '@m3/contracts';
import {
  answeredIn,
  decideOverdue,
  evolveOverdue,
  expectation,
  expectedAfter,
  matters,
  type Incident,
  type Told,
} from './overdue.js';

const at = '2026-03-19T14:23:45.000Z';
const publish = 'pub_01930d8c-0000-7000-8000-000000000001';
const told = (type: DomainEventType, more: object = {}): Told => ({
  type,
  data: { ...structuredClone<object>(declared(type).example), ...more },
  at,
});
const deadline_at = '2026-03-19T14:30:00.000Z';

describe('what a publish has to bring by a time', () => {
  it.each([
    ['ValidationRequested', 'gates'],
    ['GatesRequested', 'gates'],
    ['BackupRequested', 'backups'],
    ['DeploymentRequested', 'deployer'],
    ['TrafficShiftRequested', 'deployer'],
    ['TrafficReturnRequested', 'deployer'],
    ['ActivationRequested', 'deployer'],
    ['VerificationRequested', 'deployer'],
    ['TargetStateRequested', 'deployer'],
    ['RestoreRequested', 'backups'],
    ['BackupCheckRequested', 'backups'],
    ['RoutingStopRequested', 'deployer'],
    ['RollbackRestoreRequested', 'backups'],
    ['ReactivationRequested', 'deployer'],
    ['NotificationRequested', 'notifier'],
  ] as const)('is the result of %s, by its deadline, from %s', (type, service) => {
    expect(expectation([told(type, { deadline_at })])).toMatchObject({ service, due_at: deadline_at });
  });

  it('stays so while the step tells of itself', () => {
    const history = [told('BackupRequested', { deadline_at }), told('PublishCancelRequested')];
    expect(expectation(history)).toMatchObject({ due_at: deadline_at });
  });

  it('is the judgement of a share of the traffic when it has been watched for as long as it may be', () => {
    const shifted = told('TrafficShifted', { watch_until: '2026-03-19T14:25:00.000Z', deadline_at });
    const longer = told('TrafficJudged', { outcome: 'inconclusive' });
    for (const history of [[shifted], [shifted, longer]])
      expect(expectation(history)).toMatchObject({ service: 'deployer', due_at: deadline_at });
  });

  it.each(['PublishTriggered', 'PublishRequested', 'ApprovalConfirmed', 'SlotGranted'] as const)(
    'is the next step, at once, after %s',
    (type) => {
      expect(expectation([told(type)])).toMatchObject({ service: 'deployer', due_at: at });
    },
  );

  it('is the start at the time that was named', () => {
    expect(expectation([told('StartDelayed', { resume_at: deadline_at })])).toMatchObject({ due_at: deadline_at });
    expect(expectation([told('StartDelayed', { resume_at: null })])).toBeNull();
  });

  it('never follows from what is not read', () => {
    const unread = [...publishEvents, ...slotEvents].filter((definition) => !matters(definition));
    expect(unread.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['ArtifactsDeployed', 'VerificationCompleted']),
    );
    for (const { type } of unread) expect({ type, expected: expectedAfter(told(type)) }).toEqual({ type });
  });

  it('is that approvals opens an approval at once, and ends or escalates it in time; then that the deployer goes on', () => {
    const asked = told('ApprovalRequested');
    const opened = told('ApprovalOpened', { expires_at: deadline_at });
    expect(expectation([asked])).toMatchObject({ service: 'approvals', due_at: at });
    expect(expectation([asked, opened])).toMatchObject({ service: 'approvals', due_at: deadline_at });
    expect(expectation([asked, opened, told('ApprovalVoted'), told('ApprovalReminded')])?.due_at).toBe(deadline_at);
    expect(expectation([asked, told('ApprovalOpened', { expires_at: null })])).toBeNull();
    expect(expectation([asked, opened, told('ApprovalEscalated')])).toBeNull();
    for (const end of ['ApprovalGranted', 'ApprovalRejected'] as const)
      expect(expectation([asked, opened, told(end)])).toMatchObject({ service: 'deployer', due_at: at });
  });

  it('is that gates have results in time, or people decide; then that the deployer goes on', () => {
    const asked = told('GatesRequested', { results_by: deadline_at, deadline_at: '2026-03-19T15:00:00.000Z' });
    const awaited = told('OverrideAwaited', { deadline_at: '2026-03-19T14:59:00.000Z' });
    expect(expectation([asked, told('GateAsked'), told('GateCompleted')])?.due_at).toBe(deadline_at);
    expect(expectation([asked, awaited])).toMatchObject({ service: 'gates', due_at: '2026-03-19T14:59:00.000Z' });
    expect(expectation([asked, awaited, told('GatesCompleted')])).toMatchObject({ service: 'deployer', due_at: at });
  });

  it('is told in the stream of whoever has to bring it, while nothing has followed on that in its own', () => {
    const { gate_run_id } = declared('GatesRequested').example;
    const { approval_id } = declared('ApprovalRequested').example;
    expect(answeredIn([told('PublishRequested'), told('GatesRequested')])).toBe(`gaterun-${gate_run_id}`);
    expect(answeredIn([told('GatesRequested'), told('ApprovalRequested')])).toBe(`approval-${approval_id}`);
    expect(answeredIn([told('ApprovalRequested'), told('ApprovalConfirmed')])).toBeNull();
    expect(answeredIn([told('ApprovalRequested'), told('PublishCancelled')])).toBeNull();
  });

  it('is nothing once it has ended, or while others are ahead', () => {
    for (const type of ['PublishSucceeded', 'PublishFailed', 'PublishRollbackFailed', 'SlotAwaited'] as const)
      expect(expectation([told('BackupRequested', { deadline_at }), told(type)])).toBeNull();
  });
});

describe('an alert', () => {
  const expected = { service: 'backups', due_at: deadline_at, reason: 'no result' };
  const decide = (open: Incident, now: string, waits: typeof expected | null = expected) =>
    decideOverdue(publish, waits, { late: 30, now }, open);
  const [missed] = decide(null, '2026-03-19T14:30:30.000Z');
  const open = (missed ? [missed] : []).reduce<Incident>(
    (state, event: OverdueEvent) => evolveOverdue(state, event),
    null,
  );

  it('comes once for each incident, when something is later than it may be', () => {
    expect(decide(null, '2026-03-19T14:30:29.999Z')).toEqual([]);
    expect(missed).toMatchObject({
      type: 'DeadlineMissed',
      data: { publish_id: publish, service: 'backups', deadline_at },
    });
    expect(decide(open, '2026-03-19T15:30:00.000Z')).toEqual([]);
  });

  it('is over when the publish went on, or has ended', () => {
    const later = { ...expected, due_at: '2026-03-19T16:00:00.000Z' };
    for (const next of [later, null]) {
      const [caughtUp, ...more] = decide(open, '2026-03-19T15:30:00.000Z', next);
      expect([caughtUp, more]).toMatchObject([{ type: 'DeadlineCaughtUp', data: { missed_at: deadline_at } }, []]);
      if (caughtUp) expect(evolveOverdue(open, caughtUp)).toBeNull();
    }
  });
});
