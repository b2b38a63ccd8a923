import { PublishRetryAccepted } from '@m3/contracts';
import { apiPath } from '../api/api-client.js';
import type { Cli } from '../cli.js';
import type { Program } from '../root-command.js';
import { watchToTheEnd } from '../watch/watch-command.js';
import { examples } from './examples.js';

/** `retry PUBLISH_ID`. */
export function registerRetry(parent: Program, cli: Cli): void {
  parent
    .command('retry')
    .description('do a publish again that ended without success: a new one, linked to it')
    .argument('<publish-id>')
    .option('--reason <text>', 'why; default: as before')
    .option('--watch', 'wait until it has ended')
    .addHelpText('after', examples('retry pub_0196… --watch'))
    .action(async (id, { reason = null, watch }) => {
      const options = { body: { reason }, idempotencyKey: cli.idempotencyKey };
      const reply = await cli.api.post(apiPath('publishes', id, 'retry'), PublishRetryAccepted, options);
      if (watch === true) {
        cli.exitCode = await watchToTheEnd(cli, { ids: [reply.publish_id], timeout: undefined, appearsWithin: 10_000 });
        return;
      }
      cli.output.result(reply, () => {
        cli.output.line(`${reply.publish_id}: does ${reply.retry_of} again`);
        cli.output.note(`  → m3-publish watch ${reply.publish_id}`);
      });
    });
}
