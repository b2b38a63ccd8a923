import { VersionChanges } from '@m3/contracts';
import { apiPath } from '../api/api-client.js';
import type { Cli } from '../cli.js';
import { changeLines, countsText } from '../output/changes.js';
import type { CommandGroup } from '../root-command.js';
import { examples } from './examples.js';

/** `version changes PROJECT VERSION [--from VERSION]`: what a version changes against another one. */
export function registerVersionChanges(group: CommandGroup, cli: Cli): void {
  group
    .command('changes')
    .description('show what a version changes: artifacts, nodes of plans, fields')
    .argument('<project>')
    .argument('<version>')
    .option('--from <version>', 'compare with this version (default: the one before it by precedence)')
    .addHelpText(
      'after',
      examples(
        'version changes invoice-pipeline v1.3.0',
        'version changes invoice-pipeline v1.3.0 --from v1.1.0 --json',
      ),
    )
    .action(async (project, name, { from }) => {
      const path = apiPath('versions', project, name, 'changes');
      const changes = await cli.api.get(path, VersionChanges, { from });
      cli.output.result(changes, () => print(cli, changes));
    });
}

function print({ output }: Cli, changes: VersionChanges): void {
  const { project, version, from, requires_marie } = changes;
  const first = from === null ? `${version} (the first version)` : `${from.version} → ${version}`;
  output.line(`${project} ${first}: ${countsText(changes)}`, 'strong');
  if (requires_marie !== null) {
    const { before, after } = requires_marie;
    output.line(`~ requires Marie ${before ?? 'of any version'} → ${after ?? 'of any version'}`, 'warning');
  }
  for (const { text, tone } of changeLines(changes)) output.line(text, tone);
}
