import { specifies } from '../testing/projection-specification.js';
import { idOf, publishUpTo, told } from '../testing/stories.js';
import { projections } from './catalogue.js';

const { targets, versions, publishes, approvals, backups, verifications, notifications, deadLetters } = projections;
const story = 7;

describe('publishes', () => {
  const { given } = specifies(publishes);
  const step = (name: string, fields: object): unknown =>
    expect.arrayContaining([expect.objectContaining({ step: name, ...fields })]);

  it('begin with their trigger, before the deployer has heard of them', () => {
    given(told(story, 'PublishTriggered'))
      .twice()
      .then({
        publish_id: idOf('publish', story),
        status: 'requested',
        waiting: { for: 'deployer', since: expect.anything() },
      });
  });

  it('go through eight steps and succeed', () => {
    given(...publishUpTo(story, 'succeeded'))
      .twice()
      .then({
        status: 'succeeded',
        previous_version: 'v1.2.0',
        waiting: { for: 'nothing' },
        ended_at: '2026-03-19T14:24:05.000Z',
        steps: [
          'validating',
          'gating',
          'awaiting_approval',
          'backing_up',
          'deploying',
          'activating',
          'verifying',
          'notifying',
        ].map((name): unknown =>
          expect.objectContaining({
            step: name,
            status: 'passed',
            started_at: expect.any(String),
            ended_at: expect.any(String),
          }),
        ),
      });
  });

  it('know how long a step took', () => {
    given(...publishUpTo(story, 'validated')).then({ steps: step('validating', { duration_ms: 1000 }) });
  });

  it('have their later steps before them again in another round of checks', () => {
    given(...publishUpTo(story, 'approvalAsked'), told(story, 'ApprovalVoided'), told(story, 'ValidationRequested'))
      .twice()
      .then({
        status: 'validating',
        steps: expect.arrayContaining([
          expect.objectContaining({ step: 'validating', status: 'running' }),
          expect.objectContaining({ step: 'gating', status: 'pending', ended_at: null }),
          expect.objectContaining({ step: 'awaiting_approval', status: 'pending', started_at: null }),
        ]),
      });
  });

  it('show the step that runs, with its deadline', () => {
    given(...publishUpTo(story, 'requested'), told(story, 'ValidationRequested')).then({
      status: 'validating',
      waiting: { for: 'step', step: 'validating', since: expect.any(String), deadline_at: expect.any(String) },
    });
  });

  it('wait for approvals, and say which', () => {
    given(...publishUpTo(story, 'approvalAsked')).then({
      status: 'awaiting_approval',
      waiting: expect.objectContaining({ for: 'approval', approval_id: idOf('approval', story) }),
    });
  });

  it('skip the approval that is not needed', () => {
    given(...publishUpTo(story, 'gated'), told(story, 'ApprovalWaived'), told(story, 'BackupRequested')).then({
      status: 'backing_up',
      steps: step('awaiting_approval', { status: 'skipped', detail: 'the target asks for no approvals' }),
    });
  });

  it('wait for those ahead of them on the target', () => {
    given(...publishUpTo(story, 'gated'), told(story, 'ApprovalWaived'), told(story, 'SlotAwaited')).then({
      status: 'waiting_for_slot',
      waiting: expect.objectContaining({ for: 'slot', ahead: [idOf('publish', story)] }),
    });
  });

  it('wait for their start since the first of the delays, and keep who let them start all the same', () => {
    const { blocks } = {
      blocks: [{ kind: 'hold', reason: 'audit', since: null, until: null, unblocked_by: ['admin'] }],
    };
    const ready = [...publishUpTo(story, 'gated'), told(story, 'ApprovalWaived')];
    given(...ready, told(story, 'StartDelayed')).then({ status: 'waiting_for_window' });
    given(...ready, told(story, 'StartDelayed'), told(story, 'StartDelayed', { blocks, resume_at: null })).then({
      status: 'waiting_for_release',
      waiting: { for: 'start', since: '2026-03-19T14:23:52.000Z', resume_at: null, blocks },
    });
    given(...ready, told(story, 'StartDelayed'), told(story, 'StartOverridden'), told(story, 'BackupRequested')).then({
      status: 'backing_up',
      overrides: [expect.objectContaining({ by: 'ann', reason: 'the fix for the outage' })],
    });
  });

  it('end as superseded, and say by what', () => {
    given(...publishUpTo(story, 'approvalAsked'), told(story, 'PublishSuperseded')).then({
      status: 'superseded',
      outcome_reason: 'v1.4.0 goes in its stead',
    });
  });

  it('fail in the step that failed, and never begin the rest', () => {
    given(...publishUpTo(story, 'requested'), told(story, 'ValidationRequested'), told(story, 'PublishFailed'))
      .twice()
      .then({
        status: 'failed',
        outcome_reason: 'connection refused',
        failure: expect.objectContaining({ step: 'validating', code: 'gateway_unreachable' }),
        steps: expect.arrayContaining([
          expect.objectContaining({ step: 'validating', status: 'failed', detail: 'connection refused' }),
          expect.objectContaining({ step: 'notifying', status: 'skipped' }),
        ]),
      });
  });

  it('end as rejected with the comment of who rejected', () => {
    given(...publishUpTo(story, 'approvalAsked'), told(story, 'ApprovalRejected'), told(story, 'PublishRejected')).then(
      {
        status: 'rejected',
        outcome_reason: 'bob: not before the audit',
        steps: step('awaiting_approval', { status: 'failed' }),
      },
    );
  });

  it('roll back after a failed verification, as a step of its own', () => {
    const failing = told(story, 'VerificationCompleted', { outcome: 'failed' });
    const events = [...publishUpTo(story, 'activated'), told(story, 'VerificationRequested'), failing];
    given(...events, told(story, 'RestoreRequested')).then({
      status: 'rolling_back',
      failure: expect.objectContaining({ step: 'verifying', code: 'verification_failed' }),
      steps: step('rolling_back', { status: 'running' }),
    });
    given(...events, told(story, 'RestoreRequested'), told(story, 'BackupRestored'), told(story, 'PublishRolledBack'))
      .twice()
      .then({ status: 'rolled_back', steps: step('rolling_back', { status: 'passed', detail: 'back on v1.2.0' }) });
  });

  it('tell what to do by hand when the rollback failed', () => {
    given(
      ...publishUpTo(story, 'activated'),
      told(story, 'RestoreRequested'),
      told(story, 'PublishRollbackFailed'),
    ).then({
      status: 'rollback_failed',
      failure: expect.objectContaining({ step: 'verifying', manual_steps: ['m3-publish target list'] }),
      steps: step('rolling_back', { status: 'failed' }),
    });
  });

  it('say who cancelled them', () => {
    given(...publishUpTo(story, 'gated'), told(story, 'PublishCancelRequested'), told(story, 'PublishCancelled')).then({
      status: 'cancelled',
      cancel_requested_by: 'ann',
      outcome_reason: 'cancelled by ann: wrong version',
    });
  });

  it('do not begin in the middle', () => {
    given(told(story, 'BackupRequested')).thenNothing();
  });
});

describe('targets', () => {
  const { given } = specifies(targets);
  const created = told(story, 'TargetCreated');

  it('are active once created, and count their changes', () => {
    given(created, told(story, 'TargetChanged')).twice().then({ enabled: true, hold: null, revision: 2, active: null });
  });

  it('say who holds them, why and since when', () => {
    given(created, told(story, 'TargetHeld')).then({
      hold: { reason: 'rollback of v1.3.0 failed', by: 'ann', since: '2026-03-19T14:23:46.000Z' },
    });
    given(created, told(story, 'TargetHeld'), told(story, 'TargetReleased')).twice().then({ hold: null });
  });

  it('can be disabled and enabled', () => {
    given(created, told(story, 'TargetDisabled')).then({ enabled: false });
    given(created, told(story, 'TargetDisabled'), told(story, 'TargetEnabled')).then({ enabled: true });
  });

  it('know the version that is active, and the one that is active again after a rollback', () => {
    const first = told(story, 'VersionActivated', { version: 'v1.2.0', previous_version: null });
    const second = told(story, 'VersionActivated');
    given(created, first, second).then({
      active: expect.objectContaining({ version: 'v1.3.0', previous_version: 'v1.2.0' }),
    });
    given(created, first, second, told(story, 'PublishRolledBack'))
      .twice()
      .then({ active: expect.objectContaining({ version: 'v1.2.0', project: 'invoice-pipeline' }) });
    given(created, second, told(story, 'PublishRolledBack', { restored_version: null })).then({ active: null });
  });

  it('go on with the version that was active all the time, where another one had a share of the traffic only', () => {
    const since = '2026-03-19T14:23:46.000Z';
    const active = told(story, 'VersionActivated', { version: 'v1.2.0', publish_id: idOf('publish', 1) });
    given(created, active, told(story, 'PublishRolledBack'))
      .twice()
      .then({ active: expect.objectContaining({ version: 'v1.2.0', publish_id: idOf('publish', 1), since }) });
  });
});

describe('other read models', () => {
  it('versions count conflicting tags', () => {
    specifies(versions)
      .given(told(story, 'VersionTagged'), told(story, 'VersionConflictDetected'))
      .twice()
      .then({ version: 'v1.3.0', conflicts: 1 });
  });

  it('approvals list votes and end once', () => {
    const opened = told(story, 'ApprovalOpened');
    const { given } = specifies(approvals);
    given(opened).then({ status: 'open', votes: [] });
    given(opened, told(story, 'ApprovalVoted'), told(story, 'ApprovalGranted'))
      .twice()
      .then({ status: 'granted', votes: [expect.objectContaining({ by: 'bob', decision: 'approve' })] });
    given(opened, told(story, 'ApprovalRejected')).then({ status: 'rejected', outcome_reason: 'not before the audit' });
    given(opened, told(story, 'ApprovalClosed')).then({ status: 'closed' });
    given(opened, told(story, 'ApprovalEscalated')).then({ status: 'open', escalated_at: '2026-03-19T14:23:46.000Z' });
  });

  it('backups go from requested to taken to restored', () => {
    const { given } = specifies(backups);
    const requested = told(story, 'BackupRequested');
    given(requested).then({ status: 'requested', name: null });
    given(requested, told(story, 'BackupTaken'))
      .twice()
      .then({ status: 'taken', name: 'backup-production-20260319-142345' });
    given(requested, told(story, 'BackupTaken'), told(story, 'BackupRestored')).then({ status: 'restored' });
    given(requested, told(story, 'BackupFailed')).then({
      status: 'failed',
      failure: expect.objectContaining({ code: 'storage_unreachable' }),
    });
  });

  it('backups stay listed when they are deleted, with what was found when they were last looked at', () => {
    const { given } = specifies(backups);
    const taken = [told(story, 'BackupRequested'), told(story, 'BackupTaken'), told(story, 'BackupVerified')];
    given(...taken)
      .twice()
      .then({ status: 'taken', verification: { outcome: 'ok', reason: null, at: '2026-03-19T14:23:47.000Z' } });
    given(...taken, told(story, 'BackupDeleted'))
      .twice()
      .then({
        status: 'deleted',
        deleted_at: '2026-03-19T14:23:48.000Z',
        deleted_reason: 'older than 30 days, and not among the newest 10',
      });
    given(...taken, told(story, 'TargetRestoredByHand')).then({ status: 'restored' });
  });

  it('verifications count what was found, and show what is wrong', () => {
    const { given } = specifies(verifications);
    const parts = [1, 2].map(() => told(story, 'BackupVerificationRequested', { total: 3 }));
    given(...parts).then({ total: 3, done: 0, requested_by: 'ann' });
    const bad = told(story, 'BackupVerified', { outcome: 'missing', reason: 'there is no such object' });
    given(...parts, told(story, 'BackupVerified'), bad)
      .twice()
      .then({
        done: 2,
        outcomes: { ok: 1, altered: 0, missing: 1, unreadable: 0 },
        faults: [{ backup_id: idOf('backup', story), outcome: 'missing', reason: 'there is no such object' }],
      });
  });

  it('a target runs what was restored by hand', () => {
    specifies(targets)
      .given(told(story, 'TargetCreated'), told(story, 'VersionActivated'), told(story, 'TargetRestoredByHand'))
      .twice()
      .then({ active: expect.objectContaining({ version: 'v1.2.0', previous_version: 'v1.1.0' }), previous: null });
  });

  it('notifications show the latest attempt of each channel', () => {
    specifies(notifications)
      .given(told(story, 'NotificationAttempted'), told(story, 'NotificationRetried'))
      .twice()
      .then({ deliveries: [expect.objectContaining({ channel: 'release-webhook', attempt: 2, outcome: 'deferred' })] });
  });

  it('dead letters are open until replayed or discarded', () => {
    const { given } = specifies(deadLetters);
    const letter = told(story, 'DeadLetterRecorded');
    given(letter).then({ status: 'open', field: null });
    given(letter, told(story, 'DeadLetterReplayed')).twice().then({ status: 'replayed', settled_by: 'ann' });
    given(letter, told(story, 'DeadLetterDiscarded')).then({
      status: 'discarded',
      settled_reason: 'sender fixed and sent again',
    });
  });

  it('a dead letter whose replay fails is open again, unless it was given up meanwhile', () => {
    const { given } = specifies(deadLetters);
    const [letter, replay] = [told(story, 'DeadLetterRecorded'), told(story, 'DeadLetterReplayed')];
    const failed = told(story, 'DeadLetterFailedAgain', { code: 'invalid_bundle', attempts: 3 });
    given(letter, replay, failed)
      .twice()
      .then({
        ...{ status: 'open', code: 'invalid_bundle', attempts: 4, failed_replays: 1 },
        ...{ settled_by: null, settled_at: null },
      });
    given(letter, failed, replay).then({ status: 'open', failed_replays: 1 });
    given(letter, replay, told(story, 'DeadLetterDiscarded'), failed).then({ status: 'discarded', failed_replays: 1 });
  });
});
