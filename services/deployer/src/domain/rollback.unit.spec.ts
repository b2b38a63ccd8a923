import { fencesPerGrant, type PublishEvent } from '@m3/contracts';
import { fold } from '@m3/decider';
import { cancelPublish } from './publish.cancel.js';
import { evolvePublish } from './publish.evolve.js';
import { example, moment, momentAt, request, untilActivation } from './publish.fixtures.js';
import { manualSteps } from './manual-steps.js';
import type { PublishInput } from './publish.inputs.js';
import { reactPublish } from './publish.react.js';
import { initialPublish, type PublishState } from './publish.state.js';
import { chooseRollback, type Grant, type RollbackFacts } from './rollback.choice.js';
import { startRollback } from './rollback.react.js';
import { endTakenOver } from './rollback.request.js';
import { evolveSlot, fenceOf, initialSlot, queueOf, takeOver } from './slot.js';

const rollback = example('RollbackRequested');
const begun = startRollback(rollback, moment);
const stateAfter = (events: readonly PublishEvent[]): PublishState =>
  fold({ initial: initialPublish, evolve: evolvePublish }, events);

const answers: readonly PublishInput[] = [
  { type: 'BackupChecked', data: example('BackupChecked') },
  {
    type: 'RoutingStopTried',
    result: { outcome: 'stopped', reason: null, duration_ms: 1, log: [] },
  },
  { type: 'BackupRestored', data: example('BackupRestored') },
  {
    type: 'Reactivated',
    result: { outcome: 'reactivated', previous_version: null, draining: [], duration_ms: 1, log: [] },
  },
  { type: 'Verified', verifies: 'rollback', result: { outcome: 'passed', checks: [], duration_ms: 1 } },
  {
    type: 'NotificationAttempted',
    data: { ...example('NotificationAttempted'), notification_id: moment.newIds.notification },
  },
];

/** The history after so many answers, as if all went well. */
function historyAfter(count: number): readonly PublishEvent[] {
  let history = begun;
  for (const input of answers.slice(0, count))
    history = [...history, ...reactPublish(input, stateAfter(history), moment)];
  return history;
}

const bad = { outcome: 'failed', checks: [], duration_ms: 1 } as const;

describe('a rollback that was asked for', () => {
  it('takes its six steps in order, each that writes under a higher fence than the one before', () => {
    const history = historyAfter(answers.length);
    expect(history.map(({ type }) => type)).toEqual([
      ...['RollbackRequested', 'BackupCheckRequested', 'RoutingStopRequested', 'RoutingStopped'],
      ...['RollbackRestoreRequested', 'ReactivationRequested', 'VersionReactivated', 'VerificationRequested'],
      ...['VerificationCompleted', 'NotificationRequested', 'PublishSucceeded'],
    ]);
    const fences = history.flatMap(({ type, data }) =>
      type.endsWith('Requested') && type !== 'RollbackRequested' && 'fence' in data ? [data.fence] : [],
    );
    expect(fences).toEqual([rollback.fence, rollback.fence + 1, rollback.fence + 2]);
  });

  it('does not move for an answer that comes again, or too early', () => {
    for (let step = 0; step < answers.length; step += 1) {
      const state = stateAfter(historyAfter(step));
      const others = answers.filter((_, index) => index !== step);
      for (const other of others) expect(reactPublish(other, state, moment)).toEqual([]);
    }
  });

  it.each<[string, number, PublishInput, string]>([
    [
      'an altered backup',
      0,
      { type: 'BackupChecked', data: { ...example('BackupChecked'), outcome: 'altered', reason: 'other digest' } },
      'backup_altered',
    ],
    ['a newer attempt', 1, { type: 'RoutingStopTried', result: { outcome: 'fenced', reason: 'by hand' } }, 'fenced'],
    [
      'a restore that fails',
      2,
      { type: 'BackupRestoreFailed', data: example('BackupRestoreFailed') },
      'digest_mismatch',
    ],
    [
      'a gateway that does not follow',
      3,
      { type: 'Reactivated', result: { outcome: 'failed', code: 'gateway_lags', reason: 'v1.3.0', unknown: null } },
      'gateway_lags',
    ],
    [
      'a version that does not work any more',
      4,
      { type: 'Verified', verifies: 'rollback', result: { ...bad, checks: [] } },
      'restored_version_unhealthy',
    ],
  ])('is ended by %s, with what to do by hand, and is never undone itself', (_, step, input, code) => {
    const [end] = reactPublish(input, stateAfter(historyAfter(step)), moment).slice(-1);
    const stopped = step === 1 || step === 2;
    const manual_steps = manualSteps(rollback, { backup_id: rollback.backup_id, code, stopped });
    expect(end).toMatchObject({ type: 'PublishRollbackFailed', data: { code, manual_steps } });
  });

  it('goes on where new executions could not be stopped: the restore is what counts', () => {
    const result = { outcome: 'not_stopped', reason: 'no answer', duration_ms: 0, log: [] } as const;
    const events = reactPublish(
      { type: 'RoutingStopTried', result: { ...result, log: [] } },
      stateAfter(historyAfter(1)),
      moment,
    );
    expect(events.map(({ type }) => type)).toEqual(['RoutingStopped', 'RollbackRestoreRequested']);
  });

  it.each([0, 1, 2, 3, 4])('hangs in no step for ever (%i)', (step) => {
    const state = stateAfter(historyAfter(step));
    expect(reactPublish({ type: 'DeadlinePassed' }, state, moment)).toEqual([]);
    const late = momentAt('2026-03-19T15:00:00.000Z');
    expect(reactPublish({ type: 'DeadlinePassed' }, state, late)).toMatchObject([
      { type: 'PublishRollbackFailed', data: { code: 'timed_out' } },
    ]);
  });

  it('can be cancelled until it begins to change the target, unless it has stopped a publish', () => {
    const wish = { by: 'ann', reason: 'wrong target' };
    const cancelled = (events: readonly PublishEvent[]) => cancelPublish(wish, stateAfter(events), moment);
    expect(cancelled(begun)).toMatchObject({ outcome: 'accepted', events: [{ type: 'PublishCancelled' }] });
    const late = { outcome: 'rejected', rejection: { code: 'too_late_to_cancel' } };
    for (const step of [1, 2, 3, 4, 5]) expect(cancelled(historyAfter(step))).toMatchObject(late);
    const over = startRollback({ ...rollback, takes_over: [rollback.publish_id] }, moment);
    expect(cancelled(over)).toMatchObject(late);
  });
});

describe('a slot that a rollback takes over', () => {
  const target = request.target.target_id;
  const [holder, waiting] = ['pub_holder', 'pub_waiting'];

  it('has one holder, whose fence outranks all before; who waits goes on waiting', () => {
    const before = [
      { type: 'SlotGranted', data: { target_id: target, publish_id: holder, fence: 10 } },
      { type: 'SlotQueued', data: { target_id: target, publish_id: waiting } },
    ] as const;
    const held = before.reduce(evolveSlot, initialSlot);
    const after = takeOver(held, target, 'pub_rollback').reduce(evolveSlot, held);
    expect(after.holders).toEqual([{ publish_id: 'pub_rollback', fence: 2 * fencesPerGrant }]);
    expect(fenceOf(after, holder)).toBeNull();
    expect(queueOf(after)).toEqual([waiting]);
  });

  it('ends the publish that had it, once, with the reason', () => {
    const [end] = endTakenOver(stateAfter(untilActivation), 'pub_rollback');
    expect(end).toMatchObject({
      type: 'PublishSuperseded',
      data: { by: 'pub_rollback', reason: expect.stringContaining('activating') },
    });
    expect(end && endTakenOver(stateAfter([...untilActivation, end]), 'pub_other')).toEqual([]);
  });
});

describe('what a rollback brings back', () => {
  const backup = (active_version: string | null, usable = true): Grant['found'] => ({
    taken: { ...example('BackupTaken'), active_version },
    ...{ taken_at: moment.now, usable, version: 1 },
  });
  const grant = (version: string, found: Grant['found'], more: Partial<Grant> = {}): Grant => ({
    ...{ publish_id: `pub_${version}`, trigger_key: 'tag', is_rollback: false, running: false, status: 'succeeded' },
    release: { project: 'invoice-pipeline', version, bundle_digest: request.bundle_digest, tagged_by: 'ann' },
    ...{ activated: true, found, ...more },
  });
  const history = [grant('v3', backup('v2')), grant('v2', backup('v1')), grant('v1', backup(null))];
  const choose = (more: Partial<RollbackFacts>) =>
    chooseRollback({
      ...{ wish: { publish_id: null, to: null }, active: { version: 'v3', previous_version: 'v2' } },
      ...{ grants: history, complete: true, ...more },
    });
  const to = (version: string) => ({ wish: { publish_id: null, to: version } });
  const undo = (version: string) => ({ wish: { publish_id: `pub_${version}`, to: null } });

  it('is the previous version, or any that was active', () => {
    expect(choose({})).toMatchObject({ release: { version: 'v2' }, undoes: 'pub_v3' });
    expect(choose(to('v1'))).toMatchObject({ release: { version: 'v1' }, undoes: 'pub_v3' });
  });

  it('is what a running publish found, whether its version is active already or not', () => {
    const running = [grant('v4', backup('v3'), { running: true, activated: false }), ...history];
    expect(choose({ grants: running })).toMatchObject({ release: { version: 'v3' }, undoes: 'pub_v4' });
    const active = { version: 'v4', previous_version: 'v3' };
    expect(choose({ grants: running, active })).toMatchObject({ release: { version: 'v3' }, undoes: 'pub_v4' });
  });

  it('is looked for further back where the newest publishes do not tell', () => {
    expect(choose({ ...to('v1'), grants: history.slice(0, 1), complete: false })).toEqual({ outcome: 'read_on' });
  });

  it.each<[string, Partial<RollbackFacts>]>([
    ['already_active', to('v3')],
    ['version_never_active', to('v9')],
    ['no_previous_version', { active: { version: 'v1', previous_version: null } }],
    ['no_previous_version', { ...undo('v1'), active: { version: 'v1', previous_version: null } }],
    ['no_longer_active', undo('v2')],
    ['nothing_to_roll_back', undo('v9')],
    ['no_backup_of_version', { ...to('v2'), grants: [grant('v3', backup('v2', false)), ...history.slice(1)] }],
    ['no_backup_of_version', { ...undo('v3'), grants: [grant('v3', null), ...history.slice(1)] }],
  ])('is refused with %s', (code, facts) => {
    expect(choose(facts)).toMatchObject({ outcome: 'rejected', rejection: { code } });
  });
});
