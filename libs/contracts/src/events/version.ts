import { Type } from '@sinclair/typebox';
import { defineEvent, type EventsOf } from '../define-event.js';
import {
  ArtifactRef,
  closed,
  PersonId,
  ProjectName,
  Sha256,
  Timestamp,
  VersionName,
  publishRequestFields,
} from '../shapes.js';
import { at, digest, publishRequest } from './examples.js';

const identity = { project: ProjectName, version: VersionName };

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
    schema: Type.Object(publishRequestFields, closed),
    example: publishRequest,
  }),
] as const;
export type VersionEvent = EventsOf<typeof versionEvents>;
