import type { EventData, StartOverride, TargetSnapshot, VersionEvent } from '@m3/contracts';
import { accept, assertNever, reject, type Decision, type Refusal } from '@m3/decider';

type Tagged = EventData<'VersionTagged'>;
type Triggered = EventData<'PublishTriggered'>;

export interface VersionState {
  readonly tagged: Tagged | null;
  /** Publishes by `<target id> <trigger key>`: one target is triggered once by one cause. */
  readonly triggered: ReadonlyMap<string, string>;
  /** Contents that were refused because the version has others. */
  readonly refusedDigests: readonly string[];
}

export const initialVersion: VersionState = { tagged: null, triggered: new Map(), refusedDigests: [] };

export function evolveVersion(state: VersionState, event: VersionEvent): VersionState {
  switch (event.type) {
    case 'TagMessageAccepted':
      return state;
    case 'VersionTagged':
      return { ...state, tagged: event.data };
    case 'VersionConflictDetected':
      return { ...state, refusedDigests: [...state.refusedDigests, event.data.offered_digest] };
    case 'PublishTriggered': {
      const { target, trigger_key, publish_id } = event.data;
      return {
        ...state,
        triggered: new Map(state.triggered).set(triggerKey(target.target_id, trigger_key), publish_id),
      };
    }
    default:
      return assertNever(event);
  }
}

export const triggerKey = (targetId: string, key: string): string => `${targetId} ${key}`;

/** A target that a tag starts a publish to, and the id that the publish will have. */
export interface Destination {
  readonly target: TargetSnapshot;
  readonly publishId: string;
}

/** Tags a version: once for one content; another content under the same name is recorded as a conflict, once, and refused. */
export function tagVersion(
  tag: Tagged,
  destinations: readonly Destination[],
  state: VersionState,
): readonly VersionEvent[] {
  const { tagged } = state;
  if (tagged !== null && tagged.bundle_digest !== tag.bundle_digest) {
    if (state.refusedDigests.includes(tag.bundle_digest)) return [];
    const { project, version, tagged_by, source } = tag;
    return [
      {
        type: 'VersionConflictDetected',
        data: {
          project,
          version,
          existing_digest: tagged.bundle_digest,
          offered_digest: tag.bundle_digest,
          tagged_by,
          source,
        },
      },
    ];
  }
  if (tagged !== null) return [];
  return [{ type: 'VersionTagged', data: tag }, ...destinations.map((each) => triggeredByTag(tag, each))];
}

function triggeredByTag(tag: Tagged, { target, publishId }: Destination): VersionEvent {
  const data: Triggered = {
    ...identityOf(tag),
    publish_id: publishId,
    trigger: 'tag',
    trigger_key: 'tag',
    requested_by: tag.tagged_by,
    reason: null,
    allow_older: false,
    target,
  };
  return { type: 'PublishTriggered', data };
}

export interface RequestPublish {
  readonly publishId: string;
  readonly commandId: string;
  readonly requestedBy: string;
  readonly reason: string | null;
  readonly allowOlder: boolean;
  readonly override?: StartOverride;
  readonly target: TargetSnapshot;
}

export type PublishRequestCode = 'version_not_found';

/** An operator's request for a publish. The same command again is the same publish. */
export function requestPublish(
  request: RequestPublish,
  { tagged, triggered }: VersionState,
): Decision<VersionEvent, Refusal<PublishRequestCode>> {
  const { target, publishId, commandId, requestedBy, reason, allowOlder, override } = request;
  if (tagged === null) return reject('version_not_found', 'no such version was tagged', 'version');
  if (triggered.has(triggerKey(target.target_id, commandId))) return accept();
  return accept({
    type: 'PublishTriggered',
    data: {
      ...identityOf(tagged),
      publish_id: publishId,
      trigger: target.type === 'emergency' ? 'emergency' : 'manual',
      trigger_key: commandId,
      requested_by: requestedBy,
      reason,
      allow_older: allowOlder,
      ...(override ? { override } : {}),
      target,
    },
  });
}

function identityOf({ project, version, bundle_digest, tagged_by, requires_marie }: Tagged) {
  return { project, version, bundle_digest, tagged_by, ...(requires_marie === undefined ? {} : { requires_marie }) };
}
