import { eventCatalogue, idPrefixes, type DomainEventType, type NewEvent, type RecordedEvent } from '@m3/contracts';

/** Events for tests: the examples of the catalogue, with ids of their own for each story. */

export interface StoryEvent extends NewEvent {
  readonly type: DomainEventType;
  readonly stream: string;
}

const uuid = (story: number): string => `01930d8c-0000-7000-8000-${String(story).padStart(12, '0')}`;

/** The id of a story's publish, target and so on. */
export function idOf(kind: keyof typeof idPrefixes, story: number): string {
  return `${idPrefixes[kind]}_${uuid(story)}`;
}

const streams: Readonly<Record<string, (story: number) => string>> = {
  target: (story) => `target-${idOf('target', story)}`,
  version: () => 'version-invoice-pipeline:v1.3.0',
  schedule: (story) => `schedule-${idOf('target', story)}`,
  publish: (story) => `publish-${idOf('publish', story)}`,
  slot: (story) => `slot-${idOf('target', story)}`,
  gaterun: (story) => `gaterun-${idOf('gateRun', story)}`,
  approval: (story) => `approval-${idOf('approval', story)}`,
  backup: (story) => `backup-${idOf('backup', story)}`,
  notification: (story) => `notification-${idOf('notification', story)}`,
  freeze: () => 'freeze-calendar',
  emergency: (story) => `emergency-${idOf('target', story)}`,
  review: (story) => `review-${idOf('review', story)}`,
  person: () => 'person-bob',
  deadletter: (story) => `deadletter-${idOf('deadLetter', story)}`,
};

/** The example of an event type, told in a story, with some of its fields changed. */
export function told(story: number, type: DomainEventType, fields: object = {}): StoryEvent {
  const definition = eventCatalogue.find((each) => each.type === type);
  const stream = definition && streams[definition.category];
  if (definition === undefined || stream === undefined) throw new Error(`${type} is in no catalogue`);
  const text = JSON.stringify(definition.example).replaceAll(uuid(1), uuid(story));
  return { type, stream: stream(story), data: { ...(JSON.parse(text) as object), ...fields } };
}

/** The events up to which every publish is the same, and each further step of one that succeeds. */
export const steps = {
  requested: ['PublishTriggered', 'PublishRequested'],
  validated: ['ValidationRequested', 'ValidationCompleted'],
  gated: ['GatesRequested', 'GatesCompleted'],
  approvalAsked: ['ApprovalRequested', 'ApprovalOpened'],
  approved: ['ApprovalVoted', 'ApprovalGranted'],
  backedUp: ['BackupRequested', 'BackupTaken'],
  deployed: ['DeploymentRequested', 'ArtifactsDeployed'],
  activated: ['ActivationRequested', 'VersionActivated'],
  verified: ['VerificationRequested', 'VerificationCompleted'],
  succeeded: ['NotificationRequested', 'NotificationAttempted', 'PublishSucceeded'],
} as const satisfies Record<string, readonly DomainEventType[]>;

/** A publish from its request up to and including a step. */
export function publishUpTo(story: number, last: keyof typeof steps): StoryEvent[] {
  const names = Object.entries(steps);
  const end = names.findIndex(([name]) => name === last);
  return names.slice(0, end + 1).flatMap(([, types]) => types.map((type) => told(story, type)));
}

/** The events as the log would hold them: sealed, each a second after the one before. */
export function recorded(events: readonly StoryEvent[], startSeq = 1): RecordedEvent[] {
  const versions = new Map<string, number>();
  return events.map(({ type, data, stream }, index) => {
    const streamVersion = (versions.get(stream) ?? 0) + 1;
    versions.set(stream, streamVersion);
    const at = new Date(Date.UTC(2026, 2, 19, 14, 23, 45 + index)).toISOString();
    const seq = startSeq + index;
    return {
      ...{ type, data, stream, streamVersion, seq, position: seq, schemaVersion: 1 },
      category: stream.slice(0, stream.indexOf('-')),
      eventId: `01930d8c-0000-7000-9000-${String(seq).padStart(12, '0')}`,
      metadata: { actor: { kind: 'user', id: 'ann' }, correlationId: 'c1', causationId: null, occurredAt: at },
      recordedAt: at,
    };
  });
}
