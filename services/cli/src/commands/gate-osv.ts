import type { DatabaseState } from '@m3/vulnerabilities';
import { CliError } from '../cli-error.js';
import type { Cli } from '../cli.js';
import { exitCodes } from '../exit-codes.js';
import type { CommandGroup } from '../root-command.js';
import { counted } from '../output/text.js';
import { examples } from './examples.js';

/** `gate osv import`: known vulnerabilities for the security gate, from a folder of OSV records. Works offline. */
export function registerOsvImport(group: CommandGroup, cli: Cli): void {
  const osv = group
    .command('osv')
    .description('the list of known vulnerabilities that the security gate compares with');
  osv
    .command('import')
    .description('take in OSV records (an all.zip of osv.dev, unpacked); replaces the list, all or nothing')
    .argument('<dir>', 'folder with OSV records, one JSON file each, at any depth')
    .option('--to <dir>', 'folder of the list, as the gates service reads it; better kept in VULNERABILITY_DATABASE')
    .addHelpText('after', examples('gate osv import ./PyPI --to /var/lib/m3-publish/vulnerabilities'))
    .action(async (source, { to }) => {
      const folder = to ?? cli.surroundings.env['VULNERABILITY_DATABASE'];
      if (folder === undefined || folder === '') {
        throw new CliError('vulnerability_folder_missing', 'it is not said where the list is kept', {
          ...{ field: 'to', remedy: 'give --to or VULNERABILITY_DATABASE: the folder that the gates service reads' },
        });
      }
      const state = await importFrom(source, folder);
      cli.output.result(state, () => cli.output.line(importedText(state)));
    });
}

async function importFrom(source: string, folder: string): Promise<DatabaseState> {
  const { importDatabase, ImportRefused } = await import('@m3/vulnerabilities');
  try {
    return await importDatabase(source, folder, new Date());
  } catch (error) {
    if (!(error instanceof ImportRefused)) throw error;
    throw new CliError(error.code, `nothing was imported: ${error.message}`, {
      remedy: 'download the records again from osv.dev, and import the unpacked folder',
      exitCode: exitCodes.failed,
    });
  }
}

function importedText({ records, ecosystems, newest_record }: DatabaseState): string {
  const parts = Object.entries(ecosystems).map(([name, count]) => `${name} ${count}`);
  return `${counted(records, 'record')} imported (${parts.join(', ')}); the newest is of ${newest_record.slice(0, 10)}`;
}
