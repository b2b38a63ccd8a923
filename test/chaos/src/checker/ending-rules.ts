import type { Evidence, LoggedEvent, Violation } from './evidence.js';
import { endings, isEnding, storiesOf, text } from './log-of.js';

type Story = readonly LoggedEvent[];

/** Every publish that was begun has ended, and only once; nothing happens in it afterwards. */
export function endsOnce(evidence: Evidence): readonly Violation[] {
  const rule = 'each publish ends once';
  return [...storiesOf(evidence)].flatMap(([publish_id, story]) => {
    const own = story.filter(({ stream }) => stream === `publish-${publish_id}`);
    const ends = own.filter(isEnding).length;
    if (ends !== 1) return [{ rule, publish_id, text: `it has ended ${ends} times` }];
    const last = own.findIndex(isEnding);
    const after = own.slice(last + 1).map(({ type }) => type);
    return after.length > 0 ? [{ rule, publish_id, text: `after its end: ${after.join(', ')}` }] : [];
  });
}

/** What has to have been logged about a publish before an event: each, or one of several. */
const needed: Readonly<Record<string, readonly string[]>> = {
  PublishRequested: ['PublishTriggered'],
  ValidationCompleted: ['ValidationRequested'],
  GatesCompleted: ['GatesRequested'],
  ApprovalConfirmed: ['ApprovalGranted'],
  BackupTaken: ['BackupRequested'],
  DeploymentRequested: ['ValidationCompleted', 'BackupRequested'],
  ArtifactsDeployed: ['DeploymentRequested'],
  ActivationRequested: ['ArtifactsDeployed'],
  VersionActivated: ['ActivationRequested'],
  VerificationCompleted: ['VerificationRequested'],
  BackupRestored: ['RestoreRequested'],
  PublishSucceeded: ['VersionActivated', 'VerificationCompleted', 'NotificationRequested'],
  PublishRolledBack: ['RestoreRequested', 'VersionActivated or TrafficShifted or TrafficReturnRequested'],
  TrafficShifted: ['TrafficShiftRequested'],
  TrafficJudged: ['TrafficShifted'],
  TrafficReturned: ['TrafficReturnRequested'],
  TargetStateFound: ['TargetStateRequested'],
  PublishRejected: ['ApprovalRejected'],
};

/** The same for a rollback that somebody asked for: a publish of its own. */
const neededByRollback: typeof needed = {
  BackupChecked: ['BackupCheckRequested'],
  RoutingStopRequested: ['BackupChecked'],
  RollbackRestoreRequested: ['RoutingStopped'],
  BackupRestored: ['RollbackRestoreRequested'],
  VersionReactivated: ['ReactivationRequested', 'BackupRestored'],
  VerificationCompleted: ['VersionReactivated'],
  PublishSucceeded: ['RollbackRequested', 'VersionReactivated', 'VerificationCompleted', 'NotificationRequested'],
};

/** What must not have been logged about it. */
const excluded: Readonly<Record<string, readonly string[]>> = {
  PublishSucceeded: ['RestoreRequested', 'PublishCancelRequested'],
  PublishRejected: ['DeploymentRequested'],
  PublishSuperseded: ['DeploymentRequested'],
};
/** A rollback stops whatever is under way, takes its slot, and puts right what it had begun. */
const takenOver = (story: Story): boolean => story.some(({ type }) => type === 'SlotTakenOver');

/** A publish has only come so far, and only ended so, as its events allow. */
export function endFitsEvents(evidence: Evidence): readonly Violation[] {
  const rule = 'the end fits the events';
  return [...storiesOf(evidence)].flatMap(([publish_id, story]) =>
    [...unfounded(story), ...leftBehind(story)].map((said) => ({ rule, publish_id, text: said })),
  );
}

function unfounded(story: Story): readonly string[] {
  const rules = story.some(({ type }) => type === 'RollbackRequested') ? neededByRollback : needed;
  return story.flatMap(({ type }, index) => {
    const before = story.slice(0, index).map((event) => event.type);
    const missing = (rules[type] ?? []).filter((each) => !each.split(' or ').some((one) => before.includes(one)));
    const wrong = takenOver(story) ? [] : (excluded[type] ?? []).filter((each) => before.includes(each));
    return [
      ...missing.map((each) => `${type} without ${each} before it`),
      ...wrong.map((each) => `${type} in spite of ${each}`),
    ];
  });
}

/** Who ends without success takes back what may have been written; only a rollback that failed may leave something. */
function leftBehind(story: Story): readonly string[] {
  const end = story.find(isEnding);
  if (end === undefined || end.type === 'PublishSucceeded' || end.type === 'PublishRollbackFailed') return [];
  // Somebody newer owns the target, who refused it: to put it back is not for this one.
  if (takenOver(story) || text(end, 'code') === 'fenced') return [];
  const written = story.findIndex(({ type }) => type === 'DeploymentRequested');
  // A target that was asked says by itself that nothing is there, or that it was put back.
  const restored = story.findLastIndex((event) => event.type === 'BackupRestored' || hasTold(event));
  const late = story.findLastIndex(({ type }) => servedSince.includes(type));
  if (written < 0) return [];
  return restored > Math.max(written, late) ? [] : [`${end.type}, but what it wrote was not taken back`];
}

const servedSince = ['ArtifactsDeployed', 'TrafficShifted', 'VersionActivated'];

function hasTold({ type, data }: LoggedEvent): boolean {
  return type === 'TargetStateFound' && data['found'] !== null;
}

/** What is done again has ended before, and not well; it is the same version on the same target. */
export function retriesFollow(evidence: Evidence): readonly Violation[] {
  const rule = 'a retry follows a failure';
  const stories = storiesOf(evidence);
  return evidence.events.flatMap((event) => {
    const retried = event.type === 'PublishTriggered' ? text(event, 'retry_of') : null;
    if (retried === null) return [];
    const said = wrongToRetry(stories.get(retried) ?? [], event);
    return said === null ? [] : [{ rule, publish_id: text(event, 'publish_id') ?? '', text: `${retried} ${said}` }];
  });
}

function wrongToRetry(story: Story, retry: LoggedEvent): string | null {
  const end = story.find(isEnding);
  if (end === undefined || Number(end.seq) > Number(retry.seq)) return 'had not ended';
  if (end.type === 'PublishSucceeded' || end.type === 'PublishSuperseded') return `was ${endings[end.type]}`;
  const first = story.find(({ type }) => type === 'PublishTriggered');
  const same = first !== undefined && text(first, 'version') === text(retry, 'version');
  return same && targetIn(first) === targetIn(retry) ? null : 'was of another version, or on another target';
}

function targetIn({ data: { target } }: LoggedEvent): unknown {
  return typeof target === 'object' && target !== null && 'target_id' in target ? target.target_id : undefined;
}

/** Lists and details show each publish once, as the log says that it ended. */
export function shownAsLogged(evidence: Evidence): readonly Violation[] {
  const rule = 'shown as logged';
  const shown = new Map(evidence.publishes.map((publish) => [publish.publish_id, publish]));
  const twice = evidence.publishes.length - shown.size;
  const stories = storiesOf(evidence);
  const unknown = [...shown.keys()].filter((id) => !stories.has(id));
  return [
    ...(twice > 0 ? [{ rule, text: `${twice} publishes are in the list twice` }] : []),
    ...unknown.map((publish_id) => ({ rule, publish_id, text: 'it is shown, and not in the log' })),
    ...[...stories].flatMap(([publish_id, story]) => {
      const said = differsFrom(shown.get(publish_id), story);
      return said === null ? [] : [{ rule, publish_id, text: said }];
    }),
  ];
}

function differsFrom(shown: Evidence['publishes'][number] | undefined, story: Story): string | null {
  if (shown === undefined) return 'it is not shown';
  const end = story.find(isEnding);
  const status = end === undefined ? 'under way' : endings[end.type];
  if (end !== undefined && shown.status !== status) return `shown as ${shown.status}, but it is ${status}`;
  const begun = story.find(({ type }) => type === 'PublishTriggered' || type === 'RollbackRequested');
  const version = begun === undefined ? null : text(begun, 'version');
  return version === null || version === shown.version ? null : `shown with ${shown.version}, but it is of ${version}`;
}
