import { PublishLogs } from '@m3/contracts';
import { apiPath } from '../api/api-client.js';
import type { Cli } from '../cli.js';
import type { Program } from '../root-command.js';
import { examples } from './examples.js';

/** `logs PUBLISH_ID`: the whole log of a publish. */
export function registerLogs(parent: Program, cli: Cli): void {
  parent
    .command('logs')
    .description('print the log of a publish')
    .argument('<publish-id>')
    .addHelpText('after', examples('logs pub_0196…', 'logs pub_0196… --json'))
    .action(async (id) => {
      const logs = await cli.api.get(apiPath('publishes', id, 'logs'), PublishLogs);
      cli.output.result(logs, () => {
        for (const { line } of logs.lines) cli.output.line(line);
      });
    });
}
