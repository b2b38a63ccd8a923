import { publishEvents, type EventData, type PublishEvent, type RecordedEvent } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import { eventsIn } from '@m3/process';
import { evolvePublish } from '../domain/publish.evolve.js';
import { initialPublish, type PublishRequest, type PublishState } from '../domain/publish.state.js';
import type { Grant, KeptBackup } from '../domain/rollback.choice.js';

/** A publish that had a slot, with its state and the version of its stream. */
export interface ReadGrant {
  readonly grant: Grant;
  readonly state: PublishState;
  /** What it was asked for with; null: it is none. */
  readonly rollback: EventData<'RollbackRequested'> | null;
  readonly version: number;
}

const isPublishEvent = eventsIn<PublishEvent>(publishEvents);

/** Reads what the log tells about a publish and the backup that it took. Null: it was never requested. */
export async function readGrant(store: EventStore, publishId: string, running: boolean): Promise<ReadGrant | null> {
  const recorded = await store.readStream(`publish-${publishId}`);
  const history = recorded.map(({ type, data }) => ({ type, data })).filter(isPublishEvent);
  const state = history.reduce(evolvePublish, initialPublish);
  if (state.status === 'absent') return null;
  const { request } = state;
  const backupId = history.find(({ type }) => type === 'DeploymentRequested');
  const found = backupId?.type === 'DeploymentRequested' ? backupId.data.backup_id : null;
  return {
    grant: {
      ...{ publish_id: publishId, trigger_key: request.trigger_key, is_rollback: request.trigger === 'rollback' },
      ...{ running, status: statusOf(state), release: releaseOf(request) },
      activated: history.some(({ type }) => type === 'VersionActivated' || type === 'VersionReactivated'),
      found: found === null ? null : await keptBackup(store, found),
    },
    state,
    rollback: history.find(isRollbackRequest)?.data ?? null,
    version: recorded.length,
  };
}

function isRollbackRequest(event: PublishEvent): event is Extract<PublishEvent, { type: 'RollbackRequested' }> {
  return event.type === 'RollbackRequested';
}

function statusOf(state: PublishState): string {
  return state.status === 'ended' ? state.outcome : state.status;
}

function releaseOf({ project, version, bundle_digest, tagged_by }: PublishRequest): Grant['release'] {
  return { project, version, bundle_digest, tagged_by };
}

async function keptBackup(store: EventStore, backupId: string): Promise<KeptBackup | null> {
  const history = await store.readStream(`backup-${backupId}`);
  const taken = history.find(isTaken);
  if (!taken) return null;
  const looks = history.filter(isLook).filter(({ data }) => data.outcome !== 'unreadable');
  const broken = (looks.at(-1)?.data.outcome ?? 'ok') !== 'ok';
  const deleted = history.some(({ type }) => type === 'BackupDeleted');
  return {
    taken: taken.data,
    taken_at: taken.metadata.occurredAt,
    usable: !broken && !deleted,
    version: history.length,
  };
}

type Stored<Type extends string, Data extends object> = RecordedEvent<{ type: Type; data: Data }>;

function isTaken(event: RecordedEvent): event is Stored<'BackupTaken', EventData<'BackupTaken'>> {
  return event.type === 'BackupTaken';
}

function isLook(event: RecordedEvent): event is Stored<'BackupVerified', EventData<'BackupVerified'>> {
  return event.type === 'BackupVerified' || event.type === 'BackupChecked';
}
