import type { StoredTargetDocument } from '@m3/contracts';

/** How long backups of a target are kept: the newest `keep_last`, and all that are younger than `keep_days`. */
export interface Retention {
  readonly keep_last: number;
  readonly keep_days: number;
}

export const defaultRetention: Retention = { keep_last: 10, keep_days: 30 };

export function retentionOf({ backups = {} }: Pick<StoredTargetDocument, 'backups'>): Retention {
  return { ...defaultRetention, ...backups };
}

/** A backup that lies in the storage, as far as is known. */
export interface StoredBackup {
  readonly backup_id: string;
  readonly target_id: string;
  /** The publish that it was taken for. */
  readonly publish_id: string;
  readonly location: { readonly bucket: string; readonly key: string };
  /** ISO 8601. */
  readonly taken_at: string;
  /** The version that it brings back; null: none was active. */
  readonly active_version: string | null;
  /** The latest look at it found that it cannot be restored. */
  readonly broken: boolean;
}

/** What must stay whatever the retention says. */
export interface Needed {
  /** The active and the previous version: of each the newest backup stays, and the newest that is not broken. */
  readonly versions: readonly string[];
  /** Publishes that made these versions active: what they were undone with. */
  readonly publishes: readonly string[];
  /** What publishes under way refer to. */
  readonly backups: readonly string[];
}

export interface Superfluous {
  readonly backup: StoredBackup;
  readonly reason: string;
}

const dayMs = 86_400_000;

/** Backups of one target that nobody needs any more, oldest first. */
export function superfluousBackups(
  backups: readonly StoredBackup[],
  { keep_last, keep_days }: Retention,
  needed: Needed,
  now: string,
): readonly Superfluous[] {
  const newestFirst = [...backups].sort(byAge).reverse();
  const kept = new Set([...newestFirst.slice(0, keep_last), ...neededAmong(newestFirst, needed)]);
  const bound = Date.parse(now) - keep_days * dayMs;
  const reason = `older than ${keep_days} days, and not among the newest ${keep_last}`;
  return newestFirst
    .filter((backup) => !kept.has(backup) && Date.parse(backup.taken_at) < bound)
    .reverse()
    .map((backup) => ({ backup, reason }));
}

function neededAmong(newestFirst: readonly StoredBackup[], needed: Needed): readonly StoredBackup[] {
  const referred = newestFirst.filter(
    ({ backup_id, publish_id }) => needed.backups.includes(backup_id) || needed.publishes.includes(publish_id),
  );
  const ofVersions = needed.versions.flatMap((version) => {
    const all = newestFirst.filter(({ active_version }) => active_version === version);
    return [...all.slice(0, 1), ...all.filter(({ broken }) => !broken).slice(0, 1)];
  });
  return [...referred, ...ofVersions];
}

/** Identifiers begin with their time, so they settle the order of backups of one moment. */
function byAge(one: StoredBackup, other: StoredBackup): number {
  const apart = Date.parse(one.taken_at) - Date.parse(other.taken_at);
  return apart === 0 ? compare(one.backup_id, other.backup_id) : apart;
}

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));
