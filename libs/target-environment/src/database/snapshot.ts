import { Type, type Static } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { canonicalDigest, canonicalJson } from '@m3/contracts';
import type { CallOptions } from '../deadline.js';
import { checkedFence, type Fenced } from './deploy-release.js';
import { required, type TargetDatabase } from './target-database.js';

const Version = Type.String({ minLength: 1 });
const Checksum = Type.String({ minLength: 1 });
const closed = { additionalProperties: false } as const;
const Document = Type.Object(
  { name: Type.String(), version: Version, document: Type.Unknown(), checksum: Checksum },
  closed,
);

/**
 * Everything that serves on a target: pointer, routes, and the releases that they name with all artifacts. It holds
 * nothing that changes by itself (fence and time of activation are left out), so that a target which was put back has a
 * snapshot equal byte for byte to the one that it was put back from.
 */
export const Snapshot = Type.Object(
  {
    format: Type.Literal(1),
    schema: Type.String(),
    active_release: Type.Union([
      Type.Object({ version: Version, previous_version: Type.Union([Version, Type.Null()]) }, closed),
      Type.Null(),
    ]),
    routes: Type.Array(Type.Object({ version: Version, weight: Type.Integer({ minimum: 0, maximum: 100 }) }, closed)),
    releases: Type.Array(
      Type.Object(
        { version: Version, manifest: Type.Unknown(), checksum: Checksum, created_at: Type.String() },
        closed,
      ),
    ),
    workflows: Type.Array(
      Type.Object({ name: Type.String(), version: Version, plan: Type.Unknown(), checksum: Checksum }, closed),
    ),
    agents: Type.Array(Document),
    processors: Type.Array(Document),
  },
  closed,
);
export type Snapshot = Static<typeof Snapshot>;

const isSnapshot = TypeCompiler.Compile(Snapshot);

/** A document that is not a snapshot of a format known here. Nothing was sent to the target. */
export class InvalidSnapshotError extends Error {
  readonly code = 'invalid_snapshot';

  constructor(reason: string) {
    super(`This is not a snapshot that can be restored: ${reason}.`);
    this.name = 'InvalidSnapshotError';
  }
}

/** @throws InvalidSnapshotError */
export function parseSnapshot(value: unknown): Snapshot {
  if (isSnapshot.Check(value)) return value;
  const [first] = isSnapshot.Errors(value);
  throw new InvalidSnapshotError(`${first?.path || 'the document'} is missing or of another form`);
}

/** `sha256:` over the canonical text; equal for two targets in the same state. */
export function snapshotDigest(snapshot: Snapshot): string {
  return canonicalDigest(snapshot);
}

/** The bytes to keep: RFC 8785 canonical JSON, whose SHA-256 is {@link snapshotDigest}. */
export function snapshotText(snapshot: Snapshot): string {
  return canonicalJson(snapshot);
}

/** Reads all in one statement, hence from one database snapshot, in a fixed order. One round trip. */
export async function takeSnapshot(database: TargetDatabase, call: CallOptions): Promise<Snapshot> {
  const row = await database.row<{ snapshot: Omit<Snapshot, 'format' | 'schema'> }>(
    `select ${database.schema}.publish_snapshot() as snapshot`,
    [],
    call,
  );
  return { format: 1, schema: database.schemaName, ...required(row).snapshot };
}

export type RestoreResult = { readonly outcome: 'restored' | 'already_restored' } | Fenced;

/**
 * Puts the target back into the state of a snapshot, pointer and routes included: one transaction, one round trip.
 * Releases that the snapshot does not name stay, but no longer serve.
 * @throws InvalidSnapshotError
 */
export async function restoreSnapshot(
  database: TargetDatabase,
  { snapshot, fence }: { readonly snapshot: Snapshot; readonly fence: number },
  call: CallOptions,
): Promise<RestoreResult> {
  const text = JSON.stringify(consistent(parseSnapshot(snapshot)));
  const row = await database.row<{ result: RestoreResult }>(
    `select ${database.schema}.publish_restore($1, $2) as result`,
    [checkedFence(fence), text],
    call,
  );
  return required(row).result;
}

/** Whatever points or belongs to a release needs that release in the same snapshot. */
function consistent(snapshot: Snapshot): Snapshot {
  const known = new Set(snapshot.releases.map(({ version }) => version));
  const pointer = snapshot.active_release === null ? [] : [snapshot.active_release];
  const { routes, workflows, agents, processors } = snapshot;
  const stray = [...pointer, ...routes, ...workflows, ...agents, ...processors].find(
    ({ version }) => !known.has(version),
  );
  if (stray !== undefined) throw new InvalidSnapshotError(`it names the release ${stray.version} without holding it`);
  return snapshot;
}
