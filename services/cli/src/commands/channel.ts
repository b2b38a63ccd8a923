import { ChannelList, ChannelTested, type ChannelRule } from '@m3/contracts';
import { apiPath } from '../api/api-client.js';
import type { Cli } from '../cli.js';
import { exitCodes } from '../exit-codes.js';
import { commandGroup, type Program } from '../root-command.js';
import { examples } from './examples.js';

/** `channel list|test`: where notifications go, and whether they get there. */
export function registerChannel(parent: Program, cli: Cli): void {
  const group = commandGroup(parent, 'channel', 'where notifications go, and whether they get there');
  group
    .command('list')
    .description('list channels, and what each is told of')
    .addHelpText('after', examples('channel list'))
    .action(async () => {
      const channels = await cli.api.get('channels', ChannelList);
      cli.output.result(channels, () => {
        const rows = channels.items.map(({ name, kind, rules }) => [name, kind, rulesText(rules)]);
        cli.output.table(['Channel', 'Kind', 'Is told of'], rows, 'no channels; nobody is told of anything');
      });
    });
  group
    .command('test')
    .description('send a test to a channel; ends with 1 when it does not get there. Nobody is paged by it')
    .argument('<channel>', 'name of the channel; `m3-publish channel list` lists them')
    .addHelpText('after', examples('channel test on-call'))
    .action(async (name) => {
      const options = { body: {}, idempotencyKey: cli.idempotencyKey };
      const tested = await cli.api.post(apiPath('channels', name, 'test'), ChannelTested, options);
      const delivered = tested.outcome === 'delivered';
      cli.output.result(tested, () => {
        const why = tested.reason === null ? '' : `: ${tested.reason}`;
        cli.output.line(`${name}: ${tested.outcome}${why}`, delivered ? 'good' : 'bad');
      });
      if (!delivered) cli.exitCode = exitCodes.failed;
    });
}

function rulesText(rules: readonly ChannelRule[]): string {
  return rules.length === 0 ? 'everything' : rules.map(ruleText).join('; ');
}

function ruleText({ events = ['*'], environments, targets }: ChannelRule): string {
  const where = [...(environments ?? []), ...(targets ?? [])];
  return `${events.join(', ')}${where.length === 0 ? '' : ` of ${where.join(', ')}`}`;
}
