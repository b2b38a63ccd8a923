import { PublishOverrideAccepted } from '@m3/contracts';
import { apiPath } from '../api/api-client.js';
import type { Cli } from '../cli.js';
import type { Program } from '../root-command.js';
import { inWords } from '../watch/steps.js';
import { examples } from './examples.js';

/** `override PUBLISH_ID --reason TEXT`. */
export function registerOverride(parent: Program, cli: Cli): void {
  parent
    .command('override')
    .description('let a waiting publish start despite windows and freezes, where your roles allow it')
    .argument('<publish-id>')
    .requiredOption('--reason <text>', 'why; kept in the log')
    .addHelpText('after', examples('override pub_0196… --reason "fix of the outage"'))
    .action(async (id, { reason }) => {
      const options = { body: { reason }, idempotencyKey: cli.idempotencyKey };
      const reply = await cli.api.post(apiPath('publishes', id, 'override'), PublishOverrideAccepted, options);
      cli.output.result(reply, () => {
        cli.output.line(`${reply.publish_id}: it may start (${inWords(reply.status)})`);
        cli.output.note(`  → m3-publish watch ${reply.publish_id}`);
      });
    });
}
