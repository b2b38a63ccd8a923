import type { PublishRequest } from './publish.state.js';

/** What an operator does by hand when a rollback has failed: commands to be run as they stand, one after the other. */
export function manualSteps({ target }: Pick<PublishRequest, 'target'>, backup_id: string | null): string[] {
  const name = shellWord(target.name);
  const why = '--reason "put back by hand"';
  const look = `m3-publish target show ${name}`;
  const release = `m3-publish target release ${name} ${why}`;
  // Without a backup nobody knows what was there: whoever looks decides which version to publish.
  if (backup_id === null) return [look, `m3-publish history --target ${name}`, release];
  return [
    look,
    `m3-publish backup restore --target ${name} --from ${backup_id} --yes`,
    `m3-publish backup record-restore ${backup_id} ${why}`,
    release,
  ];
}

/** Safe in a shell whatever is in it. */
function shellWord(text: string): string {
  return /^[\w .-]+$/.test(text) ? `"${text}"` : `'${text.replaceAll("'", `'\\''`)}'`;
}
