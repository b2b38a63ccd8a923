import { createHash } from 'node:crypto';
import { listArtifacts } from '@m3/artifacts';
import type { BundleStore } from '@m3/bundles';
import { newId, versionEvents, type EventData, type VersionEvent, type VersionTaggedData } from '@m3/contracts';
import type { Refusal } from '@m3/decider';
import type { AppendContext, EventStore, StreamWrite } from '@m3/event-store';
import { snapshotOf } from '@m3/policies';
import { eventsIn, StreamStates } from '@m3/process';
import { isTriggeredBy } from '../domain/target-document.js';
import {
  evolveVersion,
  initialVersion,
  tagVersion,
  triggeredPublishes,
  type Destination,
  type VersionState,
} from '../domain/version.js';
import type { BundleSource } from './bundle-source.js';
import type { TargetRegistry } from './target-registry.js';

/** Where a tag came from: `(source, id)` is unique for ever. */
export interface TagSource {
  readonly source: string;
  readonly id: string;
}

export type TagOutcome =
  | {
      readonly outcome: 'tagged' | 'already_tagged';
      readonly bundle_digest: string;
      /** Publishes that the tag set off, now or when it was first accepted. */
      readonly publishes: readonly string[];
    }
  | { readonly outcome: 'rejected'; readonly rejection: Refusal; readonly findings?: readonly unknown[] };

export interface TagParts {
  readonly store: EventStore;
  readonly bundles: BundleStore;
  readonly source: BundleSource;
  readonly registry: TargetRegistry;
}

const maxAttempts = 20;
export const versionStream = (project: string, version: string): string => `version-${project}:${version}`;
const messageStream = ({ source, id }: TagSource): string =>
  `version-message.${createHash('sha256')
    .update(JSON.stringify([source, id]))
    .digest('hex')
    .slice(0, 40)}`;

/** Accepts a tag once, and sets off a publish to each target that wants it. */
export class TagVersion {
  private readonly states: StreamStates<VersionState, VersionEvent>;

  constructor(private readonly parts: TagParts) {
    this.states = new StreamStates(parts.store, {
      initial: initialVersion,
      evolve: evolveVersion,
      accepts: eventsIn<VersionEvent>(versionEvents),
    });
  }

  async tag(data: VersionTaggedData, source: TagSource, context: AppendContext): Promise<TagOutcome> {
    const read = await this.parts.source.read(data);
    if (!read.ok)
      return { outcome: 'rejected', rejection: read.rejection, ...(read.findings ? { findings: read.findings } : {}) };
    const { digest, bytes } = await this.parts.bundles.put(read.bundle);
    const requires = data.requires?.marie ?? read.bundle.requires?.marie;
    const tag: EventData<'VersionTagged'> = {
      project: data.project,
      version: data.version,
      branch: data.branch,
      commit: data.commit,
      tagged_by: data.tagged_by,
      tagged_at: data.tagged_at,
      bundle_digest: digest,
      bundle_bytes: bytes,
      artifacts: listArtifacts(read.bundle).flatMap(({ kind, name, digest: own }) =>
        kind === 'test' ? [] : [{ kind, name, digest: own }],
      ),
      ...(requires === undefined ? {} : { requires_marie: requires }),
      source: { ...source },
    };
    return this.append(tag, source, context);
  }

  private async append(
    tag: EventData<'VersionTagged'>,
    source: TagSource,
    context: AppendContext,
  ): Promise<TagOutcome> {
    const stream = versionStream(tag.project, tag.version);
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const reused = await this.reusedId(tag, source);
      if (reused === 'other')
        return rejected(
          'event_id_reused',
          `the message id ${source.id} of ${source.source} was used for another version`,
          'id',
        );
      const current = await this.states.reload(stream);
      const events = tagVersion(tag, await this.destinations(tag), current.state);
      if (events.length === 0) return repeated(tag, current.state);
      const writes: StreamWrite[] = [{ stream, expectedVersion: current.version, events }];
      if (reused === 'no') writes.push(messageAccepted(tag, source));
      const result = await this.parts.store.append(writes, context);
      if (result.outcome !== 'appended') continue;
      this.states.appended(current, result.events);
      return repeated(tag, (await this.states.load(stream)).state, 'tagged');
    }
    throw new Error(`${stream}: ${maxAttempts} version conflicts in a row`);
  }

  private async reusedId(
    { project, version }: EventData<'VersionTagged'>,
    source: TagSource,
  ): Promise<'no' | 'same' | 'other'> {
    const [seen] = await this.parts.store.readStream(messageStream(source));
    if (!seen) return 'no';
    const event = { type: seen.type, data: seen.data };
    if (!isVersionEvent(event) || event.type !== 'TagMessageAccepted') return 'other';
    return event.data.project === project && event.data.version === version ? 'same' : 'other';
  }

  private async destinations(tag: EventData<'VersionTagged'>): Promise<readonly Destination[]> {
    const targets = await this.parts.registry.all();
    // A held target is asked too: the publish waits there, and goes on when the target is released.
    return targets
      .filter(({ enabled, document }) => enabled && isTriggeredBy(document, tag))
      .map((target) => ({ target: snapshotOf(target), publishId: newId('publish') }));
  }
}

const isVersionEvent = eventsIn<VersionEvent>(versionEvents);

function messageAccepted({ project, version }: EventData<'VersionTagged'>, source: TagSource): StreamWrite {
  return {
    stream: messageStream(source),
    expectedVersion: 0,
    events: [{ type: 'TagMessageAccepted', data: { ...source, project, version } }],
  };
}

function repeated(
  tag: EventData<'VersionTagged'>,
  state: VersionState,
  outcome: 'tagged' | 'already_tagged' = 'already_tagged',
): TagOutcome {
  const { tagged } = state;
  if (tagged && tagged.bundle_digest !== tag.bundle_digest) {
    const detail = `${tag.project} ${tag.version} was tagged with other contents (${tagged.bundle_digest}); tag a new version`;
    return rejected('version_conflict', detail, 'version');
  }
  const key = ' tag';
  const publishes = triggeredPublishes(state).flatMap((each) => (each.key.endsWith(key) ? [each.publishId] : []));
  return { outcome, bundle_digest: tag.bundle_digest, publishes };
}

function rejected(code: string, detail: string, field: string): TagOutcome {
  return { outcome: 'rejected', rejection: { code, detail, field } };
}
