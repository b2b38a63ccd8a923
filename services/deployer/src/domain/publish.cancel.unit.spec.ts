import type { PublishEvent } from '@m3/contracts';
import { fold } from '@m3/decider';
import { cancelPublish } from './publish.cancel.js';
import * as the from './publish.fixtures.js';
import { input, moment } from './publish.fixtures.js';
import { publishProcess } from './publish.react.js';

const process = publishProcess(moment);
const after = (history: readonly PublishEvent[], next: Parameters<typeof process.react>[0]) =>
  process.react(next, fold(process, history));
const types = (events: readonly PublishEvent[]) => events.map(({ type }) => type);
const cancel = { by: 'ann', reason: 'wrong version' };
const decide = (history: readonly PublishEvent[]) => cancelPublish(cancel, fold(process, history), moment);

/** The history with what the cancellation adds to it. */
function cancelled(history: readonly PublishEvent[]): readonly PublishEvent[] {
  const decision = decide(history);
  if (decision.outcome === 'rejected') throw new Error(decision.rejection.code);
  return [...history, ...decision.events];
}

describe('a cancellation', () => {
  it.each([
    ['requested', [the.requested()]],
    ['validating', [the.requested(), the.validating]],
    ['gating', the.untilGates],
    ['waiting for votes', [the.requested(the.withQuorum(2)), the.validating, the.gating, the.askedForApproval]],
    ['backing up', the.untilBackup],
  ])('ends a publish at once that touches nothing (%s)', (_step, history) => {
    expect(decide(history)).toMatchObject({
      outcome: 'accepted',
      events: [{ type: 'PublishCancelled', data: cancel }],
    });
  });

  it('is noted while artifacts are written, which are taken back: nothing remains', () => {
    const noted = cancelled(the.untilDeployment);
    const undone = after(noted, input.deployed);
    expect(types(undone)).toEqual(['ArtifactsDeployed', 'RestoreRequested']);
    expect(after([...noted, ...undone], input.restored)).toMatchObject([{ type: 'PublishCancelled', data: cancel }]);
  });

  it('is noted while the version becomes active, and rolls it back once it is', () => {
    const noted = cancelled(the.untilActivation);
    const undone = after(noted, input.activated);
    expect(undone).toMatchObject([
      { type: 'VersionActivated' },
      { type: 'RestoreRequested', data: { code: 'cancelled', reason: 'cancelled by ann: wrong version' } },
    ]);
    expectRolledBack([...noted, ...undone]);
  });

  it.each([
    ['verified', the.untilVerification, 'verifying'],
    ['announced', the.untilNotification, 'notifying'],
  ])('of a version that serves and is being %s rolls it back at once', (_what, history, failed_step) => {
    const undone = cancelled(history);
    expect(undone.slice(history.length)).toMatchObject([
      { type: 'PublishCancelRequested', data: cancel },
      { type: 'RestoreRequested', data: { fence: 11, failed_step, code: 'cancelled' } },
    ]);
    expect(after(undone, input.verified)).toEqual([]);
    expect(after(undone, input.notified)).toEqual([]);
    expectRolledBack(undone);
  });

  it('ends a step that fails at the same time as cancelled, not as failed', () => {
    const noted = cancelled(the.untilDeployment);
    const undone = after(noted, input.deploymentFailed);
    expect(after([...noted, ...undone], input.restored)).toMatchObject([{ type: 'PublishCancelled' }]);
  });

  it('said again changes nothing, and is refused once it is too late', () => {
    for (const history of [the.untilDeployment, the.untilActivation, the.untilVerification, the.untilNotification])
      expect(decide(cancelled(history))).toEqual({ outcome: 'accepted', events: [] });
    const failing = [...the.untilVerification, ...after(the.untilVerification, input.unhealthy)];
    expect(decide(failing)).toMatchObject({ rejection: { code: 'already_undoing' } });
    const over = [...the.untilNotification, ...after(the.untilNotification, input.notified)];
    expect(decide(over)).toMatchObject({ rejection: { code: 'publish_ended' } });
    expect(decide([])).toMatchObject({ rejection: { code: 'publish_not_found' } });
  });

  it('that was carried out is answered so when it is said again', () => {
    const { ended } = rolledBack(cancelled(the.untilVerification));
    expect(decide(ended)).toEqual({ outcome: 'accepted', events: [] });
  });

  it('is refused where the target was changed without a backup', () => {
    const deploying = the.deploying.type === 'DeploymentRequested' ? the.deploying.data : null;
    if (deploying === null) throw new Error('a deployment is requested');
    const history: PublishEvent[] = [
      ...the.untilBackup,
      { type: 'DeploymentRequested', data: { ...deploying, backup_id: null } },
    ];
    expect(decide(history)).toMatchObject({ rejection: { code: 'too_late_to_cancel' } });
  });
});

function rolledBack(history: readonly PublishEvent[]) {
  const restored = after(history, input.restored);
  const end = after([...history, ...restored], input.restoredVerified);
  return { restored, end, ended: [...history, ...restored, ...end] };
}

function expectRolledBack(history: readonly PublishEvent[]): void {
  const { restored, end } = rolledBack(history);
  expect(restored).toMatchObject([{ type: 'VerificationRequested', data: { verifies: 'rollback' } }]);
  expect(end.at(-1)).toMatchObject({ type: 'PublishRolledBack', data: { code: 'cancelled' } });
}
