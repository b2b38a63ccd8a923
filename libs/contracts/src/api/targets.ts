import { Type, type Static } from '@sinclair/typebox';
import { StoredTargetDocument, TargetDocument } from '../target-document.js';
import {
  closed,
  Environment,
  Id,
  Nullable,
  PersonId,
  ProjectName,
  Reason,
  Sha256,
  TargetType,
  Timestamp,
  VersionName,
} from '../shapes.js';
import { FieldChange, TargetChange } from '../target-changes.js';
import { ReportedHealth } from '../target-health.js';
import { Page, pageQuery, TargetRef } from './page.js';
import { PublishStatus } from './publish-status.js';

/** Held goes before inactive, and inactive before unhealthy: a held target says so even when it is disabled too. */
export const TargetStatus = Type.Union([
  Type.Literal('active'),
  Type.Literal('inactive'),
  Type.Literal('held'),
  Type.Literal('unhealthy'),
]);
export type TargetStatus = Static<typeof TargetStatus>;

/** Which version a target runs now, and since when. */
export const ActiveVersion = Type.Object(
  {
    project: ProjectName,
    version: VersionName,
    previous_version: Nullable(VersionName),
    publish_id: Id('publish'),
    since: Timestamp,
  },
  closed,
);
export type ActiveVersion = Static<typeof ActiveVersion>;

const LatestPublish = Type.Object(
  {
    publish_id: Id('publish'),
    project: ProjectName,
    version: VersionName,
    status: PublishStatus,
    requested_at: Timestamp,
  },
  closed,
);

const summary = {
  target_id: Id('target'),
  name: Type.String(),
  environment: Environment,
  type: TargetType,
  region: Nullable(Type.String()),
  gateway_id: Type.String(),
  gateway_url: Type.String(),
  status: TargetStatus,
  health: Nullable(ReportedHealth),
  hold: Nullable(Type.Object({ reason: Reason, by: PersonId, since: Timestamp }, closed)),
  active: Nullable(ActiveVersion),
  latest_publish: Nullable(LatestPublish),
};
export const TargetSummary = Type.Object(summary, closed);
export type TargetSummary = Static<typeof TargetSummary>;

/** `GET /targets/{id or name}`. Of the database only host, port and name are shown, never the URL. */
export const TargetDetail = Type.Object(
  {
    ...summary,
    document: StoredTargetDocument,
    database: Type.Object({ host: Type.String(), port: Type.Integer(), name: Type.String() }, closed),
    config_digest: Sha256,
    revision: Type.Integer({ minimum: 1, description: 'version of the target; grows with each change' }),
    created_at: Timestamp,
    changed_at: Timestamp,
  },
  closed,
);
export type TargetDetail = Static<typeof TargetDetail>;

/** `GET /targets/{id}?at=TIME`: the target as it stood then, and what it ran. */
export const TargetAsOf = Type.Object(
  {
    at: Timestamp,
    target_id: Id('target'),
    name: Type.String(),
    environment: Environment,
    type: TargetType,
    status: TargetStatus,
    health: summary.health,
    hold: summary.hold,
    active: summary.active,
    document: StoredTargetDocument,
    database: Type.Object({ host: Type.String(), port: Type.Integer(), name: Type.String() }, closed),
    config_digest: Sha256,
    revision: Type.Integer({ minimum: 1 }),
    created_at: Timestamp,
    changed_at: Timestamp,
  },
  closed,
);
export type TargetAsOf = Static<typeof TargetAsOf>;
export const TargetQuery = Type.Object({ at: Type.Optional(Timestamp) }, closed);
export type TargetQuery = Static<typeof TargetQuery>;

/** `GET /targets/{id}/changes`: newest first. */
export const TargetChangesQuery = Type.Object(
  {
    before: Type.Optional(Type.Integer({ minimum: 1, description: 'only changes before this revision' })),
    limit: pageQuery.limit,
  },
  closed,
);
export type TargetChangesQuery = Static<typeof TargetChangesQuery>;
export const TargetChanges = Type.Object(
  {
    ...TargetRef.properties,
    items: Type.Array(TargetChange),
    next_before: Nullable(Type.Integer({ description: 'pass it as ?before=; null on the last page' })),
  },
  closed,
);
export type TargetChanges = Static<typeof TargetChanges>;

/** `GET /targets` */
export const TargetListQuery = Type.Object(
  {
    ...pageQuery,
    environment: Type.Optional(Environment),
    status: Type.Optional(TargetStatus),
  },
  closed,
);
export type TargetListQuery = Static<typeof TargetListQuery>;
export const TargetList = Page(TargetSummary);
export type TargetList = Page<TargetSummary>;

/** `POST /targets` with several documents; a single `TargetDocument` is accepted as it is too. */
export const TargetDocuments = Type.Object(
  { targets: Type.Array(TargetDocument, { minItems: 1, maxItems: 1000 }) },
  closed,
);
export type TargetDocuments = Static<typeof TargetDocuments>;
export const DryRunQuery = Type.Object({ dry_run: Type.Optional(Type.Boolean({ default: false })) }, closed);
export type DryRunQuery = Static<typeof DryRunQuery>;

/** Answer of `POST /targets` and `PUT /targets/{id}`: what each document changed (or would change: `dry_run`). */
export const TargetsApplied = Type.Object(
  {
    dry_run: Type.Boolean(),
    targets: Type.Array(
      Type.Object(
        {
          target_id: Id('target'),
          name: Type.String(),
          outcome: Type.Union([Type.Literal('created'), Type.Literal('changed'), Type.Literal('unchanged')]),
          revision: Nullable(Type.Integer({ minimum: 1, description: 'null where nothing was made: dry run' })),
          changes: Type.Array(FieldChange),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type TargetsApplied = Static<typeof TargetsApplied>;

/** Answer of `POST /targets/{id}/enable|disable|hold|release`. */
export const TargetAccepted = Type.Object({ target_id: Id('target') }, closed);
export type TargetAccepted = Static<typeof TargetAccepted>;
