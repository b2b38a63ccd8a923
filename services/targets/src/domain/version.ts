import type { EventData, StartOverride, TargetSnapshot, VersionEvent } from '@m3/contracts';
import { accept, assertNever, reject, type Decision, type Refusal } from '@m3/decider';

type Tagged = EventData<'VersionTagged'>;
type Triggered = EventData<'PublishTriggered'>;

/** One target is triggered once by one cause: that is the key, `<target id> <trigger key>`. */
export interface TriggeredPublish {
  readonly key: string;
  readonly publishId: string;
  /** The publish that it does again; null: none. */
  readonly retryOf: string | null;
  readonly earlier: TriggeredPublish | null;
}

export interface VersionState {
  readonly tagged: Tagged | null;
  /** The publish that was triggered last; null: none. A list, because one tag may trigger thousands. */
  readonly triggered: TriggeredPublish | null;
  /** Contents that were refused because the version has others. */
  readonly refusedDigests: readonly string[];
}

export const initialVersion: VersionState = { tagged: null, triggered: null, refusedDigests: [] };

export function evolveVersion(state: VersionState, event: VersionEvent): VersionState {
  switch (event.type) {
    case 'TagMessageAccepted':
      return state;
    case 'VersionTagged':
      return { ...state, tagged: event.data };
    case 'VersionConflictDetected':
      return { ...state, refusedDigests: [...state.refusedDigests, event.data.offered_digest] };
    case 'PublishTriggered': {
      const { target, trigger_key, publish_id, retry_of: retryOf = null } = event.data;
      const key = triggerKey(target.target_id, trigger_key);
      return { ...state, triggered: { key, publishId: publish_id, retryOf, earlier: state.triggered } };
    }
    default:
      return assertNever(event);
  }
}

export const triggerKey = (targetId: string, key: string): string => `${targetId} ${key}`;

/** Every publish of a version that was triggered, the first one first. */
export function triggeredPublishes({ triggered }: VersionState): readonly TriggeredPublish[] {
  const publishes: TriggeredPublish[] = [];
  for (let each = triggered; each !== null; each = each.earlier) publishes.push(each);
  return publishes.reverse();
}

/** The publish of a target by a cause; null: it was not triggered. */
export function triggeredPublish(state: VersionState, key: string): string | null {
  return triggeredPublishes(state).find((each) => each.key === key)?.publishId ?? null;
}

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
  /** The publish that is done again: once. */
  readonly retryOf?: string;
  readonly target: TargetSnapshot;
}

export type PublishRequestCode = 'version_not_found' | 'already_retried';

/** An operator's request for a publish. The same command again is the same publish. */
export function requestPublish(
  request: RequestPublish,
  state: VersionState,
): Decision<VersionEvent, Refusal<PublishRequestCode>> {
  const { target, publishId, commandId, requestedBy, reason, allowOlder, override, retryOf } = request;
  const { tagged } = state;
  if (tagged === null) return reject('version_not_found', 'no such version was tagged', 'version');
  if (triggeredPublish(state, triggerKey(target.target_id, commandId)) !== null) return accept();
  const retry = retryOf === undefined ? undefined : triggeredPublishes(state).find((each) => each.retryOf === retryOf);
  if (retry) return reject('already_retried', `publish ${retry.publishId} does it again`, 'publish_id');
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
      ...(retryOf === undefined ? {} : { retry_of: retryOf }),
      target,
    },
  });
}

/** An occurrence of a schedule that publishes a version. */
export interface ScheduledPublish {
  readonly publishId: string;
  readonly occurrenceAt: string;
  readonly target: TargetSnapshot;
}

/** Sets off the publish of one occurrence. It is decided together with the schedule's own event, and appended with it. */
export function publishOnSchedule(
  { publishId, occurrenceAt, target }: ScheduledPublish,
  { tagged }: VersionState,
): readonly VersionEvent[] {
  if (tagged === null) throw new Error('a schedule chose a version that was never tagged');
  const data: Triggered = {
    ...identityOf(tagged),
    publish_id: publishId,
    trigger: 'schedule',
    trigger_key: `schedule:${occurrenceAt}`,
    requested_by: 'schedule',
    reason: null,
    allow_older: false,
    target,
  };
  return [{ type: 'PublishTriggered', data }];
}

function identityOf({ project, version, bundle_digest, tagged_by, requires_marie }: Tagged) {
  return { project, version, bundle_digest, tagged_by, ...(requires_marie === undefined ? {} : { requires_marie }) };
}
