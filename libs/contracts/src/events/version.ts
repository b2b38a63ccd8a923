import { Type } from '@sinclair/typebox';
import { defineEvent, type EventsOf } from '../define-event.js';
import {
  ArtifactRef,
  closed,
  Id,
  Nullable,
  PersonId,
  ProjectName,
  Reason,
  Sha256,
  TargetSnapshot,
  Timestamp,
  VersionName,
} from '../shapes.js';
import { at, digest, ids, target } from './examples.js';

const identity = { project: ProjectName, version: VersionName };

/** What starts a publish (spec section 5). */
export const Trigger = Type.Union([
  Type.Literal('tag'),
  Type.Literal('manual'),
  Type.Literal('schedule'),
  Type.Literal('emergency'),
]);

/** Stream `version-<project>:<version>`, owned by targets. */
export const versionEvents = [
  defineEvent({
    type: 'VersionTagged',
    category: 'version',
    schema: Type.Object(
      {
        ...identity,
        branch: Type.String({ maxLength: 255 }),
        commit: Type.String({ maxLength: 64 }),
        tagged_by: PersonId,
        tagged_at: Timestamp,
        bundle_digest: Sha256,
        bundle_bytes: Type.Integer({ minimum: 0 }),
        artifacts: Type.Array(ArtifactRef),
        requires_marie: Type.Optional(Type.String({ maxLength: 100 })),
        source: Type.Object({ source: Type.String(), id: Type.String() }, closed),
      },
      closed,
    ),
    example: {
      project: 'invoice-pipeline',
      version: 'v1.3.0',
      branch: 'main',
      commit: '4f2a9c1',
      tagged_by: 'ann',
      tagged_at: at,
      bundle_digest: digest,
      bundle_bytes: 18_204,
      artifacts: [{ kind: 'workflow', name: 'invoice-extraction', digest }],
      requires_marie: '>=3.0.0',
      source: { source: 'forge', id: 'evt-1' },
    },
  }),
  defineEvent({
    /** Alone in a stream of its own, named by source and id: a message id means one version for ever. */
    type: 'TagMessageAccepted',
    category: 'version',
    schema: Type.Object({ source: Type.String(), id: Type.String(), ...identity }, closed),
    example: { source: 'forge', id: 'evt-1', project: 'invoice-pipeline', version: 'v1.3.0' },
  }),
  defineEvent({
    type: 'VersionConflictDetected',
    category: 'version',
    schema: Type.Object(
      {
        ...identity,
        existing_digest: Sha256,
        offered_digest: Sha256,
        tagged_by: PersonId,
        source: Type.Object({ source: Type.String(), id: Type.String() }, closed),
      },
      closed,
    ),
    example: {
      project: 'invoice-pipeline',
      version: 'v1.3.0',
      existing_digest: digest,
      offered_digest: `sha256:${'b'.repeat(64)}`,
      tagged_by: 'mallory',
      source: { source: 'forge', id: 'evt-2' },
    },
  }),
  defineEvent({
    type: 'PublishTriggered',
    category: 'version',
    schema: Type.Object(
      {
        publish_id: Id('publish'),
        ...identity,
        bundle_digest: Sha256,
        trigger: Trigger,
        /** Distinguishes occurrences of one kind of trigger: `tag`, or the id of the operator's command. */
        trigger_key: Type.String({ maxLength: 200 }),
        requested_by: PersonId,
        tagged_by: PersonId,
        reason: Nullable(Reason),
        requires_marie: Type.Optional(Type.String({ maxLength: 100 })),
        /** Allows a version older than the active one. */
        allow_older: Type.Boolean(),
        target: TargetSnapshot,
      },
      closed,
    ),
    example: {
      publish_id: ids.publish,
      project: 'invoice-pipeline',
      version: 'v1.3.0',
      bundle_digest: digest,
      trigger: 'tag',
      trigger_key: 'tag',
      requested_by: 'ann',
      tagged_by: 'ann',
      reason: null,
      allow_older: false,
      target,
    },
  }),
] as const;
export type VersionEvent = EventsOf<typeof versionEvents>;
