import { TargetChanges, type TargetChange } from '@m3/contracts';
import { apiPath } from '../api/api-client.js';
import type { Cli } from '../cli.js';
import { changeText } from '../output/target-diff.js';
import type { CommandGroup } from '../root-command.js';
import { examples } from './examples.js';
import { positiveInteger } from './option-values.js';

/** `target history NAME`: who changed which fields, and when. */
export function registerTargetHistory(group: CommandGroup, cli: Cli): void {
  group
    .command('history')
    .description('list the changes of a target, newest first: who, when, field by field')
    .argument('<name-or-id>')
    .option('-n, --limit <count>', 'how many at most', positiveInteger, 20)
    .addHelpText('after', examples('target history staging', 'target history "Production US East" --limit 100 --json'))
    .action(async (name, { limit }) => {
      const items = await changesOf(cli, name, limit);
      cli.output.result({ items }, () => items.forEach((change) => printChange(cli, change)));
    });
}

async function changesOf(cli: Cli, name: string, limit: number): Promise<TargetChange[]> {
  const items: TargetChange[] = [];
  let before: number | undefined;
  for (;;) {
    const query = { limit: Math.min(limit - items.length, 200), before };
    const page: TargetChanges = await cli.api.get(apiPath('targets', name, 'changes'), TargetChanges, query);
    items.push(...page.items);
    if (page.next_before === null || items.length >= limit) return items;
    before = page.next_before;
  }
}

function printChange({ output }: Cli, { revision, what, by, at, reason, changes }: TargetChange): void {
  const why = reason === null ? '' : `: ${reason}`;
  output.line(`revision ${revision}  ${output.time(at)}  ${what} by ${by}${why}`);
  for (const { field, before, after } of changes) output.line(`    ${changeText(field, before, after)}`);
}
