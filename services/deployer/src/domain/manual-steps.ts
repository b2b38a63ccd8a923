import type { PublishRequest } from './publish.state.js';

/** Faults of a restore after which the backup itself is of no use, however often it is tried. */
const lost: ReadonlySet<string> = new Set([
  ...['digest_mismatch', 'invalid_snapshot', 'object_missing', 'object_too_large', 'bucket_missing'],
  ...['backup_not_found', 'backup_deleted', 'backup_altered', 'backup_missing'],
]);

interface Failed {
  /** What was to be restored; null: there is no backup. */
  readonly backup_id: string | null;
  /** Why it was not. */
  readonly code: string;
  /** New executions may have been stopped for the restore, and stay so without it. */
  readonly stopped?: boolean;
}

/** What an operator does by hand when a rollback has failed: commands to be run as they stand, one after the other. */
export function manualSteps(
  { target }: Pick<PublishRequest, 'target'>,
  { backup_id, code, stopped = false }: Failed,
): string[] {
  const name = shellWord(target.name);
  const why = '--reason "put back by hand"';
  const hint = stopped ? [stoppedUntil] : [];
  const look = `m3-publish target show ${name}`;
  const history = `m3-publish history --target ${name}`;
  const release = `m3-publish target release ${name} ${why}`;
  // Without a backup nobody knows what was there: whoever looks decides which version to publish, or what else to restore.
  if (backup_id === null) return [look, history, release];
  if (lost.has(code)) return [look, `m3-publish backup list --target ${name}`, history, release, ...hint];
  return [
    look,
    `m3-publish backup restore --target ${name} --from ${backup_id} --yes`,
    `m3-publish backup record-restore ${backup_id} ${why}`,
    release,
    ...hint,
  ];
}

/** Nothing to a shell, and last, so that it is nothing either where all steps stand on one line. */
const stoppedUntil =
  '# new executions may be stopped until a backup is restored, or a version published: that lets them go on';

/** Safe in a shell whatever is in it. */
function shellWord(text: string): string {
  return /^[\w .-]+$/.test(text) ? `"${text}"` : `'${text.replaceAll("'", `'\\''`)}'`;
}
