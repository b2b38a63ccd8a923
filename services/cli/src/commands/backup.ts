import { RestoredByHandAccepted } from '@m3/contracts';
import { apiPath } from '../api/api-client.js';
import type { Cli } from '../cli.js';
import { commandGroup, type CommandGroup, type Program } from '../root-command.js';
import { registerBackupRestore } from './backup-restore.js';
import { registerBackupVerify } from './backup-verify.js';
import { registerBackupViews } from './backup-views.js';
import { examples } from './examples.js';

/** `backup …`: snapshots of targets, and putting targets back to them. */
export function registerBackup(parent: Program, cli: Cli): void {
  const group = commandGroup(parent, 'backup', 'snapshots of targets: list, show, verify, restore by hand');
  registerBackupViews(group, cli);
  registerBackupVerify(group, cli);
  registerBackupRestore(group, cli);
  registerRecordRestore(group, cli);
}

function registerRecordRestore(group: CommandGroup, cli: Cli): void {
  group
    .command('record-restore')
    .description('tell the log of a restore by hand; the target has to equal the backup')
    .argument('<name-or-id>', 'the backup')
    .requiredOption('--reason <text>', 'why; kept in the log')
    .addHelpText('after', examples('backup record-restore bkp_0196… --reason "the rollback of v1.3.0 failed"'))
    .action(async (backup, { reason }) => {
      const options = { body: { reason }, idempotencyKey: cli.idempotencyKey };
      const reply = await cli.api.post(apiPath('backups', backup, 'restored'), RestoredByHandAccepted, options);
      const active = reply.active_version ?? 'nothing';
      cli.output.result(reply, () => cli.output.line(`recorded: ${active} is active again`));
    });
}
