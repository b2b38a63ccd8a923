import type { EventData, PublishEvent, RecordedEvent, TrafficPlan } from '@m3/contracts';
import { fold } from '@m3/decider';
import { deadlineOf } from '../../services/deployer/src/domain/publish.deadline.js';
import * as the from '../../services/deployer/src/domain/publish.fixtures.js';
import { example, moment } from '../../services/deployer/src/domain/publish.fixtures.js';
import { publishProcess } from '../../services/deployer/src/domain/publish.react.js';
import type { PublishState } from '../../services/deployer/src/domain/publish.state.js';
import { startRollback } from '../../services/deployer/src/domain/rollback.react.js';
import { isLogEntry } from '../../services/gateway/src/projections/log-entry.js';
import { evolveRow, type Row } from '../../services/gateway/src/projections/projection.js';
import type { PublishRow } from '../../services/gateway/src/projections/publish-row.js';
import { publishes } from '../../services/gateway/src/projections/publishes.js';
import { publishWhy } from '../../services/gateway/src/read-models/publish-why.js';

/** The process of the deployer beside what the gateway says of it: in every state that waits, `why` has an answer. */

const { subject } = the;
const { publish_id, target_id } = subject;
const later = '2026-03-19T15:00:00.000Z';

const asking = (step: EventData<'TargetStateRequested'>['step']): PublishEvent => ({
  type: 'TargetStateRequested',
  data: { ...example('TargetStateRequested'), subject, step, deadline_at: later },
});
const delayed: PublishEvent = { type: 'StartDelayed', data: { ...example('StartDelayed'), subject } };
const queued: PublishEvent = { type: 'SlotAwaited', data: { publish_id, target_id, ahead: [publish_id] } };
const verifyingAgain: PublishEvent = {
  type: 'VerificationRequested',
  data: { ...example('VerificationRequested'), subject, verifies: 'rollback', deadline_at: later },
};
const failed: PublishEvent = { type: 'PublishFailed', data: { ...example('PublishFailed'), publish_id, target_id } };

const untilVotes = [the.requested(the.withQuorum(2)), the.validating, the.gating, the.askedForApproval];
const untilReady = [...the.untilGates, the.waived];
const restoring = [...the.untilVerification, the.restoring];
const checkingBackup = startRollback(example('RollbackRequested'), moment);
const stoppingRouting: readonly PublishEvent[] = [
  ...checkingBackup,
  { type: 'RoutingStopRequested', data: example('RoutingStopRequested') },
];
const restoringBackup: readonly PublishEvent[] = [
  ...stoppingRouting,
  { type: 'RoutingStopped', data: example('RoutingStopped') },
  { type: 'RollbackRestoreRequested', data: example('RollbackRestoreRequested') },
];
const reactivating: readonly PublishEvent[] = [
  ...restoringBackup,
  { type: 'ReactivationRequested', data: example('ReactivationRequested') },
];
const verifyingRollback: readonly PublishEvent[] = [
  ...reactivating,
  { type: 'VersionReactivated', data: example('VersionReactivated') },
  verifyingAgain,
];
const announcingRollback: readonly PublishEvent[] = [...verifyingRollback, the.verified, the.notifying];
const traffic: TrafficPlan = {
  ...{ strategy: 'canary', steps: [{ weight: 10, pause_seconds: 60 }] },
  ...{ max_error_rate: 5, max_p95_ms: null, min_requests: 20, extend_seconds: 30 },
};
const shared = the.requested({ ...the.request, target: { ...the.request.target, traffic } });
const shifting: readonly PublishEvent[] = [
  ...[shared, ...the.untilDeployment.slice(1), the.deployed],
  { type: 'TrafficShiftRequested', data: { ...example('TrafficShiftRequested'), subject, deadline_at: later } },
];
const watching: readonly PublishEvent[] = [
  ...shifting,
  { type: 'TrafficShifted', data: { ...example('TrafficShifted'), shifted_at: the.now, deadline_at: later } },
];
const returning: readonly PublishEvent[] = [
  ...watching,
  { type: 'TrafficReturnRequested', data: { ...example('TrafficReturnRequested'), subject, deadline_at: later } },
];
const states: readonly [PublishState['status'], readonly PublishEvent[]][] = [
  ['requested', [the.requested()]],
  ['validating', [the.requested(), the.validating]],
  ['gating', the.untilGates],
  ['awaiting_approval', untilVotes],
  ['waiting_to_start', [...untilReady, delayed]],
  ['awaiting_slot', [...untilReady, queued]],
  ['backing_up', the.untilBackup],
  ['deploying', the.untilDeployment],
  ['asking', [...the.untilDeployment, asking('deploying')]],
  ['shifting', shifting],
  ['watching', watching],
  ['returning', returning],
  ['activating', the.untilActivation],
  ['asking', [...the.untilActivation, asking('activating')]],
  ['verifying', the.untilVerification],
  ['notifying', the.untilNotification],
  ['restoring', restoring],
  ['asking', [...restoring, asking('rolling_back')]],
  ['verifying_restored', [...restoring, verifyingAgain]],
  ['rollback_requested', checkingBackup.slice(0, 1)],
  ['checking_backup', checkingBackup],
  ['stopping_routing', stoppingRouting],
  ['restoring_backup', restoringBackup],
  ['reactivating', reactivating],
  ['verifying_rollback', verifyingRollback],
  ['announcing_rollback', announcingRollback],
];

function whyOf(history: readonly PublishEvent[]) {
  const log = history.map(({ type, data }, index): RecordedEvent => ({
    ...{ type, data, stream: `publish-${publish_id}`, streamVersion: index + 1, category: 'publish' },
    ...{ position: index + 1, seq: index + 1, schemaVersion: 1, eventId: `e${index}`, recordedAt: the.now },
    metadata: {
      actor: { kind: 'service', id: 'deployer' },
      ...{ correlationId: 'test', causationId: null, occurredAt: the.now },
    },
  }));
  let row: Row<PublishRow> | undefined;
  for (const entry of log.filter(isLogEntry)) row = evolveRow(publishes, publish_id, row, entry);
  if (row === undefined) throw new Error('the publish has no row');
  return publishWhy(row.document, new Date(the.now));
}

describe('why a publish waits', () => {
  it.each(states)(
    'is answered in status %s: for what, since when, until when, and who can move it',
    (status, history) => {
      const state = fold(publishProcess(moment), history);
      expect(state.status).toBe(status);
      const why = whyOf(history);
      expect(why.waits_for).not.toBe('nothing');
      expect(why.explanation).not.toBe('');
      expect(why.since).toBe(the.now);
      expect(why.can_be_moved_by.length).toBeGreaterThan(0);
      for (const { who, how } of why.can_be_moved_by) expect([who, how]).not.toContain('');
      if (deadlineOf(state) !== null) expect(why.deadline_at).toBe(deadlineOf(state));
    },
  );

  it.each<[string, readonly PublishEvent[]]>([
    ['gates', [the.requested(), the.validating]],
    ['backups', the.untilBackup],
    ['deployer', the.untilVerification],
    ['notifier', the.untilNotification],
    ['deployer', shifting],
    ['deployer', returning],
    ['backups', checkingBackup],
    ['deployer', stoppingRouting],
    ['backups', restoringBackup],
    ['deployer', verifyingRollback],
    ['deployer', [...restoring, verifyingAgain]],
  ])('sends people to the service that does the step: %s', (service, history) => {
    expect(whyOf(history).can_be_moved_by[0]).toMatchObject({ who: `the service ${service}` });
  });

  it('is nothing once it has ended', () => {
    expect(whyOf([...the.untilBackup, failed])).toMatchObject({ waits_for: 'nothing', can_be_moved_by: [] });
  });
});
