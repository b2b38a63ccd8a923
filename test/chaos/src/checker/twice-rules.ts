import type { Evidence, LoggedEvent, Violation } from './evidence.js';
import { grouped, publishOf, text } from './log-of.js';

/** Of these there is one for each publish at most. */
const oncePerPublish = new Set([
  ...['PublishTriggered', 'PublishRequested', 'ArtifactsDeployed', 'VersionActivated', 'RestoreRequested'],
  ...['NotificationRequested', 'BackupRestored', 'PublishCancelRequested', 'TrafficReturnRequested', 'TrafficReturned'],
]);

/** Of these there is one for whatever the fields name. */
const onceEach: Readonly<Record<string, readonly string[]>> = {
  VersionTagged: ['project', 'version'],
  BackupTaken: ['backup_id'],
  VerificationCompleted: ['publish_id', 'verifies'],
  ApprovalVoted: ['approval_id', 'by'],
  ApprovalOpened: ['approval_id'],
  ApprovalGranted: ['approval_id'],
  GatesCompleted: ['gate_run_id'],
  ValidationCompleted: ['gate_run_id'],
  TrafficShiftRequested: ['publish', 'fence'],
  TrafficShifted: ['publish', 'fence'],
};

/** Whatever was asked for, and however often a message came: it was done once. */
export function nothingTwice({ events }: Evidence): readonly Violation[] {
  return [...grouped(events, keyOf)].flatMap(([key, group]) => {
    const [first] = group;
    if (first === undefined || group.length < 2) return [];
    const publish_id = publishOf(first);
    const about = publish_id === null ? {} : { publish_id };
    return [{ rule: 'nothing happens twice', ...about, text: `${group.length} times ${key}` }];
  });
}

function keyOf(event: LoggedEvent): string | null {
  const { type } = event;
  if (oncePerPublish.has(type)) return `${type} of ${publishOf(event) ?? 'no publish'}`;
  const fields = onceEach[type];
  return fields === undefined ? null : [type, ...fields.map((field) => named(event, field))].join(' ');
}

function named(event: LoggedEvent, field: string): string {
  if (field === 'publish') return publishOf(event) ?? '';
  const value = event.data[field];
  return typeof value === 'number' ? String(value) : (text(event, field) ?? '');
}

/** What starts a publish starts one: a tag and a command have one publish on each target. */
export function oneStartEach({ events }: Evidence): readonly Violation[] {
  const triggered = events.filter(({ type }) => type === 'PublishTriggered');
  return [...grouped(triggered, startOf)].flatMap(([key, group]) =>
    group.length < 2 ? [] : [{ rule: 'nothing happens twice', text: `${group.length} publishes of one start: ${key}` }],
  );
}

function startOf(event: LoggedEvent): string {
  const { target } = event.data;
  const on = typeof target === 'object' && target !== null && 'target_id' in target ? String(target.target_id) : '';
  return ['version', 'trigger', 'trigger_key'].map((field) => text(event, field) ?? '').join(' ') + ` on ${on}`;
}
