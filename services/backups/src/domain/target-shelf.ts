import {
  publishEndings,
  type DomainEvent,
  type DomainEventType,
  type EventData,
  type StoredTargetDocument,
} from '@m3/contracts';
import { assertNever } from '@m3/decider';
import { defaultRetention, retentionOf, type Needed, type Retention, type StoredBackup } from './retention.js';

/** Which version serves, and the publish that made it active; null where the log does not say. */
interface Serving {
  readonly version: string | null;
  readonly publish_id: string | null;
}

interface Standing {
  readonly active: Serving;
  readonly previous: Serving;
}

type ShelvedBackup = StoredBackup & {
  /** What served when it was taken: what a restore brings back. */ readonly standing: Standing;
};

/** The backups of one target, and what the log says about who needs them. */
export interface TargetShelf {
  readonly target: { readonly target_id: string; readonly address: EventData<'TargetCreated'>['address'] } | null;
  readonly retention: Retention;
  readonly backups: ReadonlyMap<string, ShelvedBackup>;
  readonly standing: Standing;
  /** Publishes under way, with the backups that they refer to. */
  readonly running: ReadonlyMap<string, readonly string[]>;
}

const nothing: Serving = { version: null, publish_id: null };
export const emptyShelf: TargetShelf = {
  target: null,
  retention: defaultRetention,
  backups: new Map(),
  standing: { active: nothing, previous: nothing },
  running: new Map(),
};

/** An event of the log, with the time at which it happened. */
export type ShelfEvent = Extract<DomainEvent, { type: ShelfEventType }> & { readonly at: string };

/** Everything that the log says about who needs which backup. */
export const shelfEventTypes = [
  'TargetCreated',
  'TargetChanged',
  'BackupRequested',
  'RestoreRequested',
  'RollbackRequested',
  'BackupTaken',
  'BackupVerified',
  'BackupDeleted',
  'BackupRestored',
  'TargetRestoredByHand',
  'VersionActivated',
  ...publishEndings,
] as const satisfies readonly DomainEventType[];
type ShelfEventType = (typeof shelfEventTypes)[number];

export function targetOf({ data }: ShelfEvent): string {
  if ('subject' in data) return data.subject.target_id;
  return 'target_id' in data ? data.target_id : data.target.target_id;
}

export function evolveShelf(shelf: TargetShelf, event: ShelfEvent): TargetShelf {
  switch (event.type) {
    case 'TargetCreated':
    case 'TargetChanged':
      return configured(shelf, event.data);
    case 'BackupRequested':
    case 'RestoreRequested':
      return refers(shelf, event.data.subject.publish_id, event.data.backup_id);
    case 'RollbackRequested':
      return refers(shelf, event.data.publish_id, event.data.backup_id);
    case 'BackupTaken':
      return shelved(shelf, event.data, event.at);
    case 'BackupVerified':
      return looked(shelf, event.data);
    case 'BackupDeleted':
      return { ...shelf, backups: without(shelf.backups, event.data.backup_id) };
    case 'BackupRestored':
    case 'TargetRestoredByHand':
      return { ...shelf, standing: restored(shelf, event.data) };
    case 'VersionActivated':
      return { ...shelf, standing: activated(shelf.standing, event.data) };
    case 'PublishSucceeded':
    case 'PublishFailed':
    case 'PublishRejected':
    case 'PublishCancelled':
    case 'PublishSuperseded':
    case 'PublishRolledBack':
    case 'PublishRollbackFailed':
      return { ...shelf, running: without(shelf.running, event.data.publish_id) };
    default:
      return assertNever(event);
  }
}

/** What must not be deleted. `seen`: versions that the target itself names, whatever the log says. */
export function neededBackups({ standing, running }: TargetShelf, seen: readonly (string | null)[] = []): Needed {
  const serving = [standing.active, standing.previous];
  return {
    versions: present([...serving.map(({ version }) => version), ...seen]),
    publishes: present(serving.map(({ publish_id }) => publish_id)),
    backups: [...running.values()].flat(),
  };
}

function configured(
  shelf: TargetShelf,
  {
    target_id,
    address,
    document,
  }: { target_id: string; address: EventData<'TargetCreated'>['address']; document: StoredTargetDocument },
): TargetShelf {
  return { ...shelf, target: { target_id, address }, retention: retentionOf(document) };
}

function refers(shelf: TargetShelf, publishId: string, backupId: string): TargetShelf {
  const before = shelf.running.get(publishId) ?? [];
  return { ...shelf, running: new Map(shelf.running).set(publishId, [...before, backupId]) };
}

function shelved(shelf: TargetShelf, data: EventData<'BackupTaken'>, taken_at: string): TargetShelf {
  const { backup_id, target_id, publish_id, location, active_version } = data;
  const backup = { backup_id, target_id, publish_id, location, taken_at, active_version, broken: false };
  const standing =
    shelf.standing.active.version === active_version
      ? shelf.standing
      : unknownStanding(active_version, data.previous_version);
  return { ...shelf, standing, backups: new Map(shelf.backups).set(backup_id, { ...backup, standing }) };
}

function looked(shelf: TargetShelf, { backup_id, outcome }: EventData<'BackupVerified'>): TargetShelf {
  const backup = shelf.backups.get(backup_id);
  // A storage that gave no answer says nothing about the backup.
  if (!backup || outcome === 'unreadable') return shelf;
  return { ...shelf, backups: new Map(shelf.backups).set(backup_id, { ...backup, broken: outcome !== 'ok' }) };
}

function restored(
  shelf: TargetShelf,
  { backup_id, active_version }: Pick<EventData<'BackupRestored'>, 'backup_id' | 'active_version'>,
): Standing {
  return shelf.backups.get(backup_id)?.standing ?? unknownStanding(active_version, null);
}

function activated(
  { active }: Standing,
  { version, publish_id, previous_version }: EventData<'VersionActivated'>,
): Standing {
  const before = active.version === previous_version ? active : { version: previous_version, publish_id: null };
  return { active: { version, publish_id }, previous: before };
}

/** The target has changed without the log: what it said then counts. */
function unknownStanding(active: string | null, previous: string | null = null): Standing {
  return { active: { version: active, publish_id: null }, previous: { version: previous, publish_id: null } };
}

function without<Value>(map: ReadonlyMap<string, Value>, key: string): ReadonlyMap<string, Value> {
  if (!map.has(key)) return map;
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}

const present = (values: readonly (string | null)[]): readonly string[] => [
  ...new Set(values.filter((value) => value !== null)),
];
