import { Type, type Static } from '@sinclair/typebox';
import { ArtifactRef, closed, Id, Nullable, PersonId, ProjectName, Sha256, Timestamp, VersionName } from '../shapes.js';
import { Page, pageQuery, TargetRef } from './page.js';

const summary = {
  project: ProjectName,
  version: VersionName,
  branch: Type.String(),
  commit: Type.String(),
  tagged_by: PersonId,
  tagged_at: Timestamp,
  bundle_digest: Sha256,
  bundle_bytes: Type.Integer({ minimum: 0 }),
  artifact_counts: Type.Object(
    { workflows: Type.Integer(), agents: Type.Integer(), processors: Type.Integer() },
    closed,
  ),
  /** Targets that run this version now. */
  active_on: Type.Array(TargetRef),
  /** Targets on which the latest publish of this version failed, or was rolled back, by itself or by an operator. */
  failed_on: Type.Array(Type.Object({ ...TargetRef.properties, publish_id: Id('publish') }, closed)),
  /** How many times the same version came with another digest, and was refused. */
  conflicts: Type.Integer({ minimum: 0 }),
};
export const VersionSummary = Type.Object(summary, closed);
export type VersionSummary = Static<typeof VersionSummary>;

/** `GET /versions/{project}/{version}` */
export const VersionDetail = Type.Object(
  {
    ...summary,
    artifacts: Type.Array(ArtifactRef),
    requires_marie: Nullable(Type.String()),
    source: Type.Object({ source: Type.String(), id: Type.String() }, closed),
  },
  closed,
);
export type VersionDetail = Static<typeof VersionDetail>;

/** `GET /versions`: newest tag first. */
export const VersionListQuery = Type.Object({ ...pageQuery, project: Type.Optional(ProjectName) }, closed);
export type VersionListQuery = Static<typeof VersionListQuery>;
export const VersionList = Page(VersionSummary);
export type VersionList = Page<VersionSummary>;

/** Answer of `POST /versions`, whose body is `VersionTaggedData`. */
export const VersionTagAccepted = Type.Object(
  {
    outcome: Type.Union([Type.Literal('tagged'), Type.Literal('already_tagged')]),
    project: ProjectName,
    version: VersionName,
    bundle_digest: Sha256,
    publishes: Type.Array(Id('publish')),
  },
  closed,
);
export type VersionTagAccepted = Static<typeof VersionTagAccepted>;
