import { OverrideAccepted, PublishDetail } from '@m3/contracts';
import { apiPath } from '../api/api-client.js';
import { CliError } from '../cli-error.js';
import type { Cli } from '../cli.js';
import { printGates } from '../output/gates.js';
import { commandGroup, type Program } from '../root-command.js';
import { examples } from './examples.js';
import { registerOsvImport } from './gate-osv.js';

/** `gate …`: the quality gates of a publish, and what they compare with. */
export function registerGate(parent: Program, cli: Cli): void {
  const group = commandGroup(parent, 'gate', 'the quality gates of a publish: look at them, override one');
  group
    .command('list')
    .description('show the gates of a publish: result, duration, findings; those that run, and those that do not')
    .argument('<publish-id>')
    .addHelpText('after', examples('gate list pub_0196…', 'gate list pub_0196… --json'))
    .action(async (id) => {
      const { publish_id, gates } = await cli.api.get(apiPath('publishes', id), PublishDetail);
      cli.output.result({ publish_id, gates }, () => {
        if (gates === null) cli.output.note('the quality gates have not begun');
        else printGates(cli.output, gates);
      });
    });
  group
    .command('override')
    .description('let a publish go on although a gate did not pass; the target says which roles may')
    .argument('<publish-id>')
    .argument('<gate>', 'name of the gate, as `gate list` shows it')
    .requiredOption('--reason <text>', 'why; kept in the log')
    .addHelpText('after', examples('gate override pub_0196… security --reason "the key is revoked"'))
    .action(async (id, gate, { reason }) => {
      if (gate === '') throw new CliError('gate_missing', 'name the gate to override', { field: 'gate' });
      const options = { body: { reason }, idempotencyKey: cli.idempotencyKey };
      const path = apiPath('publishes', id, 'gates', gate, 'override');
      const reply = await cli.api.post(path, OverrideAccepted, options);
      cli.output.result(reply, () => cli.output.line(overrideText(reply)));
    });
  registerOsvImport(group, cli);
}

function overrideText({ publish_id, gate, remaining }: OverrideAccepted): string {
  const rest = remaining.length === 0 ? 'the publish goes on' : `still to override: ${remaining.join(', ')}`;
  return `${publish_id}: ${gate} is overridden; ${rest}`;
}
