import type { PublishEvent } from '@m3/contracts';
import { fold } from '@m3/decider';
import { processSpecification } from '@m3/testing';
import * as the from './publish.fixtures.js';
import { input, moment, momentAt } from './publish.fixtures.js';
import { publishProcess } from './publish.react.js';

const process = publishProcess(moment);
const { given } = processSpecification(process);
const after = (history: readonly PublishEvent[], next: Parameters<typeof process.react>[0], at = moment) =>
  publishProcess(at).react(next, fold(process, history));
const types = (events: readonly PublishEvent[]) => events.map(({ type }) => type);
const withApproval = [the.requested(the.withQuorum(2)), the.validating, the.gating, the.askedForApproval];

describe('a publish, step by step', () => {
  it('starts with its pre-publish validation', () => {
    expect(types(after([], input.triggered))).toEqual(['PublishRequested', 'ValidationRequested']);
  });

  it('is requested once, however often the trigger arrives', () => {
    given(the.requested(), the.validating).when(input.triggered).thenNothing();
  });

  it('runs the quality gates when validation passed, and none when it did not', () => {
    expect(types(after([the.requested(), the.validating], input.validation()))).toEqual(['GatesRequested']);
    expect(after([the.requested(), the.validating], input.validation('failed'))).toMatchObject([
      {
        type: 'PublishFailed',
        data: { step: 'validating', code: 'validation_failed', reason: 'gateway: connection refused' },
      },
    ]);
  });

  it('tells the gates what the target says of them, and waits longer where they may be overridden', () => {
    const gates = { integration: 'required' as const, override: { allowed_roles: ['admin'], wait_minutes: 30 } };
    const request = { ...the.request, target: { ...the.request.target, gates } };
    expect(after([the.requested(request), the.validating], input.validation())).toMatchObject([
      {
        type: 'GatesRequested',
        data: { settings: gates, results_by: '2026-03-19T14:33:45.000Z', deadline_at: '2026-03-19T15:04:45.000Z' },
      },
    ]);
    const [asked] = after([the.requested(), the.validating], input.validation());
    expect(asked?.data).not.toHaveProperty('settings');
    expect(asked?.data).not.toHaveProperty('results_by');
  });

  it('takes "no data" for inconclusive, which is never a pass', () => {
    expect(after(the.untilGates, input.gates('inconclusive'))).toMatchObject([
      { type: 'PublishFailed', data: { step: 'gating', code: 'gates_inconclusive' } },
    ]);
  });

  it('skips gates and approvals, not validation, in an emergency', () => {
    const emergency = the.requested({ ...the.withQuorum(2), trigger: 'emergency' });
    expect(types(after([emergency, the.validating], input.validation()))).toEqual(['ApprovalWaived']);
  });

  it('waives the approval where the target asks for none', () => {
    expect(types(after(the.untilGates, input.gates()))).toEqual(['ApprovalWaived']);
  });

  it('asks for approvals, leaving out requester and tag author, with the rule in force inside the event', () => {
    const rule = the.withQuorum(2).target.approval;
    expect(after([the.requested(the.withQuorum(2)), the.validating, the.gating], input.gates())).toMatchObject([
      { type: 'ApprovalRequested', data: { rule, excluded: ['ann'], expires_at: '2026-03-20T14:23:45.000Z' } },
    ]);
  });

  it('goes on with an approval of exactly what is deployed, and fails with any other', () => {
    expect(types(after(withApproval, input.approved()))).toEqual(['ApprovalConfirmed']);
    expect(after(withApproval, input.approved(`sha256:${'f'.repeat(64)}`))).toMatchObject([
      { type: 'PublishFailed', data: { code: 'approval_digest_mismatch' } },
    ]);
  });

  it('ends with the comment of a rejection', () => {
    expect(after(withApproval, input.rejected)).toMatchObject([
      { type: 'PublishRejected', data: { comment: 'not before the audit' } },
    ]);
  });

  it('deploys once the target is backed up, expecting the version that the backup found', () => {
    expect(after(the.untilBackup, input.backupTaken('v1.2.5'))).toMatchObject([
      { type: 'DeploymentRequested', data: { fence: 10, expected_version: 'v1.2.5' } },
    ]);
  });

  it('does not go back behind a version that became active while it waited', () => {
    expect(after(the.untilBackup, input.backupTaken('v1.4.0'))).toMatchObject([
      { type: 'PublishSuperseded', data: { by: null, reason: expect.stringContaining('v1.4.0 became active') } },
    ]);
  });

  it('stops when the backup fails, unless the target does not require one', () => {
    expect(after(the.untilBackup, input.backupFailed)).toMatchObject([
      { type: 'PublishFailed', data: { step: 'backing_up' } },
    ]);
    const optional: PublishEvent = {
      ...the.backingUp,
      data: { ...the.backingUp.data, required: false },
    } as PublishEvent;
    expect(after([...the.untilGates, the.waived, optional], input.backupFailed)).toMatchObject([
      { type: 'DeploymentRequested', data: { backup_id: null } },
    ]);
  });

  it('activates what was deployed, verifies what is active, announces what is verified', () => {
    expect(types(after(the.untilDeployment, input.deployed))).toEqual(['ArtifactsDeployed', 'ActivationRequested']);
    expect(types(after(the.untilActivation, input.activated))).toEqual(['VersionActivated', 'VerificationRequested']);
    expect(types(after(the.untilVerification, input.verified))).toEqual([
      'VerificationCompleted',
      'NotificationRequested',
    ]);
    expect(types(after(the.untilNotification, input.notified))).toEqual(['PublishSucceeded']);
  });

  it('succeeds although nobody could be notified in time', () => {
    expect(after(the.untilNotification, input.deadline, momentAt('2026-03-19T15:00:00.000Z'))).toMatchObject([
      { type: 'PublishSucceeded', data: { notified: false } },
    ]);
  });
});

describe('undoing', () => {
  it('puts the target back under a higher fence when verification fails, verifies it and has rolled back', () => {
    const undone = after(the.untilVerification, input.unhealthy);
    expect(undone).toMatchObject([
      { type: 'VerificationCompleted' },
      { type: 'RestoreRequested', data: { fence: 11, failed_step: 'verifying' } },
    ]);
    const restored = after([...the.untilVerification, ...undone], input.restored);
    expect(restored).toMatchObject([
      { type: 'VerificationRequested', data: { verifies: 'rollback', expected_version: 'v1.2.0' } },
    ]);
    const history = [...the.untilVerification, ...undone, ...restored];
    expect(after(history, input.restoredVerified)).toMatchObject([
      { type: 'VerificationCompleted', data: { verifies: 'rollback' } },
      { type: 'PublishRolledBack', data: { restored_version: 'v1.2.0' } },
    ]);
    expect(after(history, input.restoredUnhealthy)).toMatchObject([
      { type: 'VerificationCompleted' },
      { type: 'PublishRollbackFailed', data: { code: 'restored_version_unhealthy' } },
    ]);
  });

  it('does not take a verification of the version that failed, which ends late, for one of the restored version', () => {
    const undone = after(the.untilVerification, input.unhealthy);
    const restored = after([...the.untilVerification, ...undone], input.restored);
    const history = [...the.untilVerification, ...undone, ...restored];
    given(...history)
      .when(input.unhealthy)
      .thenNothing();
    given(...history)
      .when(input.verified)
      .thenNothing();
  });

  it('fails, with nothing left behind, when nothing had become active', () => {
    const undone = after(the.untilDeployment, input.deploymentFailed);
    expect(after([...the.untilDeployment, ...undone], input.restored)).toMatchObject([
      { type: 'PublishFailed', data: { step: 'deploying', code: 'planner_conflict' } },
    ]);
  });

  it.each([
    ['deploying', the.untilDeployment, input.deploymentFenced],
    ['activating', the.untilActivation, input.activationFenced],
  ] as const)(
    'is not needed by an attempt that the target has fenced off: it failed, and says so (%s)',
    (step, history, fenced) => {
      expect(after(history, fenced)).toMatchObject([
        { type: 'PublishFailed', data: { step, code: 'fenced', unknown: null, timed_out: false } },
      ]);
      const wish = {
        type: 'PublishCancelRequested',
        data: { publish_id: the.request.publish_id, by: 'ann', reason: 'no' },
      } as const;
      expect(after([...history, wish], fenced)).toMatchObject([{ type: 'PublishCancelled', data: { by: 'ann' } }]);
    },
  );

  it('says what an operator does by hand when the restore fails', () => {
    const history = [...the.untilVerification, the.restoring];
    const asking = [...history, ...after(history, input.restoreFailed)];
    const failed = after(asking, input.deadline, momentAt('2026-03-19T15:00:00.000Z')).at(-1);
    expect(failed).toMatchObject({ type: 'PublishRollbackFailed' });
    expect(failed?.type === 'PublishRollbackFailed' && failed.data.manual_steps.length).toBeGreaterThan(1);
  });
});

describe('deadlines', () => {
  const late = momentAt('2026-03-19T15:00:00.000Z');
  it.each([
    ['validating', [the.requested(), the.validating], 'PublishFailed'],
    ['gating', the.untilGates, 'PublishFailed'],
    ['backing_up', the.untilBackup, 'PublishFailed'],
    ['deploying', the.untilDeployment, 'TargetStateRequested'],
    ['activating', the.untilActivation, 'TargetStateRequested'],
    ['rolling_back', [...the.untilVerification, the.restoring], 'TargetStateRequested'],
    ['verifying', the.untilVerification, 'RestoreRequested'],
  ] as const)('%s that hangs is timed out', (_step, history, expected) => {
    expect(after(history, input.deadline)).toEqual([]);
    expect(after(history, input.deadline, late)).toMatchObject([{ type: expected, data: { timed_out: true } }]);
  });

  it('never end a wait for people', () => {
    expect(after(withApproval, input.deadline, late)).toEqual([]);
  });
});

describe('repeats', () => {
  it('of any input change nothing more', () => {
    for (const [history, next] of [
      [the.untilGates, input.gates()],
      [the.untilBackup, input.backupTaken()],
      [the.untilDeployment, input.deployed],
      [the.untilActivation, input.activated],
      [the.untilVerification, input.verified],
      [the.untilNotification, input.notified],
    ] as const) {
      given(...history)
        .when(next)
        .twice()
        .then(...after(history, next));
    }
  });

  it('of another attempt (another backup, another gate run) are not taken for this one', () => {
    const other = input.backupTaken();
    given(...the.untilBackup)
      .when(
        other.type === 'BackupTaken'
          ? { ...other, data: { ...other.data, backup_id: 'bkp_01930d8c-0000-7000-8000-000000000009' } }
          : other,
      )
      .thenNothing();
  });
});
