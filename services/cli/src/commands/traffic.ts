import { TrafficLook } from '@m3/contracts';
import { apiPath } from '../api/api-client.js';
import type { Cli } from '../cli.js';
import { exitCodes } from '../exit-codes.js';
import { lookLines } from '../output/traffic.js';
import type { Program } from '../root-command.js';
import { examples } from './examples.js';

/** `traffic PUBLISH_ID`: how the version does with its share of the new executions. */
export function registerTraffic(parent: Program, cli: Cli): void {
  parent
    .command('traffic')
    .description('show how a version does with the share of new executions that it has now')
    .argument('<publish-id>')
    .addHelpText('after', examples('traffic pub_0196…', 'traffic pub_0196… --json'))
    .action(async (id) => {
      const { api, output } = cli;
      const look = await api.get(apiPath('publishes', id, 'traffic'), TrafficLook);
      output.result(look, () => {
        for (const line of lookLines(look, (iso) => output.time(iso))) output.line(line);
      });
      if (look.outcome === 'unknown') cli.exitCode = exitCodes.unknown;
    });
}
