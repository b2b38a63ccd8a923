import type { Cli } from '../cli.js';
import type { Program } from '../root-command.js';
import { watchToTheEnd } from '../watch/watch-command.js';
import { examples } from './examples.js';
import { waitingTime } from './option-values.js';

/** `watch PUBLISH_ID…`: live until the end, through restarts of the gateway. */
export function registerWatch(parent: Program, cli: Cli): void {
  parent
    .command('watch')
    .description('follow publishes live until they end; the exit code says how')
    .argument('<publish-id...>', 'one or more publish ids')
    .option('--timeout <time>', 'stop waiting after a time such as 90s or 10m (exit code 5)', waitingTime)
    .addHelpText('after', examples('watch pub_0196…', 'watch pub_0196… --timeout 10m', 'watch pub_0196… --json'))
    .action(async (ids, { timeout }) => {
      cli.exitCode = await watchToTheEnd(cli, { ids: [...new Set(ids)], timeout, appearsWithin: 2_000 });
    });
}
