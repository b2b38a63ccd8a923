import { PublishCancelAccepted } from '@m3/contracts';
import { apiPath } from '../api/api-client.js';
import type { Cli } from '../cli.js';
import type { Program } from '../root-command.js';
import { watchToTheEnd } from '../watch/watch-command.js';
import { inWords } from '../watch/steps.js';
import { examples } from './examples.js';
import { exitCodes } from '../exit-codes.js';

/** `cancel PUBLISH_ID --reason TEXT`. */
export function registerCancel(parent: Program, cli: Cli): void {
  parent
    .command('cancel')
    .description('cancel a publish: before activation nothing remains, after it the target is rolled back')
    .argument('<publish-id>')
    .requiredOption('--reason <text>', 'why; kept in the log')
    .option('--watch', 'wait until it has ended (exit code 6: cancelled)')
    .addHelpText('after', examples('cancel pub_0196… --reason "wrong version"'))
    .action(async (id, { reason, watch }) => {
      const options = { body: { reason }, idempotencyKey: cli.idempotencyKey };
      const reply = await cli.api.post(apiPath('publishes', id, 'cancel'), PublishCancelAccepted, options);
      if (watch !== true) {
        cli.output.result(reply, () => {
          cli.output.line(`${reply.publish_id}: cancellation accepted (${inWords(reply.status)})`);
          cli.output.note(`  → m3-publish watch ${reply.publish_id}`);
        });
        return;
      }
      const ended = await watchToTheEnd(cli, { ids: [id], timeout: undefined, appearsWithin: 2_000 });
      cli.exitCode = ended === exitCodes.ok ? exitCodes.failed : ended;
    });
}
