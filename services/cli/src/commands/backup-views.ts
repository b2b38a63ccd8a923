import { Option } from '@commander-js/extra-typings';
import { BackupList, BackupStatus, BackupView } from '@m3/contracts';
import { allPages } from '../api/all-pages.js';
import { apiPath } from '../api/api-client.js';
import type { Cli } from '../cli.js';
import type { Output } from '../output/output.js';
import type { CommandGroup } from '../root-command.js';
import { inWords } from '../watch/steps.js';
import { examples } from './examples.js';
import { positiveInteger } from './option-values.js';

const statuses = BackupStatus.anyOf.map((status) => status.const);

/** `backup list` and `backup show NAME`. */
export function registerBackupViews(group: CommandGroup, cli: Cli): void {
  group
    .command('list')
    .description('list backups, newest first; deleted ones stay in the list')
    .option('-t, --target <name-or-id>', 'of one target')
    .addOption(new Option('-s, --status <status>', 'with one status').choices(statuses))
    .option('--of-version <version>', 'of one version: the one that was active')
    .option('-n, --limit <count>', 'how many at most', positiveInteger, 50)
    .addHelpText('after', examples('backup list --target staging', 'backup list --status deleted --json'))
    .action(async ({ limit, ofVersion: version, ...filters }) => {
      const query = { ...filters, version };
      const items = await allPages(limit, (page) => cli.api.get('backups', BackupList, { ...query, ...page }));
      cli.output.result({ items }, () => printBackups(cli.output, items));
    });
  group
    .command('show')
    .description('show one backup: what it holds, where it lies, whether it is sound')
    .argument('<name-or-id>')
    .addHelpText('after', examples('backup show backup-production-20260319-142345'))
    .action(async (backup) => {
      const view = await cli.api.get(apiPath('backups', backup), BackupView);
      cli.output.result(view, () => printBackup(cli.output, view));
    });
}

function printBackups(output: Output, backups: readonly BackupView[]): void {
  const headings = ['Requested', 'Name', 'Target', 'Version', 'Status', 'Verified', 'Bytes', 'Id'];
  const rows = backups.map((backup) => [
    output.time(backup.requested_at),
    backup.name ?? '',
    backup.target_name,
    backup.active_version ?? '',
    output.isTerminal ? inWords(backup.status) : backup.status,
    backup.verification?.outcome ?? '',
    backup.bytes === null ? '' : String(backup.bytes),
    backup.backup_id,
  ]);
  output.table(headings, rows, 'no backups');
}

function printBackup(output: Output, backup: BackupView): void {
  const { location, verification, failure } = backup;
  const counts = Object.entries(backup.counts).map(([kind, count]) => `${count} ${kind}`);
  output.fields([
    ...present('Name', backup.name),
    ['Id', backup.backup_id],
    ['Status', backup.status],
    ['Target', `${backup.target_name} (${backup.target_id})`],
    ['Publish', backup.publish_id],
    ...present('Version', backup.active_version),
    ...present('Before', backup.previous_version),
    ['Holds', counts.join(', ') || 'nothing'],
    ...present('Lies at', location && `s3://${location.bucket}/${location.key}`),
    ...present('Digest', backup.digest),
    ...present('Taken', output.time(backup.taken_at)),
    ...present('Restored', output.time(backup.restored_at)),
    ...present('Verified', verification && verified(output, verification)),
    ...present('Deleted', backup.deleted_at && deleted(output, backup)),
    ...present('Failure', failure && `${failure.reason} (${failure.code})`),
  ]);
}

function present(name: string, value: string | null): (readonly [string, string])[] {
  return value === null || value === '' ? [] : [[name, value]];
}

function verified(output: Output, { outcome, reason, at }: NonNullable<BackupView['verification']>): string {
  return `${outcome} at ${output.time(at)}${reason === null ? '' : `: ${reason}`}`;
}

function deleted(output: Output, { deleted_at, deleted_reason }: BackupView): string {
  return `${output.time(deleted_at)}: ${deleted_reason ?? 'no reason given'}`;
}
