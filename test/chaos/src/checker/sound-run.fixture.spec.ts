import type { Evidence, LoggedEvent, TargetContents } from './evidence.js';

/** A small run in which nothing is wrong: one tag, one publish that succeeded, one that was cancelled while it deployed. */

export const published = 'pub_1';
export const cancelled = 'pub_2';
const artifacts = [
  { kind: 'workflow', name: 'extract' },
  { kind: 'agent', name: 'reviewer' },
];
const subjectOf = (publish_id: string, version: string) => ({
  subject: { publish_id, target_id: 'tgt_1', version },
});
const at = '2026-03-19T14:23:45.000Z';

type Told = readonly [stream: string, type: string, data?: Readonly<Record<string, unknown>>];

function beginning(publish_id: string, version: string): readonly Told[] {
  const own = `publish-${publish_id}`;
  const target = { target_id: 'tgt_1' };
  return [
    ['version-1', 'PublishTriggered', { publish_id, version, trigger: 'tag', trigger_key: version, target }],
    [own, 'PublishRequested', { publish_id, version }],
    [own, 'ValidationRequested', subjectOf(publish_id, version)],
    [`gaterun-v-${publish_id}`, 'ValidationCompleted', { publish_id, gate_run_id: `gtr-v-${publish_id}` }],
    [own, 'GatesRequested', subjectOf(publish_id, version)],
    [`gaterun-g-${publish_id}`, 'GatesCompleted', { publish_id, gate_run_id: `gtr-g-${publish_id}` }],
  ];
}

function deploying(publish_id: string, version: string, fence: number): readonly Told[] {
  const own = `publish-${publish_id}`;
  return [
    ['slot-tgt_1', 'SlotGranted', { publish_id, target_id: 'tgt_1', fence }],
    [own, 'BackupRequested', { ...subjectOf(publish_id, version), backup_id: `bkp-${publish_id}` }],
    [`backup-bkp-${publish_id}`, 'BackupTaken', { publish_id, target_id: 'tgt_1', backup_id: `bkp-${publish_id}` }],
    [own, 'DeploymentRequested', { ...subjectOf(publish_id, version), fence }],
    [own, 'ArtifactsDeployed', { publish_id }],
  ];
}

const told: readonly Told[] = [
  ['version-1', 'VersionTagged', { project: 'p', version: 'v1.101.0' }],
  ...beginning(published, 'v1.101.0'),
  ['approval-apr_1', 'ApprovalOpened', { approval_id: 'apr_1', publish_id: published }],
  ['approval-apr_1', 'ApprovalVoted', { approval_id: 'apr_1', publish_id: published, by: 'bob', decision: 'approve' }],
  ['approval-apr_1', 'ApprovalGranted', { approval_id: 'apr_1', publish_id: published }],
  [`publish-${published}`, 'ApprovalConfirmed', { publish_id: published, approval_id: 'apr_1' }],
  ...deploying(published, 'v1.101.0', 10),
  [`publish-${published}`, 'ActivationRequested', subjectOf(published, 'v1.101.0')],
  [`publish-${published}`, 'VersionActivated', { publish_id: published, target_id: 'tgt_1', version: 'v1.101.0' }],
  [`publish-${published}`, 'VerificationRequested', subjectOf(published, 'v1.101.0')],
  [`publish-${published}`, 'VerificationCompleted', { publish_id: published, verifies: 'publish' }],
  [`publish-${published}`, 'NotificationRequested', subjectOf(published, 'v1.101.0')],
  [`publish-${published}`, 'PublishSucceeded', { publish_id: published }],
  ['slot-tgt_1', 'SlotReleased', { publish_id: published, target_id: 'tgt_1' }],
  ['version-2', 'VersionTagged', { project: 'p', version: 'v1.102.0' }],
  ...beginning(cancelled, 'v1.102.0'),
  ...deploying(cancelled, 'v1.102.0', 20),
  [`publish-${cancelled}`, 'PublishCancelRequested', { publish_id: cancelled }],
  [`publish-${cancelled}`, 'RestoreRequested', { ...subjectOf(cancelled, 'v1.102.0'), fence: 21 }],
  [
    `backup-bkp-${cancelled}`,
    'BackupRestored',
    { publish_id: cancelled, target_id: 'tgt_1', active_version: 'v1.101.0' },
  ],
  [`publish-${cancelled}`, 'PublishCancelled', { publish_id: cancelled }],
  ['slot-tgt_1', 'SlotReleased', { publish_id: cancelled, target_id: 'tgt_1' }],
];

/** Numbers events as the log does: a dense order, and a dense version in each stream. */
export function logOf(events: readonly Told[]): readonly LoggedEvent[] {
  const versions = new Map<string, number>();
  return events.map(([stream, type, data = {}], index) => {
    const version = (versions.get(stream) ?? 0) + 1;
    versions.set(stream, version);
    return { seq: index + 1, stream, version, type, data, recordedAt: at };
  });
}

export const soundEvents: readonly LoggedEvent[] = logOf(told);

/** The log with something done to what was told. */
export const retold = (change: (events: readonly Told[]) => readonly Told[]): readonly LoggedEvent[] =>
  logOf(change(told));

export const soundContents: TargetContents = {
  active: 'v1.101.0',
  releases: ['v1.101.0'],
  routes: [{ version: 'v1.101.0', weight: 100 }],
  artifacts: artifacts.map((each) => ({ ...each, version: 'v1.101.0', own: true })),
};

export const soundRun: Evidence = {
  events: soundEvents,
  publishes: [
    { publish_id: published, target_id: 'tgt_1', version: 'v1.101.0', status: 'succeeded' },
    { publish_id: cancelled, target_id: 'tgt_1', version: 'v1.102.0', status: 'cancelled' },
  ],
  targets: [{ target_id: 'tgt_1', name: 'north', active: 'v1.101.0' }],
  contents: new Map([['north', soundContents]]),
  sightings: [
    { target: 'north', at, active: null, served: [], wrong: [] },
    { target: 'north', at, active: 'v1.101.0', served: ['v1.101.0'], wrong: [] },
  ],
  acknowledged: [
    { command: 'tag', version: 'v1.101.0' },
    { command: 'publish', publish_id: published, version: 'v1.101.0' },
    { command: 'cancel', publish_id: cancelled },
    { command: 'vote', approval_id: 'apr_1', by: 'bob', decision: 'approve' },
  ],
  leftovers: [],
  artifactsOf: () => artifacts,
};
