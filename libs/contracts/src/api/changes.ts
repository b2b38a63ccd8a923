import { Type, type Static } from '@sinclair/typebox';
import { ArtifactKind, closed, Nullable, ProjectName, Sha256, VersionName } from '../shapes.js';

/** What one bundle changes against another: the shape that versions and plans of publishes show. */

/** One value that differs: absent where the field is not there. Secrets show as `***`. */
export const FieldDifference = Type.Object(
  {
    field: Type.String({ description: 'JSON pointer' }),
    before: Type.Optional(Type.Unknown()),
    after: Type.Optional(Type.Unknown()),
    /** A long value is given as the beginning of its text, and one that holds a secret as text without it. */
    shortened: Type.Optional(Type.Literal(true)),
  },
  closed,
);
export type FieldDifference = Static<typeof FieldDifference>;

const node = { task_id: Type.String(), query_str: Type.String() };

/** A node of a plan as a reader of a diff wants to see it. */
export const NodeLabel = Type.Object(node, closed);
export type NodeLabel = Static<typeof NodeLabel>;

/** A node that does something else than before. */
export const ChangedNode = Type.Object({ ...node, fields: Type.Array(FieldDifference) }, closed);
export type ChangedNode = Static<typeof ChangedNode>;

/** A node that waits for others than before: labels of the dependencies that came and went. */
export const RewiredNode = Type.Object(
  { ...node, added: Type.Array(Type.String()), removed: Type.Array(Type.String()) },
  closed,
);
export type RewiredNode = Static<typeof RewiredNode>;

/** How a plan's graph differs from an earlier one. A node may be both changed and rewired; nothing at all: only its ids are new. */
export const PlanDiff = Type.Object(
  {
    added: Type.Array(NodeLabel),
    removed: Type.Array(NodeLabel),
    changed: Type.Array(ChangedNode),
    rewired: Type.Array(RewiredNode),
  },
  closed,
);
export type PlanDiff = Static<typeof PlanDiff>;

const artifact = { kind: Type.Union([...ArtifactKind.anyOf, Type.Literal('test')]), name: Type.String() };

/** What happens to one artifact when a bundle takes the place of another. `before` and `after` are digests. */
export const ArtifactChange = Type.Union([
  Type.Object({ ...artifact, change: Type.Literal('new'), after: Sha256 }, closed),
  Type.Object({ ...artifact, change: Type.Literal('deleted'), before: Sha256 }, closed),
  Type.Object(
    {
      ...artifact,
      change: Type.Literal('updated'),
      before: Sha256,
      after: Sha256,
      /** What differs outside of a plan's nodes. */
      fields: Type.Array(FieldDifference),
      /** There where a plan differs. */
      plan: Type.Optional(PlanDiff),
    },
    closed,
  ),
]);
export type ArtifactChange = Static<typeof ArtifactChange>;

const count = Type.Integer({ minimum: 0 });

/** All that differs, by kind, then by name. */
export const BundleChanges = Type.Object(
  {
    counts: Type.Object({ new: count, updated: count, deleted: count, unchanged: count }, closed),
    changes: Type.Array(ArtifactChange),
    /** Entries (artifacts, nodes, fields) that were left out to keep the answer small; the counts count them. */
    omitted: count,
  },
  closed,
);
export type BundleChanges = Static<typeof BundleChanges>;

const side = Type.Object({ version: VersionName, bundle_digest: Sha256 }, closed);

/** `GET /versions/{project}/{version}/changes` */
export const VersionChanges = Type.Object(
  {
    project: ProjectName,
    ...side.properties,
    /** What it is compared with: null where it is the first version, and everything is new. */
    from: Nullable(side),
    /** The semver range of Marie that each needs, where it differs. */
    requires_marie: Nullable(Type.Object({ before: Nullable(Type.String()), after: Nullable(Type.String()) }, closed)),
    ...BundleChanges.properties,
  },
  closed,
);
export type VersionChanges = Static<typeof VersionChanges>;

/** Default of `from`: the version before it by precedence. */
export const VersionChangesQuery = Type.Object({ from: Type.Optional(VersionName) }, closed);
export type VersionChangesQuery = Static<typeof VersionChangesQuery>;
