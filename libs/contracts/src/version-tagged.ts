import { Type, type Static } from '@sinclair/typebox';
import { closed, PersonId, ProjectName, Sha256, Timestamp, VersionName } from './shapes.js';

/** `data` of the CloudEvent `version.tagged` (spec section 3), also the body of `POST /api/v1/versions`. */
export const VersionTaggedData = Type.Object(
  {
    project: ProjectName,
    version: VersionName,
    branch: Type.String({ minLength: 1, maxLength: 255 }),
    commit: Type.String({ minLength: 1, maxLength: 64 }),
    tagged_by: PersonId,
    tagged_at: Timestamp,
    bundle: Type.Union([
      Type.Object({ inline: Type.Object({}, { additionalProperties: true }), sha256: Type.Optional(Sha256) }, closed),
      Type.Object(
        { uri: Type.String({ pattern: '^s3://[a-z0-9][a-z0-9.-]{1,62}/.+$', maxLength: 1024 }), sha256: Sha256 },
        closed,
      ),
    ]),
    requires: Type.Optional(Type.Object({ marie: Type.Optional(Type.String({ maxLength: 100 })) }, closed)),
  },
  closed,
);
export type VersionTaggedData = Static<typeof VersionTaggedData>;

/** The CloudEvents 1.0 envelope; extension attributes are allowed by that specification. */
export const VersionTaggedMessage = Type.Object(
  {
    specversion: Type.Literal('1.0'),
    id: Type.String({ minLength: 1, maxLength: 200 }),
    source: Type.String({ minLength: 1, maxLength: 500 }),
    type: Type.Literal('version.tagged'),
    time: Type.Optional(Timestamp),
    data: VersionTaggedData,
  },
  { additionalProperties: true },
);
export type VersionTaggedMessage = Static<typeof VersionTaggedMessage>;

/** A bundle that is larger than this travels by `uri`. */
export const maxInlineBundleBytes = 512 * 1024;
