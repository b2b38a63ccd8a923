import { PublishWhy } from '@m3/contracts';
import { apiPath } from '../api/api-client.js';
import type { Cli } from '../cli.js';
import type { Program } from '../root-command.js';
import { inWords } from '../watch/steps.js';
import { examples } from './examples.js';

/** `why PUBLISH_ID`: what a publish waits for, since when, and who can move it. */
export function registerWhy(parent: Program, cli: Cli): void {
  parent
    .command('why')
    .description('say what a publish waits for, since when, and who or what can move it')
    .argument('<publish-id>')
    .addHelpText('after', examples('why pub_0196…'))
    .action(async (id) => {
      const why = await cli.api.get(apiPath('publishes', id, 'why'), PublishWhy);
      cli.output.result(why, () => printWhy(cli, why));
    });
}

function printWhy({ output }: Cli, why: PublishWhy): void {
  output.line(why.explanation, 'strong');
  output.fields([
    ['Status', output.isTerminal ? inWords(why.status) : why.status],
    ...(why.since === null ? [] : [['Since', output.time(why.since)] as const]),
    ...(why.deadline_at === null ? [] : [['Fails at', output.time(why.deadline_at)] as const]),
    ...(why.resume_at === null ? [] : [['Goes on at', output.time(why.resume_at)] as const]),
    ...why.can_be_moved_by.map(({ who, how }) => ['Moved by', `${who}: ${how}`] as const),
  ]);
}
